import { openSync } from "fontkit";
import { isRadical } from "./cmap.ts";
import { FONT_FILES } from "./fonts.ts";

let printable: Set<number> | null = null;

/** Code points with a glyph in every weight that is printed with; read from the fonts' cmaps once (about 40 ms). */
export function printableCodePoints(): ReadonlySet<number> {
  if (printable) return printable;
  const [first, ...others] = FONT_FILES.map((file) => new Set(openSync(file).characterSet));
  printable = new Set([...first!].filter((point) => !isRadical(point) && others.every((set) => set.has(point))));
  for (const space of "\t\n\r") printable.add(space.codePointAt(0)!);
  return printable;
}

/**
 * The code points of `text`, each once, that would print as an empty box. Lone surrogates are among them.
 * Cheap: a set look-up a character.
 */
export function missingGlyphs(text: string): number[] {
  const known = printableCodePoints();
  const missing = new Set<number>();
  for (const char of text) {
    const point = char.codePointAt(0)!;
    if (!known.has(point)) missing.add(point);
  }
  return [...missing];
}

/** `U+E123`, as Unicode writes it. */
export const codePointName = (point: number): string => `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;

/** The text with each unprintable character replaced by its code point in brackets, so that it is said rather than lost. */
export function spellUnprintable(text: string): string {
  const known = printableCodePoints();
  return Array.from(text, (char) => (known.has(char.codePointAt(0)!) ? char : `[${codePointName(char.codePointAt(0)!)}]`)).join("");
}

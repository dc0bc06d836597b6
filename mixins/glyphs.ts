import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { openSync } from "fontkit";

/** The package of the fonts; its folder has them. */
export const FONT_PACKAGE = createRequire(import.meta.url).resolve("@expo-google-fonts/noto-sans-sc/package.json");
const file = (name: string): string => join(dirname(FONT_PACKAGE), name);
/** The only fonts an agreement is printed with (docs/decisions/fonts.md). TrueType, so that the PDF holds CID TrueType subsets. */
export const FONT_FILES = [file("400Regular/NotoSansSC_400Regular.ttf"), file("700Bold/NotoSansSC_700Bold.ttf")] as const;

/**
 * Kangxi radicals and CJK radicals, which the font draws with the glyph of the ordinary character (⼦ U+2F26 and 子 U+5B50). Nobody can
 * tell them apart, no name is written with them, and whoever searches for the name finds nothing: they count as unprintable.
 */
const isRadical = (point: number): boolean => point >= 0x2e80 && point <= 0x2fdf;

let printable: Set<number> | null = null;
/** 1 where a single UTF-16 unit is a printable character by itself. */
const printableUnits = new Uint8Array(0x10000);

/** Code points with a glyph in every weight that is printed with; read from the fonts' cmaps once (about 40 ms). */
export function printableCodePoints(): ReadonlySet<number> {
  if (printable) return printable;
  const [first, ...others] = FONT_FILES.map((path) => new Set(openSync(path).characterSet));
  printable = new Set([...first!].filter((point) => !isRadical(point) && others.every((set) => set.has(point))));
  for (const space of "\t\n\r") printable.add(space.codePointAt(0)!);
  for (const point of printable) if (point < printableUnits.length) printableUnits[point] = 1;
  return printable;
}

/**
 * The code points of `text`, each once, that would print as an empty box. Lone surrogates are among them.
 * Cheap, since the whole agreement of every process passes here: a table look-up a character.
 */
export function missingGlyphs(text: string): number[] {
  const known = printableCodePoints();
  const missing = new Set<number>();
  for (let at = 0; at < text.length; at += 1) {
    if (printableUnits[text.charCodeAt(at)]) continue;
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at += 1;
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

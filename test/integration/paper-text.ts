import { PDF } from "@libpdf/core";

/** Points; the margins of the print sheet, within which the running text stands (28 mm and 26 mm). */
const MM = 72 / 25.4;
const [TOP, BOTTOM] = [28 * MM, 26 * MM];

/** One printed page: what is set on it, and what runs at its head and foot. All white space is left out. */
export interface PaperPage {
  text: string;
  running: string;
}

/**
 * Reads a PDF as a reader does who copies: each glyph by the font's ToUnicode, in the order in which they were drawn. Replacement texts
 * (ActualText) are not looked at, since many readers do not know them.
 */
export async function paperPages(pdf: Buffer): Promise<PaperPage[]> {
  return (await PDF.load(pdf)).getPages().map((page) => {
    const chars = page.extractText().lines.flatMap((line) => line.spans.flatMap((span) => span.chars));
    chars.sort((a, b) => a.sequenceIndex! - b.sequenceIndex!);
    const set = ({ baseline }: { baseline: number }) => baseline > BOTTOM && baseline < page.height - TOP;
    const joined = (some: typeof chars) => unspaced(some.map(({ char }) => char).join(""));
    return { text: joined(chars.filter(set)), running: joined(chars.filter((char) => !set(char))) };
  });
}

/** A line's end is no space and a table's cell no line: only what is not white space can be compared. */
export const unspaced = (text: string): string => text.replace(/\s+/gu, "");

/** `D:20261124153000+00'00'`, as Chromium writes it. */
const DATE_LENGTH = "D:YYYYMMDDHHmmSS+00'00'".length;

/** A PDF date in UTC, to the second. */
export const pdfDate = (at: Date): string => `D:${at.toISOString().slice(0, 19).replace(/[-T:]/g, "")}+00'00'`;

/**
 * Replaces creation and modification date, the only bytes of Chromium's PDF that differ between two prints, by the same number
 * of bytes: no offset moves.
 * @throws Error when the PDF does not have each exactly once in the known form; another Chromium would need a look
 */
export function fixPdfDates(pdf: Buffer, at: Date): Buffer {
  const fixed = Buffer.from(pdf);
  for (const key of ["/CreationDate (", "/ModDate ("]) {
    const start = fixed.indexOf(key, 0, "latin1");
    const again = fixed.indexOf(key, start + 1, "latin1");
    const from = start + key.length;
    const old = fixed.toString("latin1", from, from + DATE_LENGTH);
    if (start < 0 || again >= 0 || !/^D:\d{14}\+00'00'$/.test(old)) throw new Error(`the PDF has no single ${key.slice(1, -2)} in the known form`);
    fixed.write(pdfDate(at), from, "latin1");
  }
  return fixed;
}

import { readFileSync } from "node:fs";
import { access, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { randomBytes } from "node:crypto";
import { FONT_FILES, FONT_PACKAGE } from "../../mixins/glyphs.ts";
import { withOwnGlyphs } from "./own-glyphs.ts";

/** The family of FONT_FILES. */
export const FONT_FAMILY = "Noto Sans SC";

/** Names the way in which the fonts are reworked: another way lays them out in another folder. */
const REWORKING = "own-glyphs-2";

/**
 * Lays the fonts out for printing, each code point with a glyph of its own (own-glyphs.ts), and answers a fontconfig configuration
 * that knows these fonts and nothing of the host: the same PDF on every machine.
 * @param folder where several platforms may lay them out at once; made once for each version of the package
 */
export async function fontconfig(folder: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(FONT_PACKAGE, "utf8")) as { version: string };
  const fonts = join(folder, `fonts-${version}-${REWORKING}`);
  await mkdir(fonts, { recursive: true, mode: 0o700 });
  for (const file of FONT_FILES) await layOut(file, join(fonts, basename(file)));
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${xml(fonts)}</dir>
  <cachedir>${xml(join(folder, "font-cache"))}</cachedir>
</fontconfig>
`;
}

/** A file that is there is whole: it came by a rename. */
async function layOut(source: string, target: string): Promise<void> {
  if (await access(target).then(() => true, () => false)) return;
  const draft = `${target}.${randomBytes(6).toString("hex")}.draft`;
  try {
    await writeFile(draft, withOwnGlyphs(await readFile(source)), { mode: 0o600 });
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
}

const xml = (text: string): string => text.replace(/[&<>]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char]!);

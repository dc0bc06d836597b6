import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A value nobody may find, with the name a finding is reported under. */
export interface Secret {
  name: string;
  value: string;
  /** Few enough values to try them all: six digits, a mobile. Its plain hash would give it away. */
  guessable: boolean;
}

/**
 * The forms in which the value could lie in bytes. Base64 has three, by where in a longer text it starts; the outer characters, which
 * mix with the neighbours, are left off. URL encoding changes none of the values: digits and base64url characters stand for themselves.
 */
function forms({ value, guessable }: Secret): [form: string, bytes: Buffer][] {
  const text = Buffer.from(value);
  const base64 = [0, 1, 2].map((start): [string, Buffer] => {
    const encoded = Buffer.concat([Buffer.alloc(start), text]).toString("base64").replace(/=+$/, "");
    return [`base64 at ${start}`, Buffer.from(encoded.slice(start === 0 ? 0 : start + 1, -1))];
  });
  const hash = createHash("sha256").update(text);
  const utf16 = Buffer.from(value, "utf16le");
  const hashes = guessable ? (["hex", "base64", "base64url"] as const).map((as): [string, Buffer] => [`SHA-256 in ${as}`, Buffer.from(hash.copy().digest(as))]) : [];
  const all: [string, Buffer][] = [["as it is", text], ["hex", Buffer.from(text.toString("hex"))], ["UTF-16LE", utf16], ["UTF-16BE", Buffer.from(utf16).swap16()], ...base64, ...hashes];
  // Four bytes, as UTF-16 makes of a name of two characters, stand somewhere in a megabyte by chance.
  return all.filter(([, bytes]) => bytes.length >= 6);
}

/**
 * Six digits stand by chance in any long number, hash or offset. A code counts where it stands as a word of its own, as it does in
 * JSON ("654312"), in a sentence and in a query; a Chinese character beside it is no part of the word. Bytes above 127 are no letters here,
 * so that binary neighbours do not hide it.
 */
const asWord = (code: string): RegExp => new RegExp(`(?<![0-9A-Za-z_.+/-])${code}(?![0-9A-Za-z_.+/-])`);

/** The findings in one heap of bytes: `where: name (form)`. */
export function findings(where: string, bytes: Buffer, secrets: readonly Secret[]): string[] {
  const latin1 = bytes.toString("latin1");
  return secrets.flatMap((secret) => {
    // Short values: the encoded forms of six digits are short too, and would be found by chance.
    if (/^\d{6}$/.test(secret.value)) {
      const hashed = forms(secret).filter(([form, needle]) => form.startsWith("SHA-256") && bytes.includes(needle));
      return [...(asWord(secret.value).test(latin1) ? [`${where}: ${secret.name} (a word)`] : []), ...hashed.map(([form]) => `${where}: ${secret.name} (${form})`)];
    }
    return forms(secret)
      .filter(([, needle]) => bytes.includes(needle))
      .map(([form]) => `${where}: ${secret.name} (${form})`);
  });
}

/** Every file below a folder, with what was found in it. */
export function scanFolder(folder: string, secrets: readonly Secret[]): { files: string[]; found: string[] } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const names = files.map((file) => relative(folder, file));
  // A file's name may give something away as well as its bytes.
  const found = files.flatMap((file, at) => [...findings(names[at]!, bytesOf(file), secrets), ...findings("a file's name", Buffer.from(names[at]!), secrets)]);
  return { files: names, found };
}

/** The browser of a killed platform is ending and takes its profile with it: what is gone holds nothing. */
function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

import { zipSync } from "fflate";
import { Broken } from "../../../cli/verify/finding.ts";
import { readContainer } from "../../../cli/verify/zip-reader.ts";
import { writeZip } from "../../../services/evidence/bundle-zip.ts";

const text = (words: string) => Buffer.from(words);
const sound = () => writeZip(new Map([["a.txt", text("first")], ["b.txt", text("second")]]));

/** What the reader says of a file: `CODE where` of the refusal or of its problems. */
function verdict(zip: Uint8Array): string[] {
  try {
    return readContainer(zip).problems.map(({ code, where }) => `${code} ${where}`);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return [`${error.problem.code} ${error.problem.where}`];
  }
}
/** The file with something written anew, at a distance from the start of the n-th central header. */
function central(zip: Buffer, entry: number, offset: number, write: (zip: Buffer, at: number) => void): Buffer {
  let at = -1;
  for (let i = 0; i <= entry; i++) at = zip.indexOf("504b0102", at + 1, "hex");
  write(zip, at + offset);
  return zip;
}

test("members come out as they went in", () => {
  const { members, repacked, problems } = readContainer(sound());
  expect([...members].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([["a.txt", "first"], ["b.txt", "second"]]);
  expect({ repacked, problems }).toEqual({ repacked: false, problems: [] });
});

test("entries for folders hold nothing and are passed over", () => {
  expect([...readContainer(zipSync({ "certs/": new Uint8Array(0), "certs/seal.pem": text("x") })).members.keys()]).toEqual(["certs/seal.pem"]);
});

test.each<[string, () => Uint8Array, string]>([
  ["nothing", () => Buffer.alloc(0), "ZIP_UNREADABLE zip"],
  ["something else", () => text("%PDF-1.7 and a lot of other text"), "ZIP_UNREADABLE zip"],
  ["half a file", () => sound().subarray(0, 80), "ZIP_UNREADABLE zip"],
  ["bytes behind the end", () => Buffer.concat([sound(), text("x")]), "ZIP_UNREADABLE zip"],
  ["bytes in front of the first member", () => Buffer.concat([text("x"), sound()]), "ZIP_STRUCTURE"],
  ["a path out of the folder", () => zipSync({ "../evil.txt": text("x") }), 'ZIP_PATH "../evil.txt"'],
  ["an absolute path", () => zipSync({ "/etc/x": text("x") }), 'ZIP_PATH "/etc/x"'],
  ["a path with a backslash", () => zipSync({ "a\\b": text("x") }), 'ZIP_PATH "a\\\\b"'],
  ["a hidden file", () => zipSync({ ".hidden": text("x") }), 'ZIP_PATH ".hidden"'],
  ["a name that steers a terminal", () => zipSync({ "\u001b[2J": text("x") }), 'ZIP_PATH "\\u001b[2J"'],
  ["names that differ in case only", () => zipSync({ "A.txt": text("x"), "a.txt": text("y") }), "ZIP_DUPLICATE a.txt"],
  ["one name twice", () => Buffer.from(sound().toString("latin1").replaceAll("b.txt", "a.txt"), "latin1"), "ZIP_DUPLICATE a.txt"],
  ["more members than a bundle has", () => zipSync(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, text("x")]))), "ZIP_TOO_LARGE zip"],
  ["a bomb that announces its size", () => zipSync({ "bomb.txt": new Uint8Array(40 * 1024 * 1024) }), "ZIP_TOO_LARGE bomb.txt"],
  ["a bomb that lies about its size", () => lying(new Uint8Array(1024 * 1024), 10), "ZIP_CONTENT bomb.txt"],
  ["a member shorter than it says", () => lying(text("short"), 100), "ZIP_CONTENT bomb.txt"],
  ["an encrypted member", () => central(sound(), 0, 8, (zip, at) => zip.writeUInt16LE(1, at)), "ZIP_STRUCTURE a.txt"],
  ["an unknown compression", () => unknownMethod(), "ZIP_CONTENT a.txt"],
  ["another name in the table", () => central(sound(), 1, 46, (zip, at) => zip.write("c", at)), "ZIP_STRUCTURE c.txt"],
  ["a table that leaves out a member", () => central(sound(), 1, 42, (zip, at) => zip.writeUInt32LE(0, at)), "ZIP_STRUCTURE b.txt"],
  ["content changed under its checksum", () => Buffer.from(sound().toString("latin1").replace("second", "sEcond"), "latin1"), "ZIP_CRC b.txt"],
  ["another date", () => central(sound(), 0, 12, (zip, at) => zip.writeUInt16LE(7, at)), "ZIP_ALTERED zip"],
  ["a comment of somebody else", () => Buffer.from(sound().toString("latin1").replace("esign-bundle/1", "esign-bundle/9"), "latin1"), "ZIP_COMMENT zip"],
])("a file with %s is refused by name", (_title, make, complaint) => {
  expect(verdict(make()).join()).toContain(complaint);
});

/** A deflated member whose headers both announce another size. */
function lying(content: Uint8Array, announced: number): Buffer {
  const zip = Buffer.from(zipSync({ "bomb.txt": content }, { level: 9 }));
  zip.writeUInt32LE(announced, 22);
  return central(zip, 0, 24, (bytes, at) => bytes.writeUInt32LE(announced, at));
}
function unknownMethod(): Buffer {
  const zip = sound();
  zip.writeUInt16LE(12, 8);
  return central(zip, 0, 10, (bytes, at) => bytes.writeUInt16LE(12, at));
}

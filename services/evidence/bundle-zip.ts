import { zipSync } from "fflate";
import { BUNDLE_FORMAT } from "./bundle-format.ts";

/**
 * The one container of these members: sorted by name, not compressed, one fixed date, the format's name as the archive's comment.
 * Not compressed, so that the bytes do not depend on a compressor's version and a verifier can demand them bit by bit
 * wherever the comment says that this file is the original and not somebody's repacking.
 */
export function writeZip(members: ReadonlyMap<string, Uint8Array>): Buffer {
  const sorted = Object.fromEntries([...members].sort(([a], [b]) => (a < b ? -1 : 1)));
  // The local constructor on purpose: the container stores local calendar fields, and these are the same in every time zone.
  const zip = Buffer.from(zipSync(sorted, { level: 0, mtime: new Date(1980, 0, 1, 12) }));
  const comment = Buffer.from(BUNDLE_FORMAT, "latin1");
  zip.writeUInt16LE(comment.length, zip.length - 2);
  return Buffer.concat([zip, comment]);
}

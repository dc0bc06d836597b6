import { crc32, inflateRawSync } from "node:zlib";
import { BUNDLE_FORMAT } from "../../services/evidence/bundle-format.ts";
import { writeZip } from "../../services/evidence/bundle-zip.ts";
import { Broken, type Problem } from "./finding.ts";
import { walkEntries, type Entry } from "./zip-entries.ts";

const MIB = 1024 * 1024;
/** Far above any bundle, far below what hurts: the sizes an entry announces are limits, and inflating stops at them. */
const LIMITS = { archive: 64 * MIB, member: 32 * MIB, members: 100 };

export interface Container {
  members: Map<string, Uint8Array>;
  /** Not byte for byte what the platform wrote. */
  repacked: boolean;
  problems: Problem[];
}

/**
 * The members of a bundle. A file that carries the platform's mark must be the platform's bytes to the last bit; one that somebody
 * unpacked and packed again has no mark, is read with the same care and judged by its members.
 * @throws Broken when it is no zip, or one whose parts contradict each other
 */
export function readContainer(bytes: Uint8Array): Container {
  if (bytes.length > LIMITS.archive) throw new Broken("ZIP_TOO_LARGE", "zip", "文件过大，不是本平台的证据包");
  const { entries, comment } = walkEntries(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  if (entries.length > LIMITS.members) throw new Broken("ZIP_TOO_LARGE", "zip", "文件数量过多，不是本平台的证据包");
  let left = LIMITS.archive;
  const members = new Map<string, Uint8Array>();
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const entry of entries) {
    const { name, size } = entry;
    if (!safe(name)) throw new Broken("ZIP_PATH", quoted(name), "文件名不安全或不规范");
    if (names.has(name.toLowerCase())) throw new Broken("ZIP_DUPLICATE", name, "同名文件出现两次");
    names.add(name.toLowerCase());
    // Packers add entries for folders; they hold nothing.
    if (name.endsWith("/") && size === 0) continue;
    if (size > LIMITS.member || size > left) throw new Broken("ZIP_TOO_LARGE", name, "文件解压后过大");
    left -= size;
    const content = extract(entry);
    if (crc32(content) !== entry.crc) problems.push({ code: "ZIP_CRC", where: name, message: "文件内容与其校验码不符" });
    members.set(name, content);
  }
  const mark = comment.toString("latin1");
  if (mark === BUNDLE_FORMAT && problems.length === 0 && !writeZip(members).equals(bytes)) {
    problems.push({ code: "ZIP_ALTERED", where: "zip", message: "压缩包的结构信息被改动（不是平台写出的原样）" });
  }
  if (mark !== BUNDLE_FORMAT && mark !== "") problems.push({ code: "ZIP_COMMENT", where: "zip", message: "压缩包注释不是平台的标记" });
  return { members, repacked: mark !== BUNDLE_FORMAT, problems };
}

const safe = (name: string): boolean => /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\/?$/.test(name) && name.length <= 200;

/** A hostile name must not reach a terminal as it is. */
const quoted = (name: string): string => JSON.stringify(name.slice(0, 80)).replace(/[^\x20-\x7e]/g, "?");

function extract({ name, method, size, packed }: Entry): Uint8Array {
  if (method === 0 && packed.length === size) return packed;
  if (method === 8) {
    try {
      const content = inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
      if (content.length === size) return content;
    } catch {
      // Not deflate, or more than it announced: the same verdict as a wrong size.
    }
  }
  throw new Broken("ZIP_CONTENT", name, "文件无法按其声明的方式和大小解压");
}

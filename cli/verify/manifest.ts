import { X509Certificate } from "node:crypto";
import { BUNDLE_FORMAT, MEMBER, sha256Hex, type Manifest } from "../../services/evidence/bundle-format.ts";
import { manifestSignatureHolds } from "../../services/evidence/manifest-signature.ts";
import { Broken, given, type Problem } from "./finding.ts";
import { hasMembers, isObject, isSha256, readJson } from "./json-member.ts";
import { member, type Subject } from "./subject.ts";

const UNLISTED: readonly string[] = [MEMBER.manifest, MEMBER.manifestSignature];
const NEEDED: readonly string[] = [MEMBER.evidence, MEMBER.certificates, MEMBER.readme];

/** manifest.json is of the format, and lists what every bundle has. */
export function readManifest(subject: Subject): Problem[] {
  const value = readJson(member(given(subject.members), MEMBER.manifest), MEMBER.manifest);
  const sound =
    isObject(value) &&
    hasMembers(value, ["format", "files"]) &&
    value["format"] === BUNDLE_FORMAT &&
    isObject(value["files"]) &&
    Object.values(value["files"]).every(isSha256);
  if (!sound) throw new Broken("MANIFEST_FORMAT", MEMBER.manifest, `不是 ${BUNDLE_FORMAT} 格式的清单`);
  const manifest = value as unknown as Manifest;
  subject.manifest = manifest;
  const listed = Object.keys(manifest.files);
  return [
    ...NEEDED.filter((path) => !listed.includes(path)).map((path) => problem("MANIFEST_FORMAT", path, "清单未列出该文件")),
    ...UNLISTED.filter((path) => listed.includes(path)).map((path) => problem("MANIFEST_FORMAT", path, "清单不应列出该文件")),
  ];
}

/** Every listed member is there with its hash, and nothing else is. */
export function compareMembers(subject: Subject): Problem[] {
  const members = given(subject.members);
  const { files } = given(subject.manifest);
  const listed = Object.entries(files).flatMap(([path, hash]) => {
    const bytes = members.get(path);
    if (!bytes) return [problem("MEMBER_MISSING", path, "清单列出的文件不在包内")];
    return sha256Hex(bytes) === hash ? [] : [problem("MEMBER_HASH", path, "文件内容与清单中的 SHA-256 不符")];
  });
  const extra = [...members.keys()].filter((path) => !UNLISTED.includes(path) && !Object.hasOwn(files, path));
  return [...listed, ...extra.map((path) => problem("MEMBER_EXTRA", path, "包内文件未列入清单"))];
}

/** manifest.sig is a signature over the manifest's bytes by the first certificate of certs/seal.pem. */
export function checkManifestSignature(subject: Subject): Problem[] {
  const members = given(subject.members);
  const manifest = member(members, MEMBER.manifest);
  const signature = member(members, MEMBER.manifestSignature);
  subject.certificates = certificatesOf(Buffer.from(member(members, MEMBER.certificates)).toString("latin1"));
  const [leaf] = subject.certificates;
  if (!leaf) throw new Broken("CERT_UNREADABLE", MEMBER.certificates, "没有可读的封签证书");
  if (manifestSignatureHolds(manifest, signature, leaf.publicKey)) return [];
  return [problem("MANIFEST_SIGNATURE", `${MEMBER.manifest}, ${MEMBER.manifestSignature}`, "清单签名不成立：清单、签名或证书被改动")];
}

/** Every certificate of a PEM text, in order. @throws Broken for one that cannot be read */
export function certificatesOf(pem: string, where: string = MEMBER.certificates): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw new Broken("CERT_UNREADABLE", where, "证书无法读取");
  }
}

const problem = (code: string, where: string, message: string): Problem => ({ code, where, message });

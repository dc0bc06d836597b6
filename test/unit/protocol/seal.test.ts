import { createHash, createPublicKey, generateKeyPairSync, verify, X509Certificate } from "node:crypto";
import { PDF } from "@libpdf/core";
import { issueDevelopmentSeal, type DevelopmentSeal } from "../../../config/development-certificates.ts";
import { content, der, members, oid, SET } from "../../../mixins/der.ts";
import { detachedSignature } from "../../../services/protocol/cms.ts";
import { loadSeal, type LoadedSeal } from "../../../services/protocol/seal-identity.ts";
import { sealPdf } from "../../../services/protocol/seal.ts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const now = Date.parse("2026-11-24T08:00:00Z");
const metadata = { reason: "固定协议内容", location: "中国", sealedAt: new Date(now) };
let folder: string;
let issued: DevelopmentSeal;
let seal: LoadedSeal;
let blank: Buffer;

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "esign-seal-"));
  issued = await issueDevelopmentSeal(now);
  seal = await loadSeal(file("key.pem", issued.key), file("cert.pem", issued.certificate + issued.root), now);
  const document = PDF.create();
  document.addPage();
  blank = Buffer.from(await document.save());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Takes a sealed PDF apart as a reader does. */
function read(sealed: Buffer) {
  const [, ...numbers] = /\/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]/.exec(sealed.toString("latin1"))!;
  const [from, length, second, rest] = numbers.map(Number) as [number, number, number, number];
  const signed = Buffer.concat([sealed.subarray(from, from + length), sealed.subarray(second, second + rest)]);
  const padded = Buffer.from(sealed.toString("latin1", from + length + 1, second - 1), "hex");
  return { signed, whole: from === 0 && second + rest === sealed.length, cms: padded };
}

/** The parts of a CMS SignedData that a verifier looks at. */
function open(cms: Buffer) {
  const [, wrapped] = members(content(cms));
  const signedData = members(content(content(wrapped!)));
  const signerInfo = members(content(members(content(signedData.at(-1)!))[0]!));
  const attributes = members(content(signerInfo[3]!));
  const valueOf = (type: string) => {
    const found = attributes.find((one) => members(content(one))[0]!.equals(oid(type)));
    return found && content(members(content(found))[1]!);
  };
  return {
    certificates: members(content(signedData[3]!)).map((raw) => new X509Certificate(raw)),
    signedBytes: der(SET, ...attributes),
    signature: content(signerInfo.at(-1)!),
    messageDigest: content(valueOf("1.2.840.113549.1.9.4")!),
    signingCertificate: valueOf("1.2.840.113549.1.9.16.2.47")!,
    signingTime: valueOf("1.2.840.113549.1.9.5"),
  };
}

test("a sealed PDF is signed as a whole by the sealing certificate", async () => {
  const sealed = await sealPdf(blank, seal, metadata);
  const { signed, whole, cms } = read(sealed);
  const { messageDigest, signature, signedBytes, certificates } = open(cms);
  expect(whole).toBe(true);
  expect(messageDigest).toEqual(createHash("sha256").update(signed).digest());
  expect(verify("sha256", signedBytes, seal.chain[0]!.publicKey, signature)).toBe(true);
  expect(certificates.map((one) => one.fingerprint256).sort()).toEqual(seal.chain.map((one) => one.fingerprint256).sort());
  expect(sealed.subarray(0, blank.length)).toEqual(blank);
});

test("the signature names its certificate and leaves the time to the PDF, as PAdES B-B wants it", async () => {
  const sealed = await sealPdf(blank, seal, metadata);
  const { signingCertificate, signingTime } = open(read(sealed).cms);
  expect(signingCertificate.subarray(-32)).toEqual(createHash("sha256").update(seal.chain[0]!.raw).digest());
  expect(signingTime).toBeUndefined();
  const text = sealed.toString("latin1");
  expect(text).toContain("/SubFilter /ETSI.CAdES.detached");
  expect(text).toMatch(/\/M \(D:20261124080000\+00'00'\)/);
});

test.each([0, 9, 0.25, 0.5, 0.75])("a byte changed at %d of the file is no longer what was signed", async (where) => {
  const sealed = await sealPdf(blank, seal, metadata);
  const { messageDigest } = open(read(sealed).cms);
  const at = where < 1 ? Math.floor(where * blank.length) : where;
  sealed[at]! ^= 1;
  const { signed } = read(sealed);
  expect(createHash("sha256").update(signed).digest()).not.toEqual(messageDigest);
});

test("an EC key seals as well", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { signedBytes, signature } = open(await detachedSignature(Buffer.alloc(32), { key: privateKey, chain: seal.chain }));
  expect(verify("sha256", signedBytes, createPublicKey(privateKey), signature)).toBe(true);
});

test("a kind of key that readers do not know is refused", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  await expect(detachedSignature(Buffer.alloc(32), { key: privateKey, chain: seal.chain })).rejects.toThrow("must be RSA or EC");
});

test.each<[string, () => [key: string, cert: string, at: number], string]>([
  ["the key of another certificate", () => [generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string, issued.certificate + issued.root, now], "does not belong"],
  ["a chain with the root first", () => [issued.key, issued.root + issued.certificate, now], "does not belong"],
  ["a chain with a stranger", () => [issued.key, issued.certificate + issued.certificate, now], "no chain"],
  ["a certificate file without one", () => [issued.key, "", now], "holds none"],
  ["a certificate that has run out", () => [issued.key, issued.certificate, now + 11 * 365 * 86_400_000], "not valid now"],
  ["a certificate that is not valid yet", () => [issued.key, issued.certificate, now - 86_400_000], "not valid now"],
])("%s seals nothing and says why", async (_, parts, reason) => {
  const [key, cert, at] = parts();
  await expect(loadSeal(file("other-key.pem", key), file("other-cert.pem", cert), at)).rejects.toThrow(reason);
});

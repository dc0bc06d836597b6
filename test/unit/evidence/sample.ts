import { createHash, generateKeyPairSync } from "node:crypto";
import { PDF } from "@libpdf/core";
import { readContainer } from "../../../cli/verify/zip-reader.ts";
import type { Trust } from "../../../cli/verify/verify-bundle.ts";
import { signRequest, type SignType } from "../../../contract/request-signature.ts";
import type { EvidenceType } from "../../../contract/vocabulary.ts";
import { evidenceFile, jsonText, manifestOf, MEMBER, sha256Hex } from "../../../services/evidence/bundle-format.ts";
import { writeBundle } from "../../../services/evidence/bundle.ts";
import { writeZip } from "../../../services/evidence/bundle-zip.ts";
import { nextEvent, type ChainEvent } from "../../../services/evidence/chain.ts";
import { eventId, type EvidenceEvent } from "../../../services/evidence/evidence-chain.model.ts";
import { signManifest } from "../../../services/evidence/manifest-signature.ts";
import { sealPdf } from "../../../services/protocol/seal.ts";
import { clientExample } from "../../fixtures/client-example.ts";
import { root, seal, type Issued } from "./authority.ts";

export const PID = "ESIGN_PROC_20261124TEST";
/** The wallet's key, as the platform has kept it. */
export const walletKey = madeKey("ed25519");
export const trust: Trust = { roots: [root.certificate], callers: [{ name: "WALLET-w1-0123456789abcdef", sha256: walletKey.sha256 }], now: new Date("2026-12-01T00:00:00Z") };
const HTML = "<!doctype html><p>甲方 北京天财餐饮有限公司（总部），乙方 上海天财门店，签署人 张三 110101199001011234</p>";
export const protocolHash = sha256Hex(HTML);

/** What the wallet asked for, as it was kept; the body it sent has more, and in another spelling. */
export const request = clientExample();
const RAW_BODY = JSON.stringify({ unknownField: "é\u2028😀", ...request }, null, 1).replaceAll("张", "\\u5f20");

export function madeKey(type: "ed25519" | "rsa") {
  const { publicKey, privateKey } = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const spki = publicKey.export({ type: "spki", format: "der" });
  return { privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string, spki: spki.toString("base64"), sha256: sha256Hex(spki) };
}

/** The signed request as the gateway hands it on. */
export function signedRequest(over: { rawBody?: string; target?: string; timestamp?: string; signType?: SignType; key?: ReturnType<typeof madeKey>; systemCode?: string } = {}) {
  const { rawBody = RAW_BODY, target = "/api/v1/esign/process/initiate", timestamp = String(Date.parse(at(0)) / 1000), signType = "ED25519", key = walletKey, systemCode = "WALLET" } = over;
  const parts = { method: "POST", target, timestamp, nonce: "abcdefgh12345678", systemCode, businessId: "B1", rawBody };
  const signature = signRequest({ keyId: "w1", signType, privateKey: key.privateKey, secret: Buffer.alloc(32, 1).toString("base64") }, parts);
  const whose = signType === "HMAC-SHA256" ? {} : { publicKey: key.spki, publicKeySha256: key.sha256 };
  return { method: "POST", target, timestamp, nonce: parts.nonce, keyId: "w1", signType, signature, rawBody, bodySha256: sha256Hex(rawBody), ...whose };
}

export interface Fact {
  type: EvidenceType;
  at: string;
  data: Record<string, unknown>;
}
const at = (minute: number): string => `2026-11-24T08:${String(minute).padStart(2, "0")}:00Z`;

/** A PDF sealed by the platform's own sealer. */
export async function sealedPdf(by: Issued = seal, chain: Issued[] = [root], text = "agreement"): Promise<Buffer> {
  const pdf = PDF.create();
  pdf.addPage().drawText(text, { x: 50, y: 500, size: 12 });
  const certificates = [by, ...chain].map(({ certificate }) => certificate);
  const loaded = { key: by.key, chain: certificates, name: "Test Seal", certSha256: sha256Hex(by.certificate.raw) };
  return sealPdf(Buffer.from(await pdf.save()), loaded, { reason: "test", location: "test", sealedAt: new Date(at(20)) });
}

/** The facts of a completed signing, as the process writes them. */
export function story(pdf: Buffer, by: Issued = seal): Fact[] {
  const cited = { protocolHash };
  return [
    { type: "REQUEST", at: at(0), data: { systemCode: "WALLET", businessId: "B1", request, signed: signedRequest() } },
    { type: "PROTOCOL", at: at(0), data: { protocolId: "PROTO_1", protocolName: "授权协议", ...cited, sm3: createHash("sm3").update(HTML).digest("hex"), template: { code: "T", version: 1, sha256: sha256Hex("T") }, html: HTML } },
    { type: "SMS_RECORD", at: at(1), data: { messageId: "M1", mobile: "13800138000", status: "SENT" } },
    { type: "LINK_OPENED", at: at(5), data: { ip: "192.0.2.1", userAgent: "test", tokenSha256: sha256Hex("token") } },
    { type: "READING", at: at(5), data: { ...cited, displayedAt: at(5) } },
    { type: "SIGNATURE", at: at(6), data: { ...cited, signedAt: at(6), readSeconds: 60, consent: true } },
    { type: "VERIFICATION_REQUEST", at: at(6), data: { ...cited, requestId: `${PID}-1`, type: "REMITTANCE", verificationId: "VER1" } },
    { type: "VERIFICATION_RESULT", at: at(19), data: { verificationId: "VER1", status: "SUCCESS", verifiedAt: at(18) } },
    { type: "PROTOCOL_SEALED", at: at(20), data: { protocolId: "PROTO_1", ...cited, pdfSha256: sha256Hex(pdf), size: pdf.length, sealedAt: at(20), sealCertSha256: sha256Hex(by.certificate.raw) } },
    { type: "STATE", at: at(21), data: { status: "COMPLETED", history: [{ at: at(0), status: "INIT", command: "initiate" }] } },
    { type: "CALLBACK", at: at(22), data: { eventId: "E1", attempt: 1, outcome: "DELIVERED", httpStatus: 200 } },
  ];
}

/** An unbroken chain over these facts. */
export function chainOf(facts: readonly Fact[], pid = PID): ChainEvent[] {
  const events: Required<ChainEvent>[] = [];
  for (const fact of facts) events.push(nextEvent(pid, events.at(-1) ?? null, fact, sha256Hex(`salt ${events.length}`)));
  return events;
}

/** The same as the database holds it. */
export const rowsOf = (events: readonly ChainEvent[], pid = PID): EvidenceEvent[] =>
  events.map(({ type, data, salt, ...event }) => ({
    _id: eventId(pid, event.seq),
    processId: pid,
    ...event,
    evidenceType: type,
    evidenceKey: `${type}:${event.seq}`,
    evidenceData: data ?? null,
    salt: salt ?? null,
    createdAt: new Date(event.at),
    ...(event.seq === 1 ? { systemCode: "WALLET" } : {}),
  }));

/** The bundle as the service writes it. */
export function honestBundle(facts: readonly Fact[], pdf: Buffer, { redacted = false, by = seal, chain = [root] }: { redacted?: boolean; by?: Issued; chain?: Issued[] } = {}): Promise<Buffer> {
  return writeBundle(PID, rowsOf(chainOf(facts)), redacted, {
    readPdf: async () => ({ base64: pdf.toString("base64"), sha256: sha256Hex(pdf) }),
    seal: () => ({ key: by.key, certificates: [by, ...chain].map(({ certificate }) => certificate.toString()).join("") }),
  });
}

export const membersOf = (bundle: Uint8Array): Map<string, Uint8Array> => new Map(readContainer(bundle).members);

/** A liar with the sealing key: whatever the members are, manifest and signature fit. */
export function resealed(members: ReadonlyMap<string, Uint8Array>, by: Issued = seal): Buffer {
  const rest = new Map(members);
  rest.delete(MEMBER.manifest);
  rest.delete(MEMBER.manifestSignature);
  const manifest = Buffer.from(jsonText(manifestOf(rest)));
  return writeZip(rest.set(MEMBER.manifest, manifest).set(MEMBER.manifestSignature, signManifest(manifest, by.key)));
}

/** The bundle with other events in it, everything else fitting. */
export const retold = (bundle: Uint8Array, events: readonly ChainEvent[], change: object = {}): Buffer =>
  resealed(membersOf(bundle).set(MEMBER.evidence, Buffer.from(jsonText({ ...evidenceFile(PID, events), ...change }))));

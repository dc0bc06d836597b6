import { createHash, createPublicKey } from "node:crypto";
import { SIGN_TYPES, verifyRequest, type SigningKey, type SignType } from "../../contract/request-signature.ts";
import { sha256Hex } from "../../services/evidence/bundle-format.ts";
import type { ChainEvent } from "../../services/evidence/chain.ts";
import type { SignedRequest } from "../../services/process/process.api.ts";
import { differingFields } from "./asked.ts";
import { isKeyOf } from "./caller-keys.ts";
import { given, NotChecked, type Problem } from "./finding.ts";
import { isObject, isSha256 } from "./json-member.ts";
import { eventAt, ofType, type Subject } from "./subject.ts";

/** The ±300 s of CONTRACT.md §2.3, and what may pass between the check of the signature and the record. */
const TIMESTAMP_TOLERANCE_MS = 320_000;
/** Where a signing is asked for (§2.1.1, §2.1.4): a signature over another call asks for nothing of the kind. */
const TARGETS = ["/api/v1/esign/process/initiate", "/api/v1/notification/sms/send"];

/** The wallet asked for exactly what was frozen: its signature over the raw request holds, by a key that is known to be its own. */
export function checkSignedRequest(subject: Subject): Problem[] {
  const [event, ...more] = ofType(given(subject.evidence), "REQUEST");
  if (!event) throw new NotChecked("链中没有发起请求");
  if (more.length) return more.map((again) => at(again, "REQUEST_TWICE", "发起请求出现两次"));
  if (!event.data) throw new NotChecked("发起请求已遮盖：其哈希仍在链上，取得该条内容与盐值后方可核验签名");
  const { systemCode, businessId, request, signed } = event.data;
  if (signed === undefined) throw new NotChecked(unsigned(subject, systemCode));
  if (typeof systemCode !== "string" || typeof businessId !== "string" || !isSigned(signed)) return [at(event, "REQUEST_FORM", "签名请求的记录缺少必要内容或格式有误")];

  const problems = contentProblems(event, request, signed);
  if (signed.signType === "HMAC-SHA256") {
    if (problems.length) return problems;
    throw new NotChecked("该请求以共享密钥（HMAC）签名，只有收发双方能够核验，对第三方不构成证明");
  }
  const key = publicKeyOf(signed);
  if (!key) return [...problems, at(event, "REQUEST_KEY", "所记公钥无法读取，或与签名类型、公钥哈希不符")];
  if (!verifyRequest(key, { ...signed, systemCode, businessId }, signed.signature)) {
    problems.push(at(event, "REQUEST_SIGNATURE", "发起请求的签名不成立：请求行、请求头、请求体、签名或公钥被改动"));
  }
  const { callers = [] } = subject.trust;
  if (callers.length && !isKeyOf(callers, systemCode, signed.keyId, signed.publicKeySha256!)) {
    problems.push(at(event, "REQUEST_KEY_UNKNOWN", "签名公钥不在该业务系统的可信公钥之中"));
  }
  if (!callers.length && !problems.length) throw new NotChecked("签名与所记公钥相符，但未提供业务系统的公钥（信任目录下 callers/*.pem），无法确认公钥属于该系统");
  return problems;
}

/** Where the system is known to have keys, a missing signature is worth a question: whoever seals bundles could leave one out. */
function unsigned({ trust: { callers = [] } }: Subject, systemCode: unknown): string {
  const signs = callers.some(({ name }) => name.startsWith(`${String(systemCode)}-`));
  return `该请求未经签名（仅开发环境接受），不能证明由业务系统发出${signs ? "；该系统已有可信公钥，请查明未签名的原因" : ""}`;
}

/** What can be judged without any key: the body's hash, what was asked, when, and by which call. */
function contentProblems(event: ChainEvent, request: unknown, signed: SignedRequest): Problem[] {
  const problems: Problem[] = [];
  if (sha256Hex(signed.rawBody) !== signed.bodySha256) problems.push(at(event, "REQUEST_BODY_HASH", "请求体与其 SHA-256 不符"));
  if (signed.method !== "POST" || !TARGETS.includes(signed.target.split("?")[0]!)) problems.push(at(event, "REQUEST_TARGET", "所签的不是发起签约的请求"));
  if (Math.abs(Number(signed.timestamp) * 1000 - Date.parse(event.at)) > TIMESTAMP_TOLERANCE_MS) {
    problems.push(at(event, "REQUEST_TIME", "请求时间戳与发起时间相差超出允许范围"));
  }
  const body = parsed(signed.rawBody);
  const differing = isObject(body) && isObject(request) ? differingFields(body, request) : ["请求体"];
  if (differing.length) problems.push(at(event, "REQUEST_DIFFERS", `冻结的请求与所签请求体不一致：${differing.slice(0, 10).join("、")}`));
  return problems;
}

function isSigned(value: unknown): value is SignedRequest {
  if (!isObject(value)) return false;
  const { signType, timestamp, nonce, signature, bodySha256, publicKey, publicKeySha256 } = value;
  const texts = ["method", "target", "keyId", "rawBody"].every((name) => typeof value[name] === "string");
  const shapes: [unknown, RegExp][] = [
    [timestamp, /^\d{1,12}$/],
    [nonce, /^[A-Za-z0-9]{16,32}$/],
    [signature, /^[A-Za-z0-9+/]{16,1024}={0,2}$/],
  ];
  const shared = signType === "HMAC-SHA256";
  const keyTold = shared ? publicKey === undefined : typeof publicKey === "string" && isSha256(publicKeySha256);
  return texts && SIGN_TYPES.includes(signType as SignType) && isSha256(bodySha256) && keyTold && shapes.every(([text, shape]) => typeof text === "string" && shape.test(text));
}

/** The key as recorded; null when it is none, not of the recorded hash, or of another type than the signature's. */
function publicKeyOf({ keyId, signType, publicKey, publicKeySha256 }: SignedRequest): SigningKey | null {
  const der = Buffer.from(publicKey!, "base64");
  if (createHash("sha256").update(der).digest("hex") !== publicKeySha256) return null;
  try {
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    if (key.asymmetricKeyType !== (signType === "ED25519" ? "ed25519" : "rsa")) return null;
    return { keyId, signType: signType as SignType, publicKey: key.export({ type: "spki", format: "pem" }) as string };
  } catch {
    return null;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const at = (event: ChainEvent, code: string, message: string): Problem => ({ code, where: eventAt(event), message });

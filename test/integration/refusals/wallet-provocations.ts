import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { stringToSign } from "../../../contract/request-signature.ts";
import { during, post, serveInvitation } from "./arranging.ts";
import { WALLET, type Told } from "./http-client.ts";
import type { Provocation } from "./provocation.ts";
import { exampleOf, INITIATE, processPath, Signer } from "./signer.ts";
import type { WholePlatform } from "./whole-platform.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519", { publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } });
/** A second wallet, one that signs. */
export const SIGNING_CALLER = { SIGNED: { keys: [{ keyId: "k1", signType: "ED25519", publicKey }] } };

/** A well signed request of the second wallet, of which the body is changed afterwards. */
function changedAfterSigning(platform: WholePlatform): Promise<Told> {
  const parts = { method: "POST", target: INITIATE, timestamp: String(Math.floor(Date.now() / 1000)), nonce: "0123456789abcdef", systemCode: "SIGNED", businessId: "BIZ-1", rawBody: JSON.stringify(exampleOf(platform)) };
  const signature = sign(null, Buffer.from(stringToSign(parts)), createPrivateKey(privateKey)).toString("base64");
  const signing = { "X-System-Code": "SIGNED", "X-Timestamp": parts.timestamp, "X-Nonce": parts.nonce, "X-Key-Id": "k1", "X-Sign-Type": "ED25519", "X-Signature": signature };
  return post(platform, INITIATE, `${parts.rawBody} `, { ...WALLET, ...signing });
}

/** §6: the process is FAILED and its wallet hears of it. */
const KEPT_AS_FAILED = ["signing_process", "evidence_chain", "protocol_record", "sms_record", "signing_event", "delivery", "wake_up"];

let refused: object;
/** A refused request has not used its key up: set right, it goes through under the same one (CONTRACT.md §2.1). */
async function goesThrough(platform: WholePlatform): Promise<void> {
  expect((await post(platform, INITIATE, { ...refused, fundPurpose: "货款" })).status).toBe(200);
}

/** How a wallet is refused. */
export const BY_WALLETS: Provocation[] = [
  {
    code: "PARAM_INVALID",
    by: "an initiation whose fields are wrong in several places",
    call: (platform) => post(platform, INITIATE, { ...exampleOf(platform), scene: "LOTTERY", fundPurpose: "", payeeInfo: { merchantNo: 7 }, initiatorInfo: undefined }),
    fields: ["initiatorInfo", "scene", "payeeInfo.merchantName", "payeeInfo.merchantType", "payeeInfo.accountNo", "payeeInfo.merchantNo", "fundPurpose"],
  },
  {
    code: "PARAM_INVALID",
    by: "a character that the PDF's font lacks",
    call: (platform) => post(platform, INITIATE, (refused = exampleOf(platform, { fundPurpose: "分\u{e123}红" }))),
    fields: ["fundPurpose"],
    afterwards: goesThrough,
  },
  { code: "PARAM_INVALID", by: "malformed JSON", call: (platform) => post(platform, INITIATE, '{"requestId":'), message: "请求体不是有效的 JSON 对象" },
  {
    code: "PARAM_INVALID",
    by: "a missing header",
    call: (platform) => post(platform, INITIATE, exampleOf(platform), { ...WALLET, "X-Business-Id": "" }),
    message: "请求头 X-Business-Id 缺失或无效",
    fields: ["X-Business-Id"],
  },
  {
    code: "REQUEST_DUPLICATED",
    by: "the key of a process that there is, with another purpose",
    async arrange(platform) {
      const request = exampleOf(platform);
      await Signer.invited(platform, request);
      return () => post(platform, "/api/v1/notification/sms/send", { ...request, fundPurpose: "货款" });
    },
    fields: ["fundPurpose"],
    data: { processId: expect.any(String), status: "SMS_SENT", h5PageUrl: expect.stringContaining("/h5/sign?token="), expiredAt: expect.any(String) },
  },
  {
    code: "TEMPLATE_NOT_FOUND",
    by: "an initiation whose invitation an operator has taken out of service",
    async arrange(platform) {
      await serveInvitation(platform, false);
      refused = exampleOf(platform);
      return () => post(platform, INITIATE, refused);
    },
    async afterwards(platform) {
      await serveInvitation(platform, true);
      await goesThrough(platform);
    },
  },
  {
    code: "SMS_SEND_FAILED",
    by: "an initiation while the SMS gateway is down: the process is kept as FAILED and its wallet is told",
    arrange: async (platform) => during(platform, { sms: { mode: "FAIL" } }, () => post(platform, INITIATE, exampleOf(platform))),
    data: { processId: expect.any(String), status: "FAILED" },
    writes: KEPT_AS_FAILED,
    sends: true,
  },
  {
    code: "PROCESS_NOT_FOUND",
    by: "another wallet's process",
    async arrange(platform) {
      const { processId } = await Signer.invited(platform);
      return () => platform.http.call("GET", processPath(processId), { "X-System-Code": "OTHER" });
    },
  },
  { code: "PROCESS_NOT_FOUND", by: "cancelling what there is not", call: (platform) => post(platform, `${processPath("ESIGN_PROC_1")}/cancel`, { reason: "撤回" }) },
  {
    code: "PROCESS_STATE_INVALID",
    by: "cancelling what is signed",
    async arrange(platform) {
      const { processId } = await Signer.signed(platform);
      return () => post(platform, `${processPath(processId)}/cancel`, { reason: "撤回" });
    },
  },
  {
    code: "RATE_LIMITED",
    by: "asking for the invitation again within a minute",
    async arrange(platform) {
      const { processId } = await Signer.invited(platform);
      return () => post(platform, `${processPath(processId)}/sms/resend`, {});
    },
    message: expect.any(String) as unknown as string,
    retryAfter: true,
  },
  {
    code: "PROCESS_STATE_INVALID",
    by: "asking for the invitation again after a cancellation",
    async arrange(platform) {
      const { processId } = await Signer.invited(platform);
      await post(platform, `${processPath(processId)}/cancel`, { reason: "撤回" });
      return () => post(platform, `${processPath(processId)}/sms/resend`, {});
    },
  },
  ...["after=x", "after=%00", "limit=0", "limit=101", "limit=1e1", "after=a&after=b"].map((query): Provocation => ({
    code: "PARAM_INVALID",
    by: `events asked for by ${query}`,
    call: (platform) => platform.http.call("GET", `/api/v1/esign/events?${query}`),
    fields: [query.slice(0, 5).replace("=", "")],
  })),
  { code: "SIGNATURE_INVALID", by: "a body changed after it was signed", call: changedAfterSigning },
  { code: "SIGNATURE_INVALID", by: "a caller with keys that does not sign", call: (platform) => post(platform, INITIATE, exampleOf(platform), { ...WALLET, "X-System-Code": "SIGNED" }) },
  { code: "PAYLOAD_TOO_LARGE", by: "a byte more than 64 kB", call: (platform) => post(platform, INITIATE, JSON.stringify({ a: "x".repeat(64 * 1024 - 7) })) },
];

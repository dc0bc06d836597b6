import { createHash } from "node:crypto";
import { composeRecord, contentForEvidence, outcomeOf } from "../../../services/sms/message.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const link = "https://e-sign.example.com/h5/sign?token=";

test.each([
  ["a link's token by its hash", `【签约】请打开 ${link}abc_-123 签署`, null, `【签约】请打开 ${link.replace("token=", "token-sha256=")}${sha256("abc_-123")} 签署`],
  ["a token with a key id and a full stop behind it", `${link}k1.abc.`, null, `${link.replace("token=", "token-sha256=")}${sha256("k1.abc")}.`],
  ["a token with Chinese behind it", `${link}abc，请尽快`, null, `${link.replace("token=", "token-sha256=")}${sha256("abc")}，请尽快`],
  ["a code by stars, wherever it stands", "验证码 123456，勿泄露。123456", "123456", "验证码 ******，勿泄露。******"],
  ["nothing in a text with neither", "您的签约已取消，编号 100001", null, "您的签约已取消，编号 100001"],
])("evidence replaces %s", (_, content, code, expected) => {
  expect(contentForEvidence(content, code)).toBe(expected);
});

const params = {
  messageId: "MSG1",
  processId: "ESIGN_PROC_1",
  kind: "SIGN_CODE" as const,
  mobile: "13800138000",
  template: { kind: "SMS" as const, code: "SIGN_CODE", version: 1, sha256: "00", name: "验证码" },
  variables: { code: "654321" },
};

test("a record fixes the text, its hash and what evidence may show of it", () => {
  const record = composeRecord(params, "验证码 654321", Date.UTC(2026, 0, 1));
  expect(record).toMatchObject({ _id: "MSG1", content: "验证码 654321", contentSha256: sha256("验证码 654321"), contentForEvidence: "验证码 ******", status: "PENDING", templateCode: "SIGN_CODE" });
});

const at = "2026-01-01T00:00:00Z";
test.each([
  ["sent", "SENT", [{ at, outcome: "FAILED", status: null }, { at, outcome: "OK", status: 200 }], { status: "SENT", attempts: 2, failure: null }],
  ["sent, and once more by a node that woke late", "SENT", [{ at, outcome: "OK", status: 200 }, { at: "2026-01-01T00:00:30Z", outcome: "OK", status: 200 }], { status: "SENT", attempts: 1, failure: null }],
  ["sent, and vainly tried by a node that woke late", "SENT", [{ at, outcome: "OK", status: 200 }, { at: "2026-01-01T00:00:30Z", outcome: "FAILED", status: null }], { status: "SENT", attempts: 1, failure: null }],
  ["refused", "FAILED", [{ at, outcome: "REFUSED", status: 400 }], { status: "FAILED", attempts: 1, failure: "短信网关拒绝发送（HTTP 400）" }],
  ["broken", "FAILED", [{ at, outcome: "FAILED", status: 503 }], { status: "FAILED", attempts: 1, failure: "短信网关处理失败（HTTP 503）" }],
  ["without an answer", "FAILED", [{ at, outcome: "FAILED", status: null }], { status: "FAILED", attempts: 1, failure: "短信网关没有响应" }],
] as const)("the outcome of a message that was %s comes from its record alone", (_, status, attempts, expected) => {
  const record = { ...composeRecord(params, "验证码 654321", 0), status, attempts: [...attempts] };
  const outcome = outcomeOf(record);
  expect(outcome).toMatchObject({ ...expected, at, messageId: "MSG1" });
  expect(JSON.stringify(outcome)).not.toMatch(/654321|13800138000/);
});

import type { Caller } from "./operation.ts";

/** How each caller proves who it is (CONTRACT.md §2.3 to §2.5, §3.2). */
export const SECURITY_SCHEMES = {
  RequestKeyId: { type: "apiKey", in: "header", name: "X-Key-Id", description: "登记在平台的密钥号，与 `X-Signature` 同时使用" },
  RequestSignature: {
    type: "apiKey",
    in: "header",
    name: "X-Signature",
    description: "对被签内容的签名，Base64。被签内容见文档首部“请求签名”。生产环境必填；未登记密钥的钱包只在开发环境可不签名",
  },
  LinkToken: { type: "http", scheme: "bearer", description: "短信链接中的令牌" },
  CallbackToken: { type: "apiKey", in: "header", name: "X-Callback-Token", description: "平台发起认证时给出的 `callbackToken`，与流程绑定" },
  ReceiptToken: { type: "apiKey", in: "query", name: "token", description: "平台发送短信时 `receiptUrl` 中的 token" },
  AdminToken: { type: "http", scheme: "bearer", description: "管理密钥（`ADMIN_KEYS`）或会话令牌；密钥的名称写入审计" },
} as const;

const signed = { RequestKeyId: [], RequestSignature: [] };

/** What a caller needs; an empty requirement beside others means that it can be absent. */
export const SECURITY_OF: Readonly<Record<Caller, readonly object[]>> = {
  wallet: [signed, {}],
  signer: [{ LinkToken: [] }],
  verification: [{ CallbackToken: [] }, { CallbackToken: [], ...signed }],
  sms: [{ ReceiptToken: [] }, { ReceiptToken: [], ...signed }],
  admin: [{ AdminToken: [] }],
  anyone: [],
};

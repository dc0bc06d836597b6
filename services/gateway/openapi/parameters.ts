import { SIGN_TYPES } from "../../../contract/request-signature.ts";
import type { Caller } from "./operation.ts";

const header = (name: string, required: boolean, description: string, schema: object) => ({ name, in: "header", required, description, schema: { type: "string", ...schema } });
const word = { pattern: "^[A-Za-z0-9_-]{1,64}$" };

/** Headers of a wallet's call and of its signature (CONTRACT.md §2.1, §2.3); key and signature themselves are security schemes. */
export const HEADERS = {
  SystemCode: header("X-System-Code", true, "系统代码，例如 `WALLET`", { ...word, examples: ["WALLET"] }),
  SystemCodeOfGet: header("X-System-Code", false, "系统代码；不传时视为 `WALLET`", { ...word, examples: ["WALLET"] }),
  BusinessId: header("X-Business-Id", true, "业务流水号，随结果回调原样返回；重复请求时参与比对", { ...word, examples: ["BIZ_202310120001"] }),
  BusinessIdOfGet: header("X-Business-Id", false, "业务流水号；可不传", word),
  Timestamp: header("X-Timestamp", false, "签名时间，Unix 秒；与平台时间相差不得超过 300 秒。已登记密钥的调用方必填", { pattern: "^\\d{1,12}$" }),
  Nonce: header("X-Nonce", false, "随机串，16 至 32 位字母数字；同一密钥 600 秒内不得重复", { pattern: "^[A-Za-z0-9]{16,32}$" }),
  SignType: header("X-Sign-Type", false, "签名算法", { enum: [...SIGN_TYPES] }),
} as const;
type HeaderName = keyof typeof HEADERS;

const SIGNING: readonly HeaderName[] = ["Timestamp", "Nonce", "SignType"];

/** The headers of a caller's request, by name. */
export function headersOf(caller: Caller, posts: boolean): readonly HeaderName[] {
  if (caller === "wallet") return [posts ? "SystemCode" : "SystemCodeOfGet", posts ? "BusinessId" : "BusinessIdOfGet", ...SIGNING];
  if (caller === "verification" || caller === "sms") return SIGNING;
  return [];
}

const query = (name: string, required: boolean, description: string, schema: object = { type: "string" }) => ({ name, in: "query", required, description, schema });

export const QUERY = {
  after: query("after", false, "上一页的 `next`；不传表示从头开始"),
  limit: query("limit", false, "条数，1 至 100，默认 50", { type: "integer", minimum: 1, maximum: 100, default: 50 }),
  view: query("view", false, "`redacted`：不含 PDF 与个人信息，哈希仍可核验", { enum: ["redacted"] }),
  linkToken: { ...query("token", false, "链接令牌。本页内容与它无关，由页面脚本读取") },
  expires: query("expires", true, "失效时间，Unix 秒", { type: "string", pattern: "^\\d{1,12}$" }),
  kid: query("kid", true, "密钥号"),
  sig: query("sig", true, "链接签名，base64url"),
  stuck: query("stuck", false, "`true`：只列出停滞的流程", { enum: ["true", "false"] }),
  state: query("state", false, "投递状态", { enum: ["PENDING", "DELIVERED", "PARKED"] }),
  processId: query("processId", false, "只看一个流程"),
  q: query("q", false, "流程号、请求号、商户号或商户全称，全字匹配；不能与 `stuck=true` 同时使用", { type: "string", minLength: 1, maxLength: 128 }),
  name: query("name", false, "只看一个操作人的记录"),
  target: query("target", false, "只看涉及某个流程号或事件号的记录"),
  kind: query("kind", false, "模板类别；几类模板都有该代码时必填", { enum: ["PROTOCOL", "SMS", "H5"] }),
  code: query("code", false, "只看一个模板代码"),
  templateState: query("state", false, "模板状态", { enum: ["DRAFT", "APPROVED", "REJECTED", "SCHEDULED", "ACTIVE", "RETIRED"] }),
  against: query("against", false, "要对比的版本号；不填则为正在使用的版本", { type: "integer", minimum: 1 }),
} as const;
export type QueryName = keyof typeof QUERY;

const path = (name: string, description: string) => ({ name, in: "path", required: true, description, schema: { type: "string" } });
export const PATH = {
  processId: path("processId", "流程号"),
  id: path("id", "流程号"),
  protocolId: path("protocolId", "协议号"),
  eventId: path("eventId", "事件号"),
  code: path("code", "模板代码"),
  version: path("version", "模板版本号"),
  file: path("file", "文件名"),
} as const;
export type PathName = keyof typeof PATH;

import { DOCUMENT_KINDS, REVEALABLE } from "../disclosure.ts";
import { EVIDENCE_TYPES, MERCHANT_TYPES } from "../vocabulary.ts";
import { adminProcess, adminReasonSchema } from "./admin.ts";
import { integer, string } from "./answers.ts";
import { nullable, object, time, word } from "./pieces.ts";

/** One process in detail, and what an operator may take out of it in full (CONTRACT.md §2.5). */

const sha256 = (description: string) => ({ type: "string", pattern: "^[0-9a-f]{64}$", description });

const pinned = object(
  {
    kind: word(["PROTOCOL", "SMS", "H5"], "模板种类"),
    code: string("模板代码"),
    version: integer("版本号"),
    sha256: sha256("内容的 SHA-256"),
    name: string("名称"),
    approvedBy: nullable(string("批准该版本的人；随平台提供的为“系统内置”，此前未经批准流程的为 null")),
    activationId: nullable(string("启用该版本的操作号，见操作审计")),
  },
  undefined,
  "一个模板",
);
const evidence = object(
  {
    seq: integer("序号，从 1 起"),
    type: word(EVIDENCE_TYPES, "证据种类"),
    at: time("发生时间"),
    hash: sha256("该条的链上哈希"),
    summary: string("一句话说明，不含个人信息"),
  },
  undefined,
  "一条证据",
);
const chain = nullable(
  object(
    {
      ok: { type: "boolean", description: "按当前存储的内容重新计算，整条链是否成立" },
      head: sha256("链头哈希；没有证据时为 64 个 0"),
      length: integer("证据条数"),
    },
    undefined,
    "证据链的核验结果；证据服务无法询问时为 null",
  ),
);
const document = object(
  {
    kind: word(DOCUMENT_KINDS, "AGREEMENT 协议原文，SEALED_PDF 封签 PDF，BUNDLE 完整证据包"),
    available: { type: "boolean", description: "现在能否取出" },
    sha256: nullable(sha256("SHA-256；尚不存在时为 null。证据包每次重新生成，始终为 null")),
  },
  undefined,
  "一份文件",
);

const signer = object(
  {
    side: word(["payer", "payee"], "签署方：payer 付方，payee 收方"),
    merchantType: word(MERCHANT_TYPES, "签署方类型"),
    name: string("签署人姓名（脱敏）"),
    mobile: string("签署人手机号（脱敏）"),
    idCardNo: nullable(string("签署人身份证号（脱敏）；未提供时为 null")),
    bankCard: nullable(object({ cardNo: string("银行卡号（脱敏）"), accountName: nullable(string("户名；个人的已脱敏")), bankCode: nullable(string("开户行代码")) }, undefined, "用于打款验证的账户；未提供时为 null")),
  },
  undefined,
  "签署人，取自签署方",
);

export const adminProcessDetail = object(
  {
    ...adminProcess.properties,
    signer,
    templates: { type: "array", items: pinned, description: "该流程固定使用的模板版本" },
    evidence: { type: "array", items: evidence, description: "证据链，按序号" },
    chain,
    documents: { type: "array", items: document, description: "可取出的文件" },
  },
  undefined,
  "流程详情与证据",
);

const { reason } = adminReasonSchema.properties;
export const revealSchema = object({ field: word(REVEALABLE, "要查看的字段"), reason }, undefined, "查看一项完整信息");
export const revealed = object({ field: word(REVEALABLE, "字段"), value: string("完整的值") }, undefined, "一项完整信息");

export const documentSchema = object({ kind: word(DOCUMENT_KINDS, "要取出的文件"), reason }, undefined, "取出一份文件");
export const handedOver = object(
  { fileName: string("文件名"), type: string("媒体类型"), base64: { type: "string", contentEncoding: "base64", description: "文件内容" } },
  undefined,
  "一份文件",
);

import { ACCOUNT_TYPES, MERCHANT_TYPES, PROCESS_TYPES, SCENES } from "../vocabulary.ts";
import { integer, string } from "./answers.ts";
import { nullable, object, text, time, word } from "./pieces.ts";

/** What the administration of templates is sent and answers (CONTRACT.md §2.5). */

const KINDS = ["PROTOCOL", "SMS", "H5"];
const STATES = ["DRAFT", "APPROVED", "REJECTED", "SCHEDULED", "ACTIVE", "RETIRED"];
const kind = word(KINDS, "PROTOCOL 协议，SMS 短信，H5 签署页文字");
const code = string("模板代码：以大写字母开头，只含大写字母、数字和下划线，最长 32 个字符");
const reason = text(200, "操作理由；永久保存，不得包含手机号、证件号或银行卡号");
const either = word([...MERCHANT_TYPES, "ANY"], "签署方的商户类型；ANY 两者皆可");
const place = {
  scene: word([...SCENES, "ANY"], "业务场景；ANY 用于所有业务的短信"),
  processType: word([...PROCESS_TYPES, "ANY"], "流程类型；与场景同时为 ANY"),
  signerType: either,
};
const content = { type: "string", minLength: 1, maxLength: 60_000, description: "模板内容" };
const upload = {
  kind,
  code,
  ...place,
  content,
  name: text(128, "名称；协议的名称即协议标题。不填则沿用该代码的现行版本"),
  h5: string("邀请短信所对应的页面模板代码"),
  fundPurpose: { type: "string", maxLength: 64, description: "只用于这一资金用途；空为不限" },
  accountType: word([...ACCOUNT_TYPES, ""], "只用于签署方的这一账户类型；空为不限"),
};

export const templateUploadSchema = object({ ...upload, reason }, ["kind", "code", "content"], "新版本。该代码已有版本时，没有填写的范围、名称和页面沿用正在使用的版本（没有时沿用最新的版本）；资金用途和账户类型不填即为不限");
export const templateTextSchema = object(upload, ["kind", "content"], "模板内容，不保存；有 code 时一并检查适用范围");
const sample = string("样例数据的名称，见可用变量的 samples；不填则取适用的第一种");
export const templateDraftPreviewSchema = object({ ...upload, format: word(["page", "pdf", "text"], "协议 page 或 pdf，签署页 page，短信 text"), sample }, ["kind", "content"], "预览未保存的内容");
export const templatePreviewSchema = object({ kind, format: word(["page", "pdf", "text"], "协议 page 或 pdf，签署页 page，短信 text"), sample }, [], "预览");
const whichKind = word(KINDS, "几类模板都有该代码时必填");
export const templateStepSchema = object({ kind: whichKind, reason }, ["reason"], "操作理由");
export const templateActivationSchema = object({ kind: whichKind, reason, from: string("生效时间，带时区的 ISO 8601；不填则立即生效") }, ["reason"], "启用");

const template = {
  kind,
  code,
  version: integer("版本号，自 1 起"),
  name: string("名称"),
  ...place,
  fundPurpose: nullable(string("只用于这一资金用途；不限为 null")),
  accountType: nullable(string("只用于这一账户类型；不限为 null")),
  h5: nullable(string("邀请短信所对应的页面模板代码")),
  state: word(STATES, "DRAFT 待审批，APPROVED 已审批未启用，REJECTED 已退回，SCHEDULED 待生效，ACTIVE 使用中，RETIRED 已停用"),
  active: { type: "boolean", description: "是否正在使用" },
  activeFrom: nullable(time("自何时使用，或将自何时使用")),
  sha256: string("内容的 SHA-256"),
  createdAt: time("提交时间"),
  author: string("提交人"),
  approver: nullable(string("审批人")),
  origin: word(["BUILT_IN", "UPLOAD"], "BUILT_IN 随程序提供，UPLOAD 上传"),
};
export const templateView = object(template, undefined, "一个模板版本");
export const templateList = object({ items: { type: "array", items: templateView }, next: nullable(string("下一页的 after；没有更多时为 null")) }, undefined, "模板版本，最近提交的在前");
export const templateDetail = object(
  {
    ...template,
    content,
    steps: {
      type: "array",
      items: object({
        at: time("时间"),
        step: word(["SUBMIT", "APPROVE", "REJECT", "ACTIVATE", "DEACTIVATE"], "提交、批准、退回、启用、停用"),
        by: string("操作人"),
        reason: string("理由"),
        from: nullable(time("启用的生效时间")),
      }),
      description: "经过，按先后",
    },
    variables: { type: "array", items: string("变量名"), description: "内容所用的变量" },
  },
  undefined,
  "模板版本的内容与经过",
);
const noFlaws = { type: "array", maxItems: 0, items: {}, description: "总是为空：有问题的内容以 400 拒绝，errors 的 field 为 content:行:列" };
export const templateSubmitted = object({ kind, code, version: integer("版本号"), sha256: string("内容的 SHA-256"), lint: noFlaws }, undefined, "已提交的版本");
export const templateLinted = object({ lint: noFlaws, variables: { type: "array", items: string("变量名"), description: "内容所用的变量" } }, undefined, "检查结果");
export const templatePreviewed = object(
  {
    sample: string("所用样例数据的名称"),
    html: string("协议页面的 HTML"),
    keyClauses: { type: "array", items: object({ id: string("编号"), text: string("文字") }), description: "重点条款" },
    base64: string("PDF，Base64；标有“预览，无法律效力”"),
    fileName: string("PDF 的文件名"),
    page: object({ title: string("标题"), intro: string("说明"), consent: string("同意语"), button: string("按钮") }),
    text: string("短信"),
    length: integer("短信字数"),
    segments: integer("计费条数"),
  },
  ["sample"],
  "预览：随模板类别和格式，只有其中几项",
);
const line = object(
  { line: integer("行号"), text: string("一行"), parts: { type: "array", items: object({ text: string("文字"), changed: { type: "boolean", description: "是否有改动" } }), description: "行内的改动" } },
  ["line", "text"],
);
export const templateDiff = object(
  {
    against: nullable(object({ code, version: integer("版本号") }, undefined, "对比的版本；没有时为 null")),
    rows: { type: "array", items: object({ op: word(["same", "add", "del", "change"], "相同、新增、删除、改动"), left: line, right: line }, ["op"]), description: "逐行对比" },
  },
  undefined,
  "两个版本的对比",
);
const serving = nullable(object({ code, version: integer("版本号") }));
export const templateCoverage = object(
  {
    items: {
      type: "array",
      items: object({
        processType: word([...PROCESS_TYPES], "流程类型"),
        scene: word([...SCENES], "场景"),
        signerType: word([...MERCHANT_TYPES], "签署方的商户类型"),
        fundPurpose: string("资金用途；空为其余所有"),
        accountType: string("账户类型；空为其余所有"),
        protocol: serving,
        sms: serving,
        h5: serving,
        gap: { type: "boolean", description: "缺少模板，此种流程无法发起" },
        tie: { type: "array", items: string("模板代码"), description: "同时适用的模板代码，此种流程无法发起" },
      }),
    },
  },
  undefined,
  "现在发起各种流程会选用的模板",
);
const named = object({ name: string("名称"), label: string("中文说明") });
export const templateVariables = object(
  {
    items: {
      type: "array",
      items: object(
        { name: string("变量名"), label: string("中文说明"), type: word(["text", "flag", "list"], "文字、是否、列表"), kinds: { type: "array", items: kind, description: "可用于哪几类模板" }, fields: { type: "array", items: named, description: "列表中每一项的字段" } },
        ["name", "label", "type", "kinds"],
      ),
    },
    samples: { type: "array", items: named, description: "预览可用的样例数据" },
  },
  undefined,
  "模板可用的变量",
);

import { FAILURES, MERCHANT_TYPES, STATUSES, TERMINAL, VERIFICATION_STATUSES, VERIFICATION_TYPES } from "../vocabulary.ts";
import { initiateSchema } from "./initiate.ts";
import { nullable, object, time, word } from "./pieces.ts";

/** What the platform answers (CONTRACT.md §2), as `data` of the envelope. A test holds real answers against these. */

const string = (description: string) => ({ type: "string", description });
const masked = (what: string, like: string) => string(`${what}（脱敏），例如 ${like}`);
const integer = (description: string) => ({ type: "integer", description });
const { scene, processType, businessType, requestId, fundPurpose, initiatorInfo, extInfo } = initiateSchema.properties;

export const processId = { type: "string", pattern: "^ESIGN_PROC_[0-9]{8}[0-9A-Z]+$", maxLength: 32, description: "流程号" };
export const statusWord = word(STATUSES, "流程状态。COMPLETED、FAILED、EXPIRED 为终态，只有 COMPLETED 表示签约生效");
export const expiredAt = nullable(time("当前阶段的截止时间；没有期限时为 null"));
const failureCode = word([...Object.keys(FAILURES), null], "失败原因代码；未失败为 null");
const failureReason = nullable(string("失败原因，中文；未失败为 null"));

/** `data` of §2.1.1's answer, and of a 409 REQUEST_DUPLICATED. */
export const initiated = object(
  { processId, status: statusWord, h5PageUrl: { type: "string", format: "uri", description: "签署页链接，与短信中的相同" }, expiredAt },
  undefined,
  "已发起的签约流程",
);

const maskedParty = object(
  {
    merchantNo: string("商户号"),
    merchantName: string("商户名称"),
    merchantType: word(MERCHANT_TYPES, "商户类型"),
    accountNo: string("天财账户号"),
    accountType: nullable(string("账户类型")),
    bankCardInfo: nullable(object({ cardNo: masked("银行卡号", "622848*********8901"), accountName: nullable(string("户名；个人的已脱敏")), bankCode: nullable(string("开户行代码")) })),
    contactInfo: nullable(object({ name: masked("姓名", "张*"), idCardNo: nullable(masked("身份证号", "1****************4")), mobile: masked("手机号", "138****8000") })),
  },
  undefined,
  "一方的信息；个人信息已脱敏",
);

/** `data` of §2.1.2. */
export const processQuery = object(
  {
    processId,
    requestId,
    businessType,
    scene,
    processType,
    status: statusWord,
    payerInfo: maskedParty,
    payeeInfo: nullable(maskedParty),
    initiatorInfo,
    fundPurpose,
    extInfo,
    protocolInfo: nullable(
      object(
        {
          protocolId: string("协议号"),
          protocolName: string("协议名称"),
          signedAt: time("签署时间"),
          downloadUrl: nullable({ type: "string", format: "uri", description: "盖章 PDF 的下载链接，每次查询重新生成，短期有效；COMPLETED 之前为 null" }),
        },
        undefined,
        "协议；签署之前为 null",
      ),
    ),
    verificationInfo: nullable(
      object(
        {
          verificationId: nullable(string("认证号；尚未发起时为 null")),
          type: word(VERIFICATION_TYPES, "REMITTANCE 打款验证，FACE 人脸验证"),
          status: word(VERIFICATION_STATUSES, "NOT_STARTED 尚未发起（平台会自动发起），PENDING 进行中，SUCCESS 通过，FAILED 未通过"),
          verifiedAt: nullable(time("认证完成时间")),
        },
        undefined,
        "身份认证；签署之前为 null",
      ),
    ),
    failureCode,
    failureReason,
    expiredAt,
    completedAt: nullable(time("完成时间")),
    createdAt: time("创建时间"),
    updatedAt: time("最近变更时间"),
  },
  undefined,
  "签约流程的详细状态",
);

/** The event of §2.2.2: body of the wallet's callback and row of the feed (CONTRACT.md §3.3). */
export const signingEvent = object(
  {
    eventId: string("事件号；重复投递时不变，用于去重"),
    type: word(["SIGNING_PROCESS_COMPLETED", "SIGNING_PROCESS_FAILED"], "事件类型"),
    timestamp: time("事件时间"),
    payload: object(
      {
        processId,
        requestId,
        businessType,
        scene,
        processType,
        status: word(["COMPLETED", "FAILED"], "结果"),
        processStatus: word(TERMINAL.slice(1), "流程终态；仅失败事件有"),
        failureCode: word(Object.keys(FAILURES), "失败原因代码；仅失败事件有"),
        failureReason: string("失败原因；仅失败事件有"),
        payerMerchantNo: string("付方商户号"),
        payeeMerchantNo: nullable(string("收方商户号；没有收方时为 null")),
        protocolId: nullable(string("协议号")),
        verificationId: nullable(string("认证号")),
        fundPurpose,
      },
      ["processId", "requestId", "businessType", "scene", "processType", "status", "payerMerchantNo", "payeeMerchantNo", "protocolId", "verificationId", "fundPurpose"],
    ),
    evidence: object({ chainHead: string("证据链当时的末端哈希，可留存以备核对"), checkpoint: { description: "透明日志检查点；尚未启用，为 null" } }),
  },
  undefined,
  "签约结果事件，不含个人信息",
);

export const eventPage = object(
  { events: { type: "array", items: signingEvent, description: "按记录顺序排列" }, next: string("下一次查询的 after；没有新事件时与本次相同，永不为 null") },
  undefined,
  "一页事件",
);

/** `errors` of a refusal. */
export const fieldErrors = {
  type: "array",
  items: object({ field: string("字段名，用点号分层，例如 payeeInfo.contactInfo.mobile"), message: string("问题说明，中文") }),
  description: "逐字段的问题；不含所传的值",
};

const check = word(["UP", "DOWN", "OFF"], "UP 正常，DOWN 异常，OFF 未启用");
const CHECKS = ["database", "transporter", "queue", "sms", "verification", "storage", "chromium"];
export const liveness = object({ status: { const: "UP" } });
export const readinessAnswer = object({ status: word(["UP", "DOWN"], "只由数据库决定"), checks: object(Object.fromEntries(CHECKS.map((name) => [name, check]))) }, undefined, "就绪状态");
export { integer, string };

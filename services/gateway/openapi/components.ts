import * as answers from "../../../contract/schemas/answers.ts";
import * as callbacks from "../../../contract/schemas/callbacks.ts";
import { initiateSchema } from "../../../contract/schemas/initiate.ts";
import * as page from "../../../contract/schemas/page-answers.ts";
import { answerSchema, openSchema, reasonSchema, signSchema } from "../../../contract/schemas/signer.ts";
import { ERROR_TABLE } from "../../../contract/errors.ts";
import { adminSchemas } from "./admin-schemas.ts";
import { sessionSchemas } from "./session.ts";
import { settingsSchemas } from "./settings.ts";
import { templateSchemas } from "./template.ts";

const traceId = { type: "string", format: "uuid", description: "本次请求的编号，报障时请提供" };
const message = { type: "string", description: "中文说明，供人阅读；程序请依据 code" };

/** Schemas by the name under which the document shows them. Those of requests are the ones that validate. */
export const SCHEMAS: Readonly<Record<string, object>> = {
  InitiateRequest: initiateSchema,
  Initiated: answers.initiated,
  Process: answers.processQuery,
  Status: answers.statusWord,
  Event: answers.signingEvent,
  EventPage: answers.eventPage,
  Reason: reasonSchema,
  SignerPage: page.signerPage,
  Open: openSchema,
  Opened: page.opened,
  CodeSent: page.codeSent,
  Sign: signSchema,
  Signed: page.signed,
  Declined: page.declined,
  RemittanceAnswer: answerSchema,
  Answered: page.answered,
  FaceLink: page.faceLink,
  VerificationResult: callbacks.verificationResultSchema,
  SmsReceipt: callbacks.smsReceiptSchema,
  ...adminSchemas,
  ...sessionSchemas,
  ...settingsSchemas,
  ...templateSchemas,
  Liveness: answers.liveness,
  Readiness: answers.readinessAnswer,
  AnyObject: { type: "object" },
  Envelope: {
    type: "object",
    required: ["code", "message", "traceId"],
    properties: { code: { type: "string", description: "成功为 SUCCESS，否则为错误码" }, message, data: { description: "结果" }, errors: answers.fieldErrors, traceId },
    description: "所有 JSON 接口的外层结构（健康检查与本文档除外）",
  },
  Refusal: {
    type: "object",
    required: ["code", "message", "traceId"],
    properties: {
      code: { enum: Object.keys(ERROR_TABLE), description: "错误码" },
      message,
      data: { type: "object", description: "错误码说明中列出的数据" },
      errors: answers.fieldErrors,
      traceId,
    },
    description: "拒绝：不重复所传的值，不含堆栈",
  },
};

/** The envelope of a success. @param data name of a schema; absent for none */
export const envelopeOf = (text: string, data?: string): object => ({
  type: "object",
  required: ["code", "message", ...(data ? ["data"] : []), "traceId"],
  properties: { code: { const: "SUCCESS" }, message: { ...message, examples: [text] }, ...(data && { data: { $ref: `#/components/schemas/${data}` } }), traceId },
});

import { ERROR_TABLE, type ErrorCode } from "../../../contract/errors.ts";
import type { Caller, Operation } from "./operation.ts";

/** What can befall any call. */
const ALWAYS: readonly ErrorCode[] = ["SERVICE_UNAVAILABLE", "INTERNAL_ERROR"];
const OF_CALLER: Readonly<Record<Caller, readonly ErrorCode[]>> = {
  wallet: ["PARAM_INVALID", "SIGNATURE_INVALID"],
  signer: ["H5_TOKEN_INVALID", "RATE_LIMITED"],
  verification: ["CALLBACK_TOKEN_INVALID"],
  sms: ["CALLBACK_TOKEN_INVALID"],
  admin: ["ADMIN_UNAUTHORIZED", "ADMIN_FORBIDDEN", "RATE_LIMITED"],
  anyone: [],
};
/** Whoever sends a body can send too much of it, or no JSON. */
const WITH_BODY: readonly ErrorCode[] = ["PAYLOAD_TOO_LARGE", "PARAM_INVALID"];

/** Every code the route can answer, in the order of the catalogue. */
export function codesOf(where: string, operation: Operation): ErrorCode[] {
  const posts = where.startsWith("POST ");
  const codes = new Set<ErrorCode>([...ALWAYS, ...OF_CALLER[operation.caller], ...(operation.refusals ?? [])]);
  if (posts) for (const code of WITH_BODY) codes.add(code);
  // A part of the path that cannot be decoded is no path of ours.
  if (where.includes("{")) codes.add("NOT_FOUND");
  return (Object.keys(ERROR_TABLE) as ErrorCode[]).filter((code) => codes.has(code));
}

/** One response an HTTP status, with an example a code. `data` where the catalogue gives some. */
export function refusalResponses(codes: readonly ErrorCode[], notes: Operation["notes"] = {}): Record<string, object> {
  const statuses = [...new Set(codes.map((code) => ERROR_TABLE[code].http))].sort();
  return Object.fromEntries(statuses.map((status) => [String(status), refusalResponse(codes.filter((code) => ERROR_TABLE[code].http === status), notes)]));
}

const WAITS: readonly ErrorCode[] = ["RATE_LIMITED", "SERVICE_UNAVAILABLE"];

function refusalResponse(codes: readonly ErrorCode[], notes: NonNullable<Operation["notes"]>): object {
  const told = (code: ErrorCode): string => notes[code] ?? ERROR_TABLE[code].message;
  return {
    description: codes.map((code) => `\`${code}\` ${told(code)}`).join("；"),
    ...(codes.some((code) => WAITS.includes(code)) && { headers: { "Retry-After": { $ref: "#/components/headers/Retry-After" } } }),
    content: {
      "application/json": {
        schema: { allOf: [{ $ref: "#/components/schemas/Refusal" }], properties: { code: { enum: [...codes] }, ...DATA_OF[codes[0]!] } },
        examples: Object.fromEntries(codes.map((code) => [code, { summary: told(code), value: example(code) }])),
      },
    },
  };
}

const processAndStatus = { type: "object", properties: { processId: { type: "string" }, status: { $ref: "#/components/schemas/Status" } } };
/** `data` of a refusal that has some. */
const DATA_OF: Partial<Record<ErrorCode, object>> = {
  SMS_SEND_FAILED: { data: { ...processAndStatus, description: "发起时：已失败的流程" } },
  VERIFICATION_MISMATCH: {
    data: { type: "object", properties: { remainingAttempts: { type: ["integer", "null"] }, status: { $ref: "#/components/schemas/Status" } }, description: "剩余次数；用尽时为 0，流程转为 FAILED" },
  },
};

const TRACE_ID = "3f0c9f3e-6d0f-4c58-9a52-8f4c2b7a1d10";
const EXAMPLE_OF: Partial<Record<ErrorCode, object>> = {
  PARAM_INVALID: { errors: [{ field: "payeeInfo.contactInfo.mobile", message: "手机号格式不正确，应为 1 开头的 11 位数字" }] },
  REQUEST_DUPLICATED: {
    data: { processId: "ESIGN_PROC_20261124K7Q2M9X4", status: "SMS_SENT", h5PageUrl: "https://e-sign.example.com/h5/sign?token=abc123def456", expiredAt: "2026-11-25T08:00:00Z" },
    errors: [{ field: "fundPurpose", message: "与首次请求不一致" }],
  },
  SMS_SEND_FAILED: { data: { processId: "ESIGN_PROC_20261124K7Q2M9X4", status: "FAILED" } },
  VERIFICATION_MISMATCH: { data: { remainingAttempts: 2, status: "VERIFICATION_PENDING" } },
};
const example = (code: ErrorCode): object => ({ code, message: ERROR_TABLE[code].message, ...EXAMPLE_OF[code], traceId: TRACE_ID });

import { Errors } from "moleculer";

/**
 * THE table of error codes (§6 and CONTRACT.md §2.2). An error crosses nodes as the framework's own MoleculerError whose
 * `type` is the code, so nobody needs `instanceof`; the gateway turns it into the envelope.
 * `docs/errors.md` is compared with this table by a test, both ways.
 */
export const ERROR_TABLE = {
  PARAM_INVALID: { http: 400, message: "参数校验失败" },
  REQUEST_DUPLICATED: { http: 409, message: "重复请求，返回已存在的签约流程" },
  TEMPLATE_NOT_FOUND: { http: 500, message: "签约模板未配置，请联系运营人员" },
  SMS_SEND_FAILED: { http: 502, message: "短信发送失败，请稍后重试" },
  VERIFICATION_SERVICE_ERROR: { http: 502, message: "认证系统暂时无法响应，请稍后重试" },
  PROCESS_EXPIRED: { http: 410, message: "签约流程已过期" },
  CALLBACK_TOKEN_INVALID: { http: 401, message: "回调身份验证失败" },
  INTERNAL_ERROR: { http: 500, message: "系统内部错误，请稍后重试" },
  PROCESS_NOT_FOUND: { http: 404, message: "签约流程不存在" },
  PROCESS_STATE_INVALID: { http: 409, message: "当前流程状态不允许该操作" },
  TEMPLATE_STATE_INVALID: { http: 409, message: "当前模板状态不允许该操作" },
  PROTOCOL_CHANGED: { http: 409, message: "协议内容与展示时不一致，请刷新页面后重新阅读" },
  SIGNATURE_INVALID: { http: 401, message: "请求签名验证失败" },
  H5_TOKEN_INVALID: { http: 401, message: "链接无效或已失效，请使用最新短信中的链接" },
  ADMIN_UNAUTHORIZED: { http: 401, message: "管理身份验证失败" },
  ADMIN_FORBIDDEN: { http: 403, message: "您的角色无权进行此操作" },
  SETTINGS_CHANGED: { http: 409, message: "配置已被他人更改，请刷新后重新核对" },
  LINK_INVALID: { http: 401, message: "下载链接无效或已过期" },
  SMS_CODE_INVALID: { http: 422, message: "短信验证码不正确或已失效" },
  READING_INCOMPLETE: { http: 422, message: "请完整阅读协议并逐项确认后再签署" },
  VERIFICATION_MISMATCH: { http: 422, message: "金额或备注与打款记录不一致" },
  RATE_LIMITED: { http: 429, message: "操作过于频繁，请稍后再试" },
  PAYLOAD_TOO_LARGE: { http: 413, message: "请求内容过大" },
  SERVICE_UNAVAILABLE: { http: 503, message: "服务暂时不可用，请稍后重试" },
  NOT_FOUND: { http: 404, message: "接口不存在" },
} as const;
export type ErrorCode = keyof typeof ERROR_TABLE;

/** One field that is wrong: its dotted name and what is wrong with it, in Chinese. Never the value. */
export interface FieldError {
  field: string;
  message: string;
}

export interface FailureDetails {
  /** Replaces the table's Chinese message. Must not hold personal data. */
  message?: string;
  errors?: FieldError[];
  data?: Record<string, unknown>;
  /** Seconds for the `Retry-After` header. */
  retryAfter?: number;
}

/**
 * An error of the catalogue, ready to be thrown by an action.
 * @param code a key of ERROR_TABLE; becomes the error's `type`, its HTTP status becomes `code`
 */
export function failure(code: ErrorCode, details: FailureDetails = {}): Errors.MoleculerError {
  const { message, ...data } = details;
  return new Errors.MoleculerError(message ?? ERROR_TABLE[code].message, ERROR_TABLE[code].http, code, data);
}

/** The catalogue's code of any error; null for an error that is not of the catalogue. */
export function codeOf(error: unknown): ErrorCode | null {
  const type = (error as { type?: unknown } | null)?.type;
  return typeof type === "string" && Object.hasOwn(ERROR_TABLE, type) ? (type as ErrorCode) : null;
}

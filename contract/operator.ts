import type { FieldError } from "./errors.ts";

/** A person of the operating team who changes or takes out something: it stands in the audit and in the chain of the process. */
export interface Operator {
  /** The audit entry of this operation; names the item in the chain too, so that a repeat of one operation adds nothing. */
  id: string;
  /** The admin key's name, or what the console was given with `--by`. */
  name: string;
  reason: string;
  via: "ADMIN_API" | "CONSOLE";
}

/** What an administrator may do (CONTRACT.md §2.5); a key without any has all of them. */
export const ADMIN_ROLES = ["author", "approver", "operator", "auditor"] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

/** The evidence key of what an operator did. */
export const operatorKey = (operator: Operator): string => `OPERATOR:${operator.id}`;

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const LONGEST_REASON = 200;
/** What looks like a mobile, an ID card or a bank card; digits within a longer word are an identifier of ours. */
const PERSONAL = /(?<![0-9A-Za-z_])(?:1[3-9]\d{9}|\d{15,19}|\d{17}[Xx])(?![0-9A-Za-z_])/;

/**
 * Why a reason cannot go into audit and evidence, in Chinese; null for a good one. A reason is kept for ever, so it must not
 * hold the number of a person.
 */
export function reasonFault(reason: unknown): string | null {
  if (reason === undefined || reason === null || reason === "") return "必填，请说明操作理由";
  if (typeof reason !== "string") return "类型不正确，应为 string";
  if (Array.from(reason).length > LONGEST_REASON) return `长度不能超过 ${LONGEST_REASON} 个字符`;
  if (reason.trim() === "" || !reason.isWellFormed() || /[\p{Cc}\p{Cf}]/u.test(reason)) return "不能为空白，且不得包含控制字符或不可见字符";
  if (PERSONAL.test(reason)) return "不得包含手机号、证件号或银行卡号，理由会永久保存";
  return null;
}

/** The same for a name: a word, so that whoever reads the audit knows whom it means. */
export const nameFault = (name: unknown): string | null => {
  if (name === undefined || name === null || name === "") return "必填，请注明操作人";
  return typeof name === "string" && NAME.test(name) && !PERSONAL.test(name) ? null : "只能是 1 至 64 位字母、数字、点、下划线或连字符，且不得是手机号等个人信息";
};

/** The wrong fields of name and reason; empty when both are good. */
export function operatorFaults(name: unknown, reason: unknown): FieldError[] {
  const rows = [
    { field: "by", message: nameFault(name) },
    { field: "reason", message: reasonFault(reason) },
  ];
  return rows.filter((row): row is FieldError => row.message !== null);
}

/** What a result may hold (§2.1.3), whichever way it comes. Pure. */

/** The system's own id of a verification: printable ASCII, so that it can stand in a path and in evidence. */
export const isVerificationId = (value: unknown): value is string => typeof value === "string" && /^[\x21-\x7e]{1,64}$/.test(value);

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
/** A time that names its zone. What else `Date.parse` would make a time of ("rubbish 5") is none. */
export const isIsoTime = (value: unknown): value is string => typeof value === "string" && ISO_TIME.test(value) && !Number.isNaN(Date.parse(value));

export const LONGEST_REASON = 256;
const DEEPEST = 32;
const LONGEST_EVIDENCE = 64 * 1024;

/**
 * Why evidence cannot be kept to the letter: the chain's canonical JSON knows neither infinite numbers nor halves of characters,
 * and has no room without end.
 * @returns a reason in Chinese; null when it can be kept
 */
export function evidenceProblem(evidence: unknown): string | null {
  if (evidence == null) return null;
  if (typeof evidence !== "object" || Array.isArray(evidence)) return "必须是对象";
  if (!isShallow(evidence, DEEPEST)) return "嵌套过深";
  if (!isStorable(evidence)) return "含有无法如实保存的数值或字符";
  return Buffer.byteLength(JSON.stringify(evidence)) > LONGEST_EVIDENCE ? "超过 64 kB" : null;
}

function isShallow(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return left > 0 && Object.values(value).every((member) => isShallow(member, left - 1));
}

/** `1e999` parses as infinite and would be kept as null; half of a surrogate pair has no UTF-8 bytes. */
function isStorable(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isStorable(member));
}

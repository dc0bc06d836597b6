/** One thing that is wrong. */
export interface Problem {
  /** Stable word for programs. */
  code: string;
  /** Member of the bundle, with the event's number or the offset where there is one: `evidence.json#7`. */
  where: string;
  /** Chinese, for people. Holds no personal data. */
  message: string;
}

/** Thrown by a check whose ground is missing because an earlier check failed, or because the bundle has nothing to check. */
export class NotChecked extends Error {}

/** Stops one check with exactly one problem. */
export class Broken extends Error {
  readonly problem: Problem;
  constructor(code: string, where: string, message: string) {
    super(message);
    this.problem = { code, where, message };
  }
}

/** The value, or the end of this check because an earlier one did not produce it. */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new NotChecked("前面的检查未通过，无法进行");
  return value;
}

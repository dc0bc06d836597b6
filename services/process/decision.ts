import type { ErrorCode, FailureDetails } from "../../contract/errors.ts";
import { FAILURES, statusName, statusNumber, type EvidenceType, type FailureCode, type Status } from "../../contract/vocabulary.ts";
import { isoSeconds } from "../../contract/time.ts";
import type { EvidenceItem } from "../evidence/evidence.api.ts";
import type { EffectName, EffectParams, OwedEffect, SigningProcess } from "./signing-process.model.ts";

/** An effect as it is decided, before anybody has leased it. */
export interface NewEffect {
  key: string;
  name: EffectName;
  params: EffectParams;
}
export interface Refusal extends FailureDetails {
  code: ErrorCode;
}
/** What a command came to. Without `process` there is nothing to write. */
export interface Decision {
  process?: SigningProcess;
  effects: NewEffect[];
  /** The caller gets this error; `process` may still have changed (a wrong code costs a try). */
  refusal?: Refusal;
  /** For `verified`: what became of the result. */
  outcome?: "ACCEPTED" | "REPEATED" | "LATE" | "ANOMALY";
}

export const nothing = (): Decision => ({ effects: [] });
export const refuse = (code: ErrorCode, details: FailureDetails = {}): Decision => ({ effects: [], refusal: { code, ...details } });

export const effect = (key: string, name: EffectName, params: EffectParams = {}): NewEffect => ({ key, name, params });

/** An effect that appends facts to the evidence chain; the key of the first one names it. */
export const record = (...items: EvidenceItem[]): NewEffect => effect(`record:${items[0]!.key}`, "record", { items });

export const evidence = (type: EvidenceType, key: string, at: number, data: Record<string, unknown>): EvidenceItem => ({
  key,
  type,
  at: isoSeconds(at),
  data,
});

/** A deadline is a whole second (CONTRACT.md §2). */
export const deadline = (at: number, windowMs: number): Date => new Date(Math.floor(at / 1000) * 1000 + windowMs);

/** The process in another state, its history one entry longer. */
export function moved(process: SigningProcess, to: Status, at: number, command: string, change: Partial<SigningProcess> = {}): SigningProcess {
  return {
    ...process,
    ...change,
    status: statusNumber(to),
    updatedAt: new Date(at),
    history: [...process.history, { at: isoSeconds(at), status: to, command }],
  };
}

/** What no longer matters once a process has failed or expired: nobody is to be invited, woken or paid any more. */
export const MOOT: readonly EffectName[] = ["wake", "invite", "reinvite", "startVerification"];

/** The terminal move to FAILED or EXPIRED, with the event owed to the wallet. */
export function ended(process: SigningProcess, to: "FAILED" | "EXPIRED", failureCode: FailureCode, at: number, command: string, change: Partial<SigningProcess> = {}): Decision {
  return {
    process: moved(process, to, at, command, {
      failureCode,
      failureReason: FAILURES[failureCode],
      expiredAt: null,
      owed: process.owed.filter((one: OwedEffect) => !MOOT.includes(one.name)),
      ...change,
    }),
    effects: [effect("announce", "announce")],
  };
}

export const isDue = (process: SigningProcess, at: number): boolean => process.expiredAt !== null && at >= process.expiredAt.getTime();

export const statusOf = (process: SigningProcess): Status => statusName(process.status);

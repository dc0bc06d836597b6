import { createHash } from "node:crypto";
import { statusNumber, type Status } from "../contract/vocabulary.ts";
import type { DeliveryRecord } from "../services/notifier/delivery.model.ts";
import type { SigningEventRecord } from "../services/notifier/signing-event.model.ts";
import type { EvidenceEvent } from "../services/evidence/evidence-chain.model.ts";
import type { ProtocolRecord } from "../services/protocol/protocol-record.model.ts";
import type { SigningProcess } from "../services/process/signing-process.model.ts";
import type { SmsRecord } from "../services/sms/sms-record.model.ts";
import type { VerificationRecord } from "../services/verification-bridge/verification.model.ts";
import type { WakeUp } from "../services/expiry/wake-up.model.ts";

/** What one real process of the platform left in each collection. */
export interface Pattern {
  processes: SigningProcess;
  protocols: ProtocolRecord;
  sms: SmsRecord[];
  verifications: VerificationRecord | null;
  events: SigningEventRecord | null;
  deliveries: DeliveryRecord | null;
  evidence: EvidenceEvent[];
  wakeUps: WakeUp | null;
}
export interface Patterns {
  completed: Pattern;
  open: Pattern;
}
/** A row like `of` but for what it has of its own. Kept apart, since most of a row is the same text in all that are made of one pattern. */
export interface Row<R> {
  of: R;
  other: Partial<R> & { _id: string };
}
/** Rows of many processes by collection. */
export type Rows = { [K in keyof Pattern]: Row<Pattern[K] extends (infer R)[] ? R : NonNullable<Pattern[K]>>[] };
export const noRows = (): Rows => ({ processes: [], protocols: [], sms: [], verifications: [], events: [], deliveries: [], evidence: [], wakeUps: [] });

/** A store to be: `total` processes that began in the year before `now` (ms), the last `open` of which have not ended. */
export interface Plan {
  total: number;
  open: number;
  now: number;
}

const YEAR_MS = 365 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** Of a hundred that have ended. */
const FAILED = 8;
const EXPIRED = 12;
/** Every fifth is the sample's own headquarters', which operators search for; the others' are many. */
const HEADQUARTERS = 200;
const AGREEMENT = "<p>本协议正文在容量测试中从略。</p>";
const BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
/** Ends are the last `open`; open ones are of today. */
const bornAt = ({ total, open, now }: Plan, i: number): number =>
  i >= total - open ? now - HOUR_MS * (1 - (i - (total - open)) / open) : now - YEAR_MS + Math.floor((i / Math.max(1, total - open)) * (YEAR_MS - HOUR_MS));

/** The day and 13 characters of base32 like any process's, and the same again for the same plan. They rise, which fills faster. */
export function tailOf(plan: Plan, i: number): string {
  const day = new Date(bornAt(plan, i)).toISOString().slice(0, 10).replaceAll("-", "");
  let count = "";
  for (let left = i, place = 0; place < 6; place += 1, left >>= 5) count = BASE32[left & 31]! + count;
  return `${day}${count}${digest(`tail:${i}`).slice(0, 7).toUpperCase()}`;
}
export const processIdOf = (plan: Plan, i: number): string => `ESIGN_PROC_${tailOf(plan, i)}`;

function statusAt(plan: Plan, i: number): Status {
  if (i >= plan.total - plan.open) return "SMS_SENT";
  const share = (i * 37) % 100;
  return share < FAILED ? "FAILED" : share < FAILED + EXPIRED ? "EXPIRED" : "COMPLETED";
}

/**
 * Adds the rows of process `i`. Lean against a real one: of the agreement (14 kB) there is a sentence and no key clauses, and the items of evidence have been
 * erased, so that they are there with their hashes and without their data.
 */
export function addRows(into: Rows, { completed, open }: Patterns, plan: Plan, i: number): void {
  const status = statusAt(plan, i);
  const of = status === "COMPLETED" ? completed : open;
  const tail = tailOf(plan, i);
  const processId = `ESIGN_PROC_${tail}`;
  const protocolId = `PROTO_${tail}`;
  const eventId = `EVT_SIGN_${tail}`;
  const born = bornAt(plan, i);
  const shift = born - of.processes.createdAt.getTime();
  const later = <T extends Date | null | undefined>(date: T): T => (date ? new Date(date.getTime() + shift) : date) as T;
  const ended = status !== "SMS_SENT";

  into.processes.push({
    of: of.processes,
    other: {
      _id: processId, processId, protocolId, eventId,
      status: statusNumber(status),
      requestId: `FILL_${i}`,
      payerMerchantNo: i % 5 === 0 ? of.processes.payerMerchantNo : `HQ${i % HEADQUARTERS}`,
      payeeMerchantNo: `ST${i % 50_000}`,
      invitationId: `INV_${processId}`,
      h5PageToken: digest(`token:${i}`),
      verificationId: of.processes.verificationId && `VERIFY_${tail}`,
      failureCode: status === "FAILED" ? "CANCELLED" : status === "EXPIRED" ? "SIGN_TIMEOUT" : of.processes.failureCode,
      createdAt: new Date(born),
      updatedAt: later(of.processes.updatedAt),
      expiredAt: ended ? null : later(of.processes.expiredAt),
      completedAt: later(of.processes.completedAt),
      signDeadline: later(of.processes.signDeadline),
      openedAt: later(of.processes.openedAt),
      signedAt: later(of.processes.signedAt),
      owed: [],
      owedDueAt: null,
    },
  });
  into.protocols.push({
    of: of.protocols,
    other: { _id: protocolId, protocolId, processId, protocolContent: AGREEMENT, keyClauses: [], createdAt: new Date(born), signedAt: later(of.protocols.signedAt), sealedAt: later(of.protocols.sealedAt) },
  });
  of.sms.forEach((sms, n) =>
    into.sms.push({
      of: sms,
      other: { _id: `${n ? `CODE_${n}` : "INV"}_${processId}`, processId, mobile: `139${String(i % 100_000_000).padStart(8, "0")}`, createdAt: new Date(born), lastTriedAt: later(sms.lastTriedAt)!, sentAt: later(sms.sentAt), evidenceOwed: [], owedAt: undefined },
    }),
  );
  for (const event of of.evidence) {
    into.evidence.push({ of: event, other: { _id: `${processId}:${String(event.seq).padStart(6, "0")}`, processId, evidenceData: null, salt: null, createdAt: later(event.createdAt) } });
  }
  const { verifications, events, deliveries } = of;
  if (verifications) into.verifications.push({ of: verifications, other: { _id: `VR_${tail}`, processId, verificationId: `VERIFY_${tail}`, createdAt: later(verifications.createdAt), dueAt: undefined } });
  if (!ended) {
    if (open.wakeUps) into.wakeUps.push({ of: open.wakeUps, other: { _id: processId, dueAt: later(open.wakeUps.dueAt) } });
    return;
  }
  // The pattern may have been read while its callback was under way; none of its copies is due.
  const told = { of: events ?? completed.events!, by: deliveries ?? completed.deliveries! };
  into.events.push({ of: told.of, other: { _id: eventId, processId, recordedAt: new Date(born + HOUR_MS / 2) } });
  into.deliveries.push({ of: told.by, other: { _id: eventId, processId, state: i % 1_000 === 0 ? "PARKED" : "DELIVERED", nextAt: undefined, evidenceOwed: [], owedAt: undefined, createdAt: new Date(born + HOUR_MS / 2) } });
}

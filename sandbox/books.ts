import { openJournal, type Journal } from "./journal.ts";
import { NO_FAULTS, type Switches } from "./faults.ts";

/** An SMS as it lies on the signer's phone. */
export interface Message {
  messageId: string;
  smsId: string;
  mobile: string;
  templateCode: string | null;
  content: string;
  /** ISO time. */
  at: string;
}

export interface RemittanceAnswer {
  code: "SUCCESS" | "VERIFICATION_MISMATCH";
  data: { status: "SUCCESS" | "PENDING" | "FAILED"; remainingAttempts?: number };
}

/** One verification at the verification system; `requestId` made it and makes no second one. */
export interface Verification {
  verificationId: string;
  requestId: string;
  processId: string;
  status: "PENDING" | "SUCCESS" | "FAILED";
  /** ISO times. */
  createdAt: string;
  verifiedAt: string | null;
  failureReason: string | null;
  /** The one transfer that left the bank. */
  remittance: { amount: string; remark: string; payee: string; cardTail: string } | null;
  wrongAnswers: number;
  /** By `answerId`: the same answer sent twice counts once. */
  answers: Record<string, RemittanceAnswer>;
  face: { url: string; expiresAt: string; returnUrl: string } | null;
  callbackUrl: string;
  callbackToken: string;
  /** True when the platform has acknowledged the result. */
  notified: boolean;
}

/** A call that reached the wallet. */
export interface Webhook {
  headers: Record<string, string>;
  rawBody: string;
  /** Parsed, or the text when it is no JSON. */
  body: unknown;
  signature: { valid: boolean; reason: string };
  at: string;
}

type Entry =
  | { kind: "message"; value: Message }
  | { kind: "verification"; value: Verification }
  | { kind: "webhook"; value: Webhook }
  | { kind: "switches"; value: Switches };

/**
 * Everything the three stand-ins know, in memory and in one journal outside DATA_DIR: it holds what other companies hold
 * (mobiles, payees), which the platform's own files never may.
 */
export class Books {
  readonly messages = new Map<string, Message>();
  readonly verifications = new Map<string, Verification>();
  readonly webhooks: Webhook[] = [];
  switches: Switches = NO_FAULTS;
  private readonly byRequest = new Map<string, string>();
  private readonly journal: Journal<Entry>;

  /** @param directory where the journal is kept */
  constructor(directory: string) {
    this.journal = openJournal<Entry>(directory, (entry) => this.apply(entry));
  }

  keepMessage(value: Message): void {
    this.keep({ kind: "message", value });
  }
  keepVerification(value: Verification): void {
    this.keep({ kind: "verification", value });
  }
  keepWebhook(value: Webhook): void {
    this.keep({ kind: "webhook", value });
  }
  keepSwitches(value: Switches): void {
    this.keep({ kind: "switches", value });
  }

  verificationOf(requestId: string): Verification | undefined {
    return this.verifications.get(this.byRequest.get(requestId) ?? "");
  }

  /** Forgets everything, faults included. */
  clear(): void {
    this.journal.clear();
    this.messages.clear();
    this.verifications.clear();
    this.byRequest.clear();
    this.webhooks.length = 0;
    this.switches = NO_FAULTS;
  }

  private keep(entry: Entry): void {
    this.journal.append(entry);
    this.apply(entry);
  }

  private apply(entry: Entry): void {
    switch (entry.kind) {
      case "message":
        this.messages.set(entry.value.messageId, entry.value);
        break;
      case "verification":
        this.verifications.set(entry.value.verificationId, entry.value);
        this.byRequest.set(entry.value.requestId, entry.value.verificationId);
        break;
      case "webhook":
        this.webhooks.push(entry.value);
        break;
      case "switches":
        this.switches = entry.value;
    }
  }
}

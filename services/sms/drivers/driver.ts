/** One message as a gateway gets it (CONTRACT.md §3.1); `messageId` is the idempotency key. */
export interface SmsMessage {
  messageId: string;
  mobile: string;
  templateCode: string;
  content: string;
  receiptUrl: string;
}

/** What became of one try: OK sent, REFUSED decided against (final), FAILED unknown (may be tried again with the same `messageId`). */
export interface SmsTry {
  outcome: "OK" | "REFUSED" | "FAILED";
  status: number | null;
  smsId: string | null;
}

/** A way to send SMS. Drivers are factories and pass one shared suite. */
export interface SmsDriver {
  /** Never throws for trouble on the network. @param timeoutMs what is left for this try */
  send(message: SmsMessage, timeoutMs: number): Promise<SmsTry>;
  close(): Promise<void>;
}
export interface SmsDriverOptions {
  url: string;
  /** One try, in milliseconds. */
  timeoutMs: number;
  keyFile: string;
}

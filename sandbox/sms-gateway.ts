import { randomBase32 } from "../contract/ids.ts";
import { isoSeconds } from "../contract/time.ts";
import { clock } from "../mixins/clock.ts";
import type { Books, Message } from "./books.ts";
import { success, type End } from "./http-exchange.ts";
import { optionalText, requiredTexts } from "./required-text.ts";

/** Tells the platform that a message has reached the phone. */
export type SendReceipt = (url: string, messageId: string) => void;

/** `POST /sandbox/gateway/sms` (CONTRACT.md §3.1). `messageId` makes one message, however often it is posted. */
export const smsEnd =
  (books: Books, sendReceipt: SendReceipt): End =>
  (call) => {
    const body = call.json();
    const { messageId, mobile, content } = requiredTexts(body, ["messageId", "mobile", "content"]);
    const known = books.messages.get(messageId);
    if (known) return success({ smsId: known.smsId });
    const smsId = `SMS${randomBase32(16)}`;
    books.keepMessage({ messageId, smsId, mobile, content, templateCode: optionalText(body["templateCode"]), at: isoSeconds(clock.now()) });
    const receiptUrl = optionalText(body["receiptUrl"]);
    if (receiptUrl && books.switches.receipts) sendReceipt(receiptUrl, messageId);
    return success({ smsId });
  };

const LINK = /https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/;
const CODE = /(?<!\d)\d{6}(?!\d)/;

/** A message as the phone shows it: its link, or when it has none its six-digit code, ready to be used. */
export function shownMessage({ messageId, mobile, content, at }: Message) {
  const link = LINK.exec(content)?.[0].replace(/[.,;!)\]]+$/, "");
  const code = link ? undefined : CODE.exec(content)?.[0];
  return { messageId, mobile, content, link, code, at };
}

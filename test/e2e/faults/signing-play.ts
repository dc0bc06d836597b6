import { scheduler } from "node:timers/promises";
import { sampleRequest, SAMPLE_FLOWS, type Flow } from "../../../sandbox/sample-requests.ts";
import { RESEND_PAUSE_MS } from "../../../services/process/decide-resend.ts";
import type { Outside } from "./outside.ts";
import { settled, type Answer, type Client } from "./wallet-client.ts";

/** How a signing is meant to end. RACE signs within 50 ms of the deadline, before or behind it; RESEND has the invitation sent again before it signs. */
export type Ending = "SIGN" | "DECLINE" | "CANCEL" | "ABANDON" | "RACE" | "RESEND";

/** What the outside knows of one signing: what it was told, and what it saw. */
export interface Seen {
  requestId: string;
  flow: Flow;
  ending: Ending;
  mobile: string;
  /** Process ids that initiations of this request were answered with. */
  processIds: Set<string>;
  token: string | null;
  /** `signedAt` of every acknowledged signature. */
  signedAts: Set<string>;
  hashes: Set<string>;
  /** States the wallet saw, in order, each once in a row. */
  statuses: string[];
  codes: string[];
  /** What it is doing, and since when (ms, monotonic). */
  step: string;
  since: number;
  over: boolean;
  /** Its first and its last moment (ms, monotonic); the last is null while it is under way. */
  began: number;
  ended: number | null;
}

const OVER = ["COMPLETED", "FAILED", "EXPIRED"];
const POLL_MS = 300;
/** From its first call to its end, in the worst of faults: the longest lease (120 s) and then some. */
const PLAY_MS = 300_000;

export interface PlayOptions {
  client: Client;
  outside: Outside;
  random: () => number;
  /** Makes request ids and mobiles that no other signing has. */
  number: number;
  run: string;
  ending?: Ending;
  /** RESEND waits for it. */
  gate?: Promise<void>;
}

/** The body of this signing: of a flow by chance, with a mobile of its own. */
function requestOf(flow: Flow, requestId: string, mobile: string, callbackUrl: string) {
  // The samples share their parties.
  const body = structuredClone(sampleRequest(flow, requestId, callbackUrl));
  for (const party of [body.payerInfo, body.payeeInfo]) if (party?.contactInfo) party.contactInfo = { ...party.contactInfo, mobile };
  return body;
}

/** Wallet, phone and person of one signing, from the initiation to its end; never rejects. */
export class SigningPlay {
  readonly seen: Seen;
  readonly #options: PlayOptions;
  readonly #body: unknown;

  constructor(options: PlayOptions) {
    this.#options = options;
    const { random, number, run } = options;
    const flow = SAMPLE_FLOWS[Math.floor(random() * SAMPLE_FLOWS.length)]!;
    const chance = random();
    const ending = options.ending ?? (chance < 0.86 ? "SIGN" : chance < 0.93 ? "DECLINE" : "CANCEL");
    const requestId = `F_${run}_${number}`;
    const mobile = `139${String(10_000_000 + number * 7 + Math.floor(random() * 7)).padStart(8, "0")}`;
    this.seen = { requestId, flow, ending, mobile, processIds: new Set(), token: null, signedAts: new Set(), hashes: new Set(), statuses: [], codes: [], step: "", since: 0, over: false, began: performance.now(), ended: null };
    this.#body = requestOf(flow, requestId, mobile, `${options.outside.url}/sandbox/gateway/wallet`);
  }

  get processId(): string | null {
    return [...this.seen.processIds][0] ?? null;
  }

  /** Resolves when it has come to an end, the intended one or another, or was given up (`seen.over`). */
  async play(): Promise<void> {
    await this.#play();
    if (!this.seen.over) this.#doing("given up");
    this.seen.ended = performance.now();
  }

  async #play(): Promise<void> {
    if (!(await this.#initiate())) return;
    const { ending } = this.seen;
    if (!(await this.#status("is invited", (status) => status !== "INIT"))) return;
    if (ending === "CANCEL") await this.#wallet("cancel", { reason: "不再需要" });
    if (ending === "DECLINE") await this.#h5("decline", "decline", { reason: "暂不签署" }, settled);
    if (ending === "RESEND") await this.#resend();
    if ((ending === "SIGN" || ending === "RESEND") && (await this.#sign())) await this.#verify();
    if (ending === "RACE" && (await this.#race())) await this.#verify();
    await this.#status("is over", (status) => OVER.includes(status));
    this.seen.over = OVER.includes(this.seen.statuses.at(-1) ?? "");
  }

  async #initiate(): Promise<boolean> {
    this.#doing("initiate");
    const headers = { "x-system-code": "WALLET", "x-business-id": `BIZ_${this.seen.requestId}` };
    const answer = await this.#options.client.call("initiate", "/api/v1/esign/process/initiate", { body: this.#body, headers }, ({ http, code }) => http === 200 || code === "REQUEST_DUPLICATED" || code === "SMS_SEND_FAILED");
    if (!answer) return false;
    this.seen.processIds.add(String(answer.data["processId"]));
    const link = answer.data["h5PageUrl"];
    if (typeof link === "string") this.seen.token = new URL(link).searchParams.get("token");
    return true;
  }

  async #wallet(path: string, body: unknown): Promise<void> {
    this.#doing(path);
    const headers = { "x-system-code": "WALLET", "x-business-id": `BIZ_${this.seen.requestId}` };
    await this.#options.client.call(path, `/api/v1/esign/process/${this.processId}/${path}`, { body, headers }, settled);
  }

  /** Refused until a minute after the last one, and while one that was accepted is being sent: 429 to a repeat whose first answer was lost. */
  async #resend(): Promise<void> {
    this.#doing("waits to be invited again");
    await Promise.all([scheduler.wait(RESEND_PAUSE_MS + 500), this.#options.gate]);
    this.#doing("sms/resend");
    const headers = { "x-system-code": "WALLET", "x-business-id": `BIZ_${this.seen.requestId}` };
    await this.#options.client.call("resend", `/api/v1/esign/process/${this.processId}/sms/resend`, { body: {}, headers }, ({ http }) => http < 500);
  }

  /** Asks for the state until it is one of those; a look costs no operation, only the wait does. */
  async #status(what: string, wanted: (status: string) => boolean): Promise<boolean> {
    this.#doing(what);
    const end = performance.now() + PLAY_MS;
    while (performance.now() < end) {
      const answer = await this.#options.client.once(`/api/v1/esign/process/${this.processId}`);
      if (answer?.http === 200) {
        const status = String(answer.data["status"]);
        if (this.seen.statuses.at(-1) !== status) this.seen.statuses.push(status);
        if (wanted(status)) return true;
      }
      await scheduler.wait(POLL_MS);
    }
    this.#options.client.tally.givenUp.push(`${what}: still ${this.seen.statuses.at(-1)}`);
    return false;
  }

  #h5(what: string, path: string, body: unknown, satisfies: (answer: Answer) => boolean | Promise<boolean>): Promise<Answer | null> {
    this.#doing(what);
    return this.#options.client.call(what, `/h5/api/${path}`, { body, headers: { authorization: `Bearer ${this.seen.token}` } }, satisfies);
  }

  /** @returns whether it is signed */
  async #sign(): Promise<boolean> {
    if (!this.seen.token) return false;
    const page = await this.#h5("page", "process", undefined, ({ http }) => http === 200);
    const protocol = page?.data["protocol"] as { protocolHash: string; keyClauses: { id: string }[] } | undefined;
    if (!protocol) return false;
    const { protocolHash } = protocol;
    this.seen.hashes.add(protocolHash);
    await this.#h5("open", "open", { protocolHash }, settled);
    // 429: one whose answer was lost has gone out.
    await this.#h5("sign-code", "sign-code", {}, ({ http }) => http < 500);
    const said = { protocolHash, keyClauses: protocol.keyClauses.map(({ id }) => id), scrolledToEnd: true, consent: true };
    const end = performance.now() + PLAY_MS;
    while (performance.now() < end) {
      const smsCode = this.#code();
      const answer = smsCode ? await this.#h5("sign", "sign", { ...said, smsCode }, settled) : null;
      if (answer?.http === 200) {
        this.seen.signedAts.add(String(answer.data["signedAt"]));
        return true;
      }
      // Over, by deadline or by a fault's doing.
      if (answer && [409, 410].includes(answer.http)) return false;
      if (answer?.code === "READING_INCOMPLETE") await this.#h5("open", "open", { protocolHash }, settled);
      // A code whose answer was lost has come or comes; one that never left is asked for again after its minute.
      const asked = smsCode ? null : await this.#h5("sign-code", "sign-code", {}, ({ http }) => http < 500);
      if (asked && [409, 410].includes(asked.http)) return false;
      await scheduler.wait(POLL_MS);
    }
    return false;
  }

  /** Signs on every gateway at once, at the deadline. @returns whether one of them took it */
  async #race(): Promise<boolean> {
    const page = await this.#h5("page", "process", undefined, ({ http }) => http === 200);
    const protocol = page?.data["protocol"] as { protocolHash: string; keyClauses: { id: string }[] };
    const { protocolHash } = protocol;
    this.seen.hashes.add(protocolHash);
    await this.#h5("open", "open", { protocolHash }, settled);
    await this.#h5("sign-code", "sign-code", {}, ({ http }) => http < 500);
    const smsCode = this.#code();
    if (!smsCode) return false;
    this.#doing("race");
    const { client, random } = this.#options;
    const body = { protocolHash, smsCode, keyClauses: protocol.keyClauses.map(({ id }) => id), scrolledToEnd: true, consent: true };
    const moment = Date.parse(String(page?.data["expiredAt"])) + random() * 100 - 50;
    await scheduler.wait(Math.max(0, moment - Date.now()));
    const answers = await Promise.all(client.everywhere().map((gateway) => client.once("/h5/api/sign", { body, headers: { authorization: `Bearer ${this.seen.token}` }, gateway })));
    for (const answer of answers) if (answer?.http === 200) this.seen.signedAts.add(String(answer.data["signedAt"]));
    return this.seen.signedAts.size > 0;
  }

  /** The newest code on this phone. */
  #code(): string | undefined {
    const mine = [...this.#options.outside.books.messages.values()].filter((message) => message.mobile === this.seen.mobile && !message.messageId.startsWith("INV_"));
    const code = /(?<!\d)\d{6}(?!\d)/.exec(mine.at(-1)?.content ?? "")?.[0];
    if (code && !this.seen.codes.includes(code)) this.seen.codes.push(code);
    return code;
  }

  async #verify(): Promise<void> {
    const pending = await this.#status("is being verified", (status) => !["SMS_SENT", "PROTOCOL_SIGNED"].includes(status));
    if (!pending || this.seen.statuses.at(-1) !== "VERIFICATION_PENDING") return;
    const { books } = this.#options.outside;
    const mine = () => [...books.verifications.values()].find(({ processId }) => processId === this.processId);
    const over = async (): Promise<boolean> => {
      const answer = await this.#options.client.once(`/api/v1/esign/process/${this.processId}`);
      return answer?.http === 200 && answer.data["status"] !== "VERIFICATION_PENDING";
    };
    // A verification that has not started yet starts by itself: 409 until then, and also while an answer is under way.
    const done = async ({ http }: Answer): Promise<boolean> => http === 200 || (http === 409 && (await over())) || http === 410;
    const { processType, signerType } = this.seen.flow;
    if (signerType !== "INDIVIDUAL" || processType === "POOLING_AUTH") {
      this.#doing("waits for the money");
      const end = performance.now() + PLAY_MS;
      // With the verification system away the money comes later.
      while (!mine()?.remittance && performance.now() < end && !(await over())) await scheduler.wait(POLL_MS);
      const { amount, remark } = mine()?.remittance ?? { amount: "", remark: "" };
      if (amount) await this.#h5("answer", "verification/remittance", { amount, remark }, done);
      return;
    }
    const face = await this.#h5("face", "verification/face", {}, done);
    if (face?.http !== 200) return;
    const verificationId = new URL(String(face.data["faceUrl"])).pathname.split("/").at(-1);
    await fetch(`${this.#options.outside.url}/sandbox/api/face/${verificationId}`, { method: "POST", body: JSON.stringify({ result: "SUCCESS" }) });
  }

  #doing(step: string): void {
    this.seen.step = step;
    this.seen.since = performance.now();
  }
}

import type { Config } from "../../config/index.ts";
import { failure } from "../../contract/errors.ts";
import { isoOrNull, isoSeconds } from "../../contract/time.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { DownloadLink, Shown } from "../protocol/protocol.api.ts";
import type { SmsOutcome } from "../sms/sms.api.ts";
import type { Rendered } from "../template/template.api.ts";
import type { Actor, CommandOn } from "./actor.ts";
import type { CommandName } from "./commands.ts";
import { templateVariables } from "./agreement-variables.ts";
import { isDue, statusOf } from "./decision.ts";
import { codeRefusal, CODE_PAUSE_MS } from "./decide-signing.ts";
import { isCode, isToken, signCode, tokenHash } from "./link-token.ts";
import { reserveSms, type Limiter } from "./limits.ts";
import { withPatience } from "./patience.ts";
import type { PageData, SignerCall } from "./process.api.ts";
import type { SigningProcess } from "./signing-process.model.ts";
import { transition, type Rule } from "./transitions.ts";
import { validate } from "./validation.ts";
import { signerView, verificationView } from "./views.ts";

export interface SignerDesk extends Limiter {
  config: Config;
  processes: Collection<SigningProcess>;
  actor: Actor;
  /** Decides the command, starts what it came to owe, throws its refusal. */
  command(id: string, command: CommandOn): Promise<SigningProcess>;
  call<T>(action: string, params: unknown, timeoutMs: number): Promise<T>;
  now(): number;
  newAnswerId(): string;
}

/** How long a signer waits for the verification to be started; the page may wait 10 s for the whole call. */
const SIGN_PATIENCE_MS = 6_000;

/** A link works until 30 days after the terminal state (CONTRACT.md §2.4). */
const LINK_AFTERLIFE_MS = 30 * 24 * 3_600_000;

/**
 * The process a link belongs to.
 * @throws H5_TOKEN_INVALID for an unknown, withdrawn or outlived token, all alike
 */
export async function processOfToken(on: SignerDesk, token: string): Promise<SigningProcess> {
  const process = token.length <= 128 ? await on.processes.findOne({ h5PageToken: tokenHash(token) }) : null;
  const key = process && on.config.h5TokenSecret.find((one) => one.kid === process.h5PageTokenKid);
  if (!process || !key || !isToken(key, process.processId, token)) throw failure("H5_TOKEN_INVALID");
  const over = ["COMPLETED", "FAILED", "EXPIRED"].includes(statusOf(process)) && process.history.at(-1);
  if (over && on.now() > Date.parse(over.at) + LINK_AFTERLIFE_MS) throw failure("H5_TOKEN_INVALID");
  return process;
}

/** `GET /h5/api/process`: everything the page shows; changes nothing. */
export async function page(on: SignerDesk, token: string): Promise<PageData> {
  const process = await processOfToken(on, token);
  const { agreement } = process;
  const variables = templateVariables(process);
  const [texts, shown, download] = await Promise.all([
    on.call<Rendered>("template.render", { ref: agreement.templates.h5, variables }, 5_000),
    on.call<Shown>("protocol.show", { protocolId: process.protocolId }, 5_000).catch((error: unknown) => {
      // Nobody has been invited yet, but the wallet has the link: the agreement is being frozen.
      throw statusOf(process) === "INIT" ? failure("SERVICE_UNAVAILABLE", { retryAfter: 2 }) : error;
    }),
    statusOf(process) === "COMPLETED" ? on.call<DownloadLink>("protocol.link", { protocolId: process.protocolId }, 5_000) : null,
  ]);
  return {
    processId: process.processId,
    status: statusOf(process),
    expiredAt: isoOrNull(process.expiredAt),
    page: JSON.parse(texts.text) as PageData["page"],
    protocol: {
      protocolId: process.protocolId,
      protocolName: agreement.protocolName,
      html: shown.html,
      protocolHash: agreement.protocolHash,
      keyClauses: shown.keyClauses,
      readSeconds: Math.ceil(on.config.readSeconds / 1000),
    },
    signer: signerView(process),
    smsCode: { required: agreement.codeRequired },
    verification: verificationView(process),
    failureReason: process.failureReason,
    downloadUrl: download?.url ?? null,
  };
}

/** `POST /h5/api/open`: the agreement is displayed; the reading clock starts once. */
export async function open(on: SignerDesk, { token, origin, body }: SignerCall): Promise<{ openedAt: string | null }> {
  const process = await processOfToken(on, token);
  await inTurn(on, process, "open");
  const { protocolHash } = valid<{ protocolHash: string }>("open", body);
  const opened = await on.command(process._id, () => ({ name: "open", at: on.now(), protocolHash, origin }));
  return { openedAt: isoOrNull(opened.openedAt) };
}

/**
 * `POST /h5/api/sign-code`. The code goes out before it counts: a failing gateway changes nothing. Two nodes that send the same
 * number of code send the same digits under the same message id, which is one SMS.
 */
export async function sendCode(on: SignerDesk, { token }: SignerCall): Promise<{ resendAfter: number }> {
  const process = await processOfToken(on, token);
  const status = statusOf(process);
  if (status === "EXPIRED" || isDue(process, on.now())) throw failure("PROCESS_EXPIRED");
  if (status !== "SMS_SENT") throw failure("PROCESS_STATE_INVALID");
  const refused = codeRefusal(process, on.now());
  if (refused) throw failure(refused.code, refused);

  const key = on.config.h5TokenSecret[0]!;
  const n = (process.signCode?.sent ?? 0) + 1;
  const messageId = `CODE_${process.processId}_${n}`;
  await reserveSms(on, messageId, process.payeeContactMobile);
  const sms = await on.call<SmsOutcome>(
    "sms.send",
    {
      messageId,
      processId: process.processId,
      kind: "SIGN_CODE",
      mobile: process.payeeContactMobile,
      template: process.agreement.templates.smsCode,
      variables: {
        ...templateVariables(process),
        code: signCode(key, process.processId, process.agreement.protocolHash, n),
      },
    },
    8_000,
  );
  if (sms.status === "FAILED") throw failure("SMS_SEND_FAILED");
  await on.command(process._id, () => ({ name: "codeSent", at: on.now(), n, kid: key.kid, sms }));
  return { resendAfter: CODE_PAUSE_MS / 1000 };
}

interface SignBody {
  protocolHash: string;
  smsCode?: string;
  keyClauses?: string[];
  scrolledToEnd?: boolean;
  consent?: boolean;
}

/** `POST /h5/api/sign`: the signature, at most one; a repeat gives the first one's time. */
export async function sign(on: SignerDesk, { token, origin, body }: SignerCall): Promise<Record<string, unknown>> {
  const process = await processOfToken(on, token);
  // Who has signed already is told so, whatever the repeat looks like.
  if ((await inTurn(on, process, "sign")) === "judge") {
    const said = valid<SignBody>("sign", body);
    await on.command(process._id, (current) => ({
      name: "sign",
      at: on.now(),
      protocolHash: said.protocolHash,
      origin,
      codeRequired: current.agreement.codeRequired,
      codeMatches: codeMatches(on.config, current, said.smsCode),
      keyClauses: said.keyClauses ?? [],
      scrolledToEnd: said.scrolledToEnd ?? false,
      consent: said.consent ?? false,
      readMs: on.config.readSeconds,
      windowMs: current.verificationType === "REMITTANCE" ? on.config.verificationWindowRemittance : on.config.verificationWindowFace,
    }));
    // The start of the verification is part of what the signer waits for; when it takes long the page says so.
    await withPatience(on.actor.settle(process._id), SIGN_PATIENCE_MS);
  }
  const signed = (await on.processes.get(process._id))!;
  return { status: statusOf(signed), signedAt: isoSeconds(signed.signedAt!), verification: verificationView(signed) };
}

/** Null when nothing was typed; false also when the code's key has been withdrawn. */
function codeMatches(config: Config, process: SigningProcess, typed: string | undefined): boolean | null {
  if (typed === undefined || typed.trim() === "") return null;
  const code = process.signCode;
  const key = code && config.h5TokenSecret.find((one) => one.kid === code.kid);
  if (!code || !key) return false;
  return isCode(signCode(key, process.processId, process.agreement.protocolHash, code.sent), typed);
}

/** `POST /h5/api/decline`. */
export async function decline(on: SignerDesk, { token, origin, body }: SignerCall): Promise<Record<string, unknown>> {
  const process = await processOfToken(on, token);
  await inTurn(on, process, "decline");
  const { reason } = valid<{ reason: string }>("reason", body);
  const declined = await on.command(process._id, () => ({ name: "decline", at: on.now(), reason, origin }));
  return { status: statusOf(declined), failureReason: declined.failureReason };
}

/**
 * State is judged before form (CONTRACT.md §2.4): after EXPIRED everything is 410, whatever it looks like. Whoever seems to be late
 * is judged on the process behind the commands under way: one of them may be the same person's first tap, in time.
 * @returns what the command does in this state
 */
async function inTurn(on: SignerDesk, process: SigningProcess, command: "open" | "sign" | "decline"): Promise<Rule> {
  if (!isLate(on, process, command)) return ruleOf(process, command);
  const { process: current } = await on.actor.apply(process._id, undefined);
  if (isLate(on, current, command)) throw failure("PROCESS_EXPIRED");
  return ruleOf(current, command);
}

const isLate = (on: SignerDesk, process: SigningProcess, command: CommandName): boolean =>
  transition(command, statusOf(process)).beforeDeadline === true && isDue(process, on.now());

function ruleOf(process: SigningProcess, command: CommandName): Rule {
  const { rule } = transition(command, statusOf(process));
  if (rule === "PROCESS_EXPIRED" || rule === "PROCESS_STATE_INVALID") throw failure(rule);
  return rule;
}

function valid<T>(schema: "open" | "sign" | "reason", body: unknown): T {
  const validated = validate<T>(schema, body);
  if (validated.errors) throw failure("PARAM_INVALID", { errors: validated.errors });
  return validated.value;
}

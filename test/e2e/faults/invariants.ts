import { createHash } from "node:crypto";
import { join } from "node:path";
import { readRoots } from "../../../cli/verify/trust.ts";
import { verifyBundle, type Facts } from "../../../cli/verify/verify-bundle.ts";
import { statusName, TERMINAL, type Status } from "../../../contract/vocabulary.ts";
import type { SigningProcess } from "../../../services/process/signing-process.model.ts";
import { TRANSITIONS } from "../../../services/process/transitions.ts";
import type { Cluster } from "./cluster.ts";
import type { Load } from "./load.ts";
import type { Seen } from "./signing-play.ts";
import type { Stored } from "./stored.ts";

/** How long after its deadline a process may still be open: a sweep, a query's grace (EXPIRY_QUERY_GRACE of the cluster), a lease. */
const DEADLINE_SLACK_MS = 60_000;
const GRACE_MS = 20_000;

interface Judged {
  process: SigningProcess;
  seen: Seen;
}
const JUDGED_AT_ONCE = 6;

/**
 * The promises of the platform, judged by what the outside saw and by what is stored once it is quiet.
 * @returns what is broken, one line each
 */
export async function broken(cluster: Cluster, load: Load, stored: Stored, now: number): Promise<string[]> {
  const wrong: string[] = [];
  const judged: Judged[] = [];
  const byRequest = Map.groupBy(stored.processes, ({ requestId }) => requestId);
  for (const seen of load.seen) {
    const rows = byRequest.get(seen.requestId) ?? [];
    if (rows.length > 1) wrong.push(`${seen.requestId}: ${rows.length} processes for one key`);
    if (seen.processIds.size > 1) wrong.push(`${seen.requestId}: told of ${seen.processIds.size} processes`);
    const lost = [...seen.processIds].filter((id) => !rows.some(({ processId }) => processId === id));
    if (lost.length) wrong.push(`${seen.requestId}: acknowledged ${lost} is not stored`);
    judged.push(...rows.map((process) => ({ process, seen })));
  }
  const judge = async ({ process, seen }: Judged): Promise<string[]> => {
    const found = [...pathProblems(process), ...outcomeProblems(process, seen, cluster, stored), ...(await evidenceProblems(process, seen, cluster, load, stored))];
    return found.map((problem) => `${process.processId} (${seen.requestId}): ${problem}`);
  };
  // A few at a time: most of it is the cluster's work.
  for (let at = 0; at < judged.length; at += JUDGED_AT_ONCE) wrong.push(...(await Promise.all(judged.slice(at, at + JUDGED_AT_ONCE).map(judge))).flat());
  for (const { processId, status, expiredAt } of stored.processes) {
    if (TERMINAL.includes(statusName(status)) || !expiredAt || expiredAt.getTime() + DEADLINE_SLACK_MS + GRACE_MS > now) continue;
    wrong.push(`${processId}: still ${statusName(status)} although its deadline was ${expiredAt.toISOString()}`);
  }
  return wrong;
}

/** The history is a path of the table, and nothing follows a terminal state. */
function pathProblems(process: SigningProcess): string[] {
  const [first, ...rest] = process.history;
  const problems = first?.status === "INIT" && first.command === "initiate" ? [] : ["its history does not begin with INIT"];
  let at: Status = "INIT";
  for (const { status, command } of rest) {
    const from = at;
    const known = TRANSITIONS.some((row) => row.command === command && row.in.includes(from) && row.to?.includes(status));
    if (!known) problems.push(`${command} led from ${from} to ${status}`);
    if (TERMINAL.includes(from)) problems.push(`${status} came after ${from}`);
    at = status;
  }
  if (at !== statusName(process.status)) problems.push(`its history ends in ${at}, its state is ${statusName(process.status)}`);
  return problems;
}

function outcomeProblems(process: SigningProcess, seen: Seen, { outside }: Cluster, stored: Stored): string[] {
  const { processId, eventId, invitationId } = process;
  const status = statusName(process.status);
  const problems: string[] = [];
  const over = seen.statuses.filter((one) => TERMINAL.includes(one as Status));
  if (over.length && (over.length > 1 || over[0] !== status || seen.statuses.at(-1) !== over[0])) problems.push(`the wallet saw ${seen.statuses.join(", ")}, stored is ${status}`);
  if (seen.signedAts.size > 1) problems.push(`signed at ${[...seen.signedAts].join(" and at ")}`);
  if (seen.signedAts.size === 1 && !process.signedAt) problems.push("the acknowledged signature is not stored");

  const invitations = [...outside.books.messages.values()].filter(({ messageId }) => messageId.startsWith("INV_") && messageId.includes(processId));
  // Each one that the wallet asked for has an id of its own, from the second invitation on.
  const again = (process.resends?.sent ?? 0) + (process.resends?.pending ? 1 : 0);
  const allowed = [invitationId, ...Array.from({ length: again }, (_, at) => `${invitationId}_${at + 2}`)];
  if (invitations.some(({ messageId }) => !allowed.includes(messageId))) problems.push(`invited by ${invitations.map(({ messageId }) => messageId)}`);

  const verifications = [...outside.books.verifications.values()].filter((one) => one.processId === processId);
  const remittances = verifications.filter(({ remittance }) => remittance);
  if (new Set(remittances.map(({ requestId }) => requestId)).size !== remittances.length || remittances.length > 1) problems.push(`${remittances.length} remittances`);
  const [told, known] = [verifications, stored.verifications.filter((one) => one.processId === processId)].map((all) => all.filter((one) => one.status === "SUCCESS").length);
  if (status === "COMPLETED" && (told !== 1 || known !== 1)) problems.push(`COMPLETED with ${told} successful verifications outside and ${known} stored`);

  const events = stored.events.filter((event) => event.processId === processId);
  const calls = outside.books.webhooks.filter(({ body }) => (body as { payload?: { processId?: string } } | null)?.payload?.processId === processId);
  if (TERMINAL.includes(status)) {
    if (events.length !== 1 || events[0]!._id !== eventId) problems.push(`its events are ${events.map(({ _id }) => _id)}, minted was ${eventId}`);
    if (!calls.length) problems.push("the wallet was never called back");
  } else if (events.length || calls.length) problems.push(`told as over while ${status}`);
  if (calls.some(({ headers }) => headers["webhook-id"] !== eventId)) problems.push("a callback has another event's id");
  if (new Set(calls.map(({ rawBody }) => rawBody)).size > 1) problems.push("callbacks differ");
  const unsigned = calls.filter(({ signature }) => !signature.valid);
  if (unsigned.length) problems.push(`a callback's signature: ${unsigned[0]!.signature.reason}`);
  return problems;
}

/** Shown, stored, filed and proven are one agreement, and the chain verifies. */
async function evidenceProblems(process: SigningProcess, seen: Seen, cluster: Cluster, load: Load, stored: Stored): Promise<string[]> {
  const { processId, agreement, protocolId } = process;
  const status = statusName(process.status);
  const bundle = await bytesOf(cluster, load, `/api/v1/esign/process/${processId}/evidence`);
  if (!bundle) return ["its evidence cannot be had"];
  const verdict = verifyBundle(bundle, { roots: readRoots(join(cluster.dataDir, "keys", "seal-root.pem")) });
  const { facts } = verdict;
  const problems = verdict.problems.map(({ code, where, message }) => `evidence: ${code} ${where} ${message}`);
  const protocol = stored.protocols.find((one) => one.protocolId === protocolId);
  const hashes = new Set([...seen.hashes, agreement.protocolHash, protocol?.evidenceHash, facts.protocolHash]);
  if (hashes.size !== 1) problems.push(`hashes of the agreement: ${[...hashes].join(", ")}`);
  if ((process.signedAt !== null) !== (facts.signedAt !== null)) problems.push("signed, but not in evidence, or the other way round");
  if (TERMINAL.includes(status) && (facts.final !== true || facts.status !== status)) problems.push(`evidence says ${facts.status}, ${facts.final ? "final" : "not final"}`);
  if (status === "COMPLETED") problems.push(...(await fileProblems(processId, facts, protocol?.pdfSha256 ?? null, cluster, load)));
  return problems;
}

async function fileProblems(processId: string, facts: Facts, stored: string | null, cluster: Cluster, load: Load): Promise<string[]> {
  const answer = await load.client.call("query", `/api/v1/esign/process/${processId}`, {}, ({ http }) => http === 200);
  const link = (answer?.data["protocolInfo"] as { downloadUrl: string | null } | undefined)?.downloadUrl;
  const file = link ? await bytesOf(cluster, load, new URL(link).pathname + new URL(link).search) : null;
  const filed = file && createHash("sha256").update(file).digest("hex");
  const hashes = new Set([filed, stored, facts.pdfSha256]);
  return hashes.size === 1 && filed ? [] : [`hashes of the PDF: ${[...hashes].join(", ")}`];
}

async function bytesOf(cluster: Cluster, _load: Load, path: string): Promise<Uint8Array | null> {
  for (const { url } of [...cluster.gateways, ...cluster.gateways]) {
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(15_000) }).catch(() => null);
    if (response?.ok) return new Uint8Array(await response.arrayBuffer());
  }
  return null;
}

import { DOCUMENT_KINDS, oneOf, REVEALABLE, type DocumentKind, type Revealable } from "../../contract/disclosure.ts";
import { codeOf, failure } from "../../contract/errors.ts";
import { operatorKey, type Operator } from "../../contract/operator.ts";
import { badField } from "../../contract/paging.ts";
import type { Bundle, ChainHead, HandOutParams } from "../evidence/evidence.api.ts";
import type { PdfFile, Shown } from "../protocol/protocol.api.ts";
import { evidence } from "./decision.ts";
import { known, type OperatorDesk } from "./operating.ts";
import { isFrozen } from "./operator-detail.ts";
import { signerCard } from "./parties.ts";
import type { DocumentCall, HandedOver, RevealCall, Revealed } from "./process.api.ts";
import type { SigningProcess } from "./signing-process.model.ts";

const APPEND_MS = 5_000;
const READ_MS = 10_000;
/** Longer than the evidence service gives its own export (timeouts nest). */
const BUNDLE_MS = 24_000;

/** Chinese name and place of each field that may be revealed; null where the request did not have it. */
const FIELDS: Readonly<Record<Revealable, { label: string; of(process: SigningProcess): string | null }>> = {
  "signer.name": { label: "签署人姓名", of: ({ payeeContactName }) => payeeContactName },
  "signer.mobile": { label: "签署人手机号", of: ({ payeeContactMobile }) => payeeContactMobile },
  "signer.idCardNo": { label: "签署人身份证号", of: ({ payeeContactIdCard }) => payeeContactIdCard },
  "bankCard.cardNo": { label: "签署方银行卡号", of: ({ request, signer }) => signerCard(request, signer)?.cardNo ?? null },
  "bankCard.accountName": { label: "签署方银行账户名", of: ({ request, signer }) => signerCard(request, signer)?.accountName ?? null },
};

/**
 * One field of one process in full. Who looked at it and why is in the chain first, the value never: without that fact in the chain
 * nothing is shown. A field that is not there leaves no trace of having been seen.
 * @throws PARAM_INVALID for an unknown field, PROCESS_NOT_FOUND, NOT_FOUND when the request did not have it, PROCESS_STATE_INVALID before the agreement is frozen
 */
export async function reveal(on: OperatorDesk, { processId, field, operator }: RevealCall): Promise<Revealed> {
  const wanted = chosen(REVEALABLE, "field", field);
  const process = await disclosable(on, processId);
  const value = FIELDS[wanted].of(process);
  if (!value) throw failure("NOT_FOUND", { message: `该流程没有这项信息：${FIELDS[wanted].label}` });
  await take(on, process, operator, { action: "REVEAL", field: wanted });
  return { field: wanted, value };
}

/**
 * One document of a process, in full. Agreement and PDF are read first, so that what cannot be had is not in the chain as taken; before
 * they go out the chain has who took them and why, as the bundle has it in itself.
 * @throws PARAM_INVALID for an unknown kind, PROCESS_NOT_FOUND, PROCESS_STATE_INVALID when there is no such document yet
 */
export async function handOver(on: OperatorDesk, { processId, kind, operator }: DocumentCall): Promise<HandedOver> {
  const wanted = chosen(DOCUMENT_KINDS, "kind", kind);
  const process = await disclosable(on, processId);
  const { made, file } = await READ[wanted](on, process, operator);
  if (!made) await take(on, process, operator, { action: "DOCUMENT", kind: wanted });
  return file;
}

/** `made`: whoever made the file has put the taking into the chain already. */
type Read = (on: OperatorDesk, process: SigningProcess, operator: Operator) => Promise<{ made: boolean; file: HandedOver }>;
const READ: Readonly<Record<DocumentKind, Read>> = {
  async AGREEMENT(on, { protocolId }) {
    const { html } = await on.call<Shown>("protocol.show", { protocolId }, READ_MS);
    // The very bytes whose hash is signed.
    return { made: false, file: { fileName: `${protocolId}.html`, type: "text/html", base64: Buffer.from(html).toString("base64") } };
  },
  async SEALED_PDF(on, { protocolId }) {
    const { base64 } = await on.call<PdfFile>("protocol.read", { protocolId }, READ_MS).catch((error: unknown) => {
      throw codeOf(error) === "PROCESS_STATE_INVALID" ? failure("PROCESS_STATE_INVALID", { message: "协议尚未封签，还没有 PDF" }) : error;
    });
    return { made: false, file: { fileName: `${protocolId}.pdf`, type: "application/pdf", base64 } };
  },
  async BUNDLE(on, { processId }, operator) {
    const params: HandOutParams = { processId, operator };
    const { fileName, base64 } = await on.call<Bundle>("evidence.handOut", params, BUNDLE_MS);
    return { made: true, file: { fileName, type: "application/zip", base64 } };
  },
};

/** The process, once its chain has begun: its first event is the request and nobody's look at it. */
async function disclosable(on: OperatorDesk, processId: unknown): Promise<SigningProcess> {
  const process = await known(on, processId);
  if (!isFrozen(process)) throw failure("PROCESS_STATE_INVALID", { message: "协议尚未固化，证据链尚未建立，请先处理停滞原因" });
  return process;
}

/** Resolves when the chain has it. */
function take(on: OperatorDesk, { processId, systemCode }: SigningProcess, operator: Operator, what: Record<string, string>): Promise<ChainHead> {
  const { name, reason, via } = operator;
  const item = evidence("CUSTODY", operatorKey(operator), on.now(), { by: "OPERATOR", ...what, name, reason, via });
  return on.call<ChainHead>("evidence.append", { processId, systemCode, items: [item] }, APPEND_MS);
}

/** @throws PARAM_INVALID naming the field and what it may be */
function chosen<T extends string>(words: readonly T[], field: string, given: unknown): T {
  const word = oneOf(words, given);
  const absent = given === undefined || given === null || given === "";
  if (!word) throw badField(field, `${absent ? "必填" : "取值不正确"}，可选值：${words.join("、")}`);
  return word;
}

import { failure, type FieldError } from "../../contract/errors.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { TemplateEntry, TemplateRef, TemplateVariables } from "../template/template.api.ts";
import { readAgreement, type Agreement } from "./agreement.ts";
import { codePointName, missingGlyphs } from "../../mixins/glyphs.ts";
import type { FreezeParams, Frozen, Prepared, PrepareParams } from "./protocol.api.ts";
import type { ProtocolRecord } from "./protocol-record.model.ts";

/** An agreement as it was rendered. */
export interface RenderedAgreement extends Agreement {
  html: string;
}
export interface Freezing {
  records: Collection<ProtocolRecord>;
  /** `template.render`. */
  render(template: TemplateRef, variables: TemplateVariables): Promise<string>;
  /** What `prepare` rendered, by protocolId: the usual freeze follows within milliseconds on the same node. */
  memo: Map<string, RenderedAgreement>;
  /** An error line that operators are woken by. */
  alert(code: string, message: string, facts: Record<string, unknown>): void;
}

/** More than are ever between prepare and freeze; beyond it the oldest is rendered again. */
const MEMO_SIZE = 256;

/** Renders and checks; stores nothing (§4.1.2). */
export async function prepare(on: Freezing, params: PrepareParams): Promise<Prepared> {
  refuseUnprintable(params.variables, params.fields);
  const agreement = await renderAgreement(on, params.template, params.variables);
  const missing = missingGlyphs(agreement.text);
  // The variables are printable, so these are the template's own.
  if (missing.length > 0) throw brokenTemplate(on, params.template, `含有无法打印的字符 ${missing.map(codePointName).join("、")}`);
  on.memo.set(params.protocolId, agreement);
  if (on.memo.size > MEMO_SIZE) on.memo.delete(on.memo.keys().next().value!);
  return { protocolHash: agreement.protocolHash, sm3: agreement.sm3, keyClauses: agreement.keyClauses };
}

/**
 * Stores the agreement under its id, once: a repeat finds it and is content if it is the same text.
 * @throws INTERNAL_ERROR with an alert when rendering no longer gives the hash that was prepared, or another text lies there
 */
export async function freeze(on: Freezing, params: FreezeParams): Promise<Frozen> {
  const { protocolId, protocolHash, template } = params;
  if (!(await alreadyFrozen(on, params))) {
    const agreement = on.memo.get(protocolId) ?? (await renderAgreement(on, template, params.variables));
    if (agreement.protocolHash !== protocolHash) {
      on.alert("PROTOCOL_RENDER_CHANGED", "the template no longer renders what was prepared", { protocolId, code: template.code, version: template.version });
      throw failure("INTERNAL_ERROR");
    }
    await on.records.insert(recordOf(params, agreement)).catch(async (error: unknown) => {
      if (!isUniqueViolation(error) || !(await alreadyFrozen(on, params))) throw error;
    });
  }
  on.memo.delete(protocolId);
  return { protocolId, protocolHash };
}

async function alreadyFrozen(on: Freezing, { protocolId, protocolHash }: FreezeParams): Promise<boolean> {
  const present = await on.records.get(protocolId);
  if (present && present.evidenceHash !== protocolHash) {
    on.alert("PROTOCOL_FROZEN_OTHERWISE", "another text is frozen under this id", { protocolId });
    throw failure("INTERNAL_ERROR");
  }
  return present !== null;
}

async function renderAgreement(on: Freezing, template: TemplateRef, variables: TemplateVariables): Promise<RenderedAgreement> {
  const html = await on.render(template, variables);
  try {
    return { ...readAgreement(html), html };
  } catch {
    throw brokenTemplate(on, template, "重点条款的编号缺失或重复");
  }
}

/** A fault of the template and not of the request: operations are called, the wallet gets the client's code for it (§6). */
function brokenTemplate(on: Freezing, { code, version }: TemplateRef, what: string) {
  on.alert("TEMPLATE_BROKEN", "an active agreement template cannot be used", { code, version, what });
  return failure("TEMPLATE_NOT_FOUND", { message: `协议模板${what}，请联系运营人员` });
}

function refuseUnprintable(variables: TemplateVariables, fields: Record<string, string>): void {
  const missing = new Map<string, Set<number>>();
  for (const [name, value] of textsOf(variables)) {
    const points = missingGlyphs(value);
    if (points.length === 0) continue;
    const field = fields[name] ?? name;
    missing.set(field, new Set([...(missing.get(field) ?? []), ...points]));
  }
  const errors = Array.from(missing, ([field, points]): FieldError => {
    return { field, message: `字符 ${[...points].map(codePointName).join("、")} 无法打印，请更换` };
  });
  if (errors.length > 0) throw failure("PARAM_INVALID", { errors });
}

/** Every text that may be printed under its variable's name; an entry of a list is `list.index.field`. */
function* textsOf(variables: TemplateVariables): Generator<[name: string, value: string]> {
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value === "string") yield [name, value];
    if (!Array.isArray(value)) continue;
    for (const [index, entry] of (value as readonly TemplateEntry[]).entries()) {
      for (const [field, said] of Object.entries(entry)) if (said !== null) yield [`${name}.${index}.${field}`, said];
    }
  }
}

function recordOf(params: FreezeParams, agreement: RenderedAgreement): ProtocolRecord {
  const { protocolId, processId, template, signatoryA, signatoryB, signatoryBType } = params;
  return {
    _id: protocolId,
    protocolId,
    processId,
    templateId: template.code,
    templateRef: template,
    protocolName: template.name,
    protocolContent: agreement.html,
    keyClauses: agreement.keyClauses,
    signatoryA,
    signatoryB,
    signatoryBType,
    signedAt: null,
    signIp: null,
    signUserAgent: null,
    evidenceHash: agreement.protocolHash,
    sm3: agreement.sm3,
    storagePath: null,
    pdfSha256: null,
    pdfSize: null,
    sealedAt: null,
    sealCertSha256: null,
    createdAt: new Date(params.createdAt),
  };
}

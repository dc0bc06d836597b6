import type { Doc } from "../../mixins/collection-types.ts";
import { MERCHANT_TYPES, SIGNATORY_NUMBER, type MerchantType } from "../../contract/vocabulary.ts";
import type { TemplateKind } from "./template.api.ts";

/** Stands in scene, process type and signer type of a template that serves every flow (the sign code). */
export const ANY = "ANY";

/** Where a version came from: shipped with the program, or uploaded by an operator, whom a restart must not overrule. */
export type Origin = "BUILT_IN" | "UPLOAD";

/** What the three kinds of stored versions share. `_id` is `<code>.<templateVersion>`, so two nodes cannot store one twice. */
interface StoredVersion extends Doc {
  /** Number of the version within its code, from 1. Not `version`, which is the collection's own counter for compare-and-set. */
  templateVersion: number;
  scene: string;
  processType: string;
  /** 1 company, 2 person (§3.1), 0 either. */
  signatoryType: number;
  /** §2.1.1 `fundPurpose` that it serves, to the letter; "" serves every one. Absent in what older programs stored. */
  fundPurpose?: string;
  /** Account type of the signing party that it serves; "" serves every one. Absent in what older programs stored. */
  accountType?: string;
  name: string;
  /** Lower-case hex SHA-256 of the content's UTF-8 bytes. */
  sha256: string;
  /** §3.1's column: a copy of what the steps say (life.ts), for those who read the store. Nothing is decided by it. */
  isActive: boolean;
  origin: Origin;
  createdAt: Date;
}
export interface SmsTemplateRecord extends StoredVersion {
  templateCode: string;
  contentTemplate: string;
  /** Code of the H5 template that belongs to this flow (§3.1); empty for the sign code. */
  h5TemplateName: string;
}
export interface TextTemplateRecord extends StoredVersion {
  code: string;
  content: string;
}
export type TemplateRecord = SmsTemplateRecord | TextTemplateRecord;

/** One stored version in the same words for all kinds. */
export interface TemplateRow {
  kind: TemplateKind;
  code: string;
  version: number;
  scene: string;
  processType: string;
  signatoryType: number;
  /** "" for any. */
  fundPurpose: string;
  /** "" for any. */
  accountType: string;
  name: string;
  content: string;
  sha256: string;
  h5TemplateName: string;
  isActive: boolean;
  origin: Origin;
  createdAt: Date;
}
/** A version that is in force: who approved it, and by which operation it came into force. */
export interface ActiveRow extends TemplateRow {
  approvedBy: string;
  activationId: string;
}

/**
 * What a version serves: two codes with the same one at the same time would be a choice nobody made. A page is asked for by its code,
 * and so are the SMS that serve every flow.
 */
export const placeOf = ({ kind, code, processType, scene, signatoryType, fundPurpose, accountType }: Pick<TemplateRow, "kind" | "code" | Place>): string =>
  JSON.stringify(
    kind === "H5" ? [code, signatoryType, fundPurpose, accountType] : processType === ANY ? [code] : [processType, scene, signatoryType, fundPurpose, accountType],
  );
/** What a page serves, from its place. */
export function pagePlaceOf(place: string): Pick<TemplateRow, "signatoryType" | "fundPurpose" | "accountType"> {
  const [, signatoryType, fundPurpose, accountType] = JSON.parse(place) as [string, number, string, string];
  return { signatoryType, fundPurpose, accountType };
}
type Place = "processType" | "scene" | "signatoryType" | "fundPurpose" | "accountType";

export const versionId = (code: string, version: number): string => `${code}.${version}`;

/** §3.1's number of a signer type; 0 for ANY. */
export const signatoryNumber = (signer: MerchantType | typeof ANY): number => (signer === ANY ? 0 : SIGNATORY_NUMBER[signer]);

/** The word for a stored number of a signer type. */
export const signerOf = (signatoryType: number): MerchantType | typeof ANY => MERCHANT_TYPES.find((type) => signatoryNumber(type) === signatoryType) ?? ANY;

export function rowOf(kind: TemplateKind, record: TemplateRecord): TemplateRow {
  const { templateVersion, scene, processType, signatoryType, name, sha256, isActive, origin, createdAt } = record;
  const { fundPurpose = "", accountType = "" } = record;
  const shared = { kind, version: templateVersion, scene, processType, signatoryType, fundPurpose, accountType, name, sha256, isActive, origin, createdAt };
  return "templateCode" in record
    ? { ...shared, code: record.templateCode, content: record.contentTemplate, h5TemplateName: record.h5TemplateName }
    : { ...shared, code: record.code, content: record.content, h5TemplateName: "" };
}

export function recordOf(row: TemplateRow): TemplateRecord {
  const { kind, code, version, content, h5TemplateName, ...shared } = row;
  const stored = { _id: versionId(code, version), templateVersion: version, ...shared };
  return kind === "SMS" ? { ...stored, templateCode: code, contentTemplate: content, h5TemplateName } : { ...stored, code, content };
}

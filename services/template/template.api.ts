import type { Operator } from "../../contract/operator.ts";
import type { PageParams } from "../../contract/paging.ts";
import type { MerchantType, ProcessType, Scene } from "../../contract/vocabulary.ts";
import type { KeyClause } from "../protocol/protocol.api.ts";
import type { DiffRow } from "./diff-rows.ts";
import type { State, StepName } from "./life.ts";

export type TemplateKind = "PROTOCOL" | "SMS" | "H5";

/** A version of a template, as a process pins it. `sha256` is of the content's UTF-8 bytes, lower-case hex. */
export interface TemplateRef {
  kind: TemplateKind;
  code: string;
  version: number;
  sha256: string;
  /** The agreement's title for PROTOCOL (`protocolName`), otherwise the template's Chinese name. */
  name: string;
  /** Name of whoever approved the version. Absent in what processes of older releases have pinned, like the next. */
  approvedBy?: string;
  /** The audit entry of the activation by which the version was in force. */
  activationId?: string;
}

/** `template.choose`: which templates serve this scene (§4.1.1 step 3). Fails with TEMPLATE_NOT_FOUND. */
export interface ChooseParams {
  scene: Scene;
  processType: ProcessType;
  signerType: MerchantType;
  /** §2.1.1 `fundPurpose`, to the letter; a caller of an older release does not say it. */
  fundPurpose?: string;
  /** `accountType` of the signing party; null or absent when the request has none. */
  accountType?: string | null;
}
export interface Chosen {
  protocol: TemplateRef;
  sms: TemplateRef;
  /** Sends the sign code; one for every scene. */
  smsCode: TemplateRef;
  /** Sends the link again to who has signed and is still to be verified; one for every scene. */
  smsContinue: TemplateRef;
  h5: TemplateRef;
}

/**
 * `template.render`: fills a pinned version. PROTOCOL gives HTML with every variable escaped; SMS gives plain text;
 * H5 gives the JSON text of `{title,intro,consent,button}`.
 */
export interface RenderParams {
  ref: TemplateRef;
  variables: TemplateVariables;
}
export interface Rendered {
  text: string;
}
/** Names and types are those of `templates/variables.ts`: texts (null when absent), flags, and lists of entries whose fields are texts. */
export type TemplateVariables = Record<string, TemplateValue>;
export type TemplateValue = string | null | boolean | readonly TemplateEntry[];
export type TemplateEntry = Readonly<Record<string, string | null>>;

/** `template.submit {…, operator}` and, without storing, `template.lint`: what an author uploads. Scene, process type, signer, name and page that a further version leaves out are those of the version in force. */
export interface Submission {
  kind: TemplateKind;
  code: string;
  content: string;
  /** Scene and process type of the flow; ANY for an SMS or page of every flow. */
  scene?: string;
  processType?: string;
  /** ANY serves both. */
  signerType?: string;
  /** The agreement's title. */
  name?: string;
  /** Code of the page that belongs to an invitation. */
  h5?: string;
  /** "" for any. */
  fundPurpose?: string;
  accountType?: string;
}
export interface Submitted {
  kind: TemplateKind;
  code: string;
  version: number;
  sha256: string;
  /** Always empty: a text with flaws is PARAM_INVALID and not stored. */
  lint: [];
}
/** A version by its code and number; the kind where several kinds have it. */
export interface NamedParams {
  kind?: TemplateKind;
  code: string;
  version: number;
}
/** `template.approve`, `reject`, `activate`, `deactivate` `{…, operator}` → TemplateView. */
export interface StepParams extends NamedParams {
  /** ISO time with an offset, of an activation that is to take effect later. */
  from?: string;
}
export interface OperatorStep extends StepParams {
  operator: Operator;
}
/** `template.list` → Page<TemplateView>. */
export interface ListParams extends PageParams {
  kind?: TemplateKind;
  code?: string;
  state?: State;
}
export interface TemplateView {
  kind: TemplateKind;
  code: string;
  version: number;
  name: string;
  scene: string;
  processType: string;
  /** ANY where it serves all. */
  signerType: string;
  /** Null for any. */
  fundPurpose: string | null;
  accountType: string | null;
  /** Page of an invitation. */
  h5: string | null;
  state: State;
  active: boolean;
  /** ISO time since which it serves, or from which it is going to. */
  activeFrom: string | null;
  sha256: string;
  createdAt: string;
  author: string;
  approver: string | null;
  origin: "BUILT_IN" | "UPLOAD";
}
/** `template.get`. */
export interface TemplateDetail extends TemplateView {
  content: string;
  steps: { at: string; step: StepName; by: string; reason: string; from: string | null }[];
  /** Names of the variables the text uses. */
  variables: string[];
}

export interface SubmitParams extends Submission {
  operator: Operator;
}
/** `template.lint`: a text by itself or, with a code, a whole submission. Flaws are PARAM_INVALID. */
export type LintParams = Partial<Submission> & Pick<Submission, "kind" | "content">;
export interface Linted {
  lint: [];
  /** Names of the variables the text uses. */
  variables: string[];
}

export type PreviewFormat = "page" | "pdf" | "text";
/** `template.preview`, and `template.previewDraft` for words that are not stored. */
export interface PreviewParams extends NamedParams {
  format?: PreviewFormat;
  /** A name of `template.variables`' samples. */
  sample?: string;
}
export type DraftPreviewParams = LintParams & Pick<PreviewParams, "format" | "sample">;
/** Of an agreement's page `html` and `keyClauses`, of its PDF `base64`; of a page `page`; of an SMS the rest. */
export interface Preview {
  /** Whose data it was made with. */
  sample: string;
  html?: string;
  keyClauses?: KeyClause[];
  base64?: string;
  fileName?: string;
  page?: { title: string; intro: string; consent: string; button: string };
  text?: string;
  /** Characters, and how many SMS a carrier makes of them. */
  length?: number;
  segments?: number;
}

/** `template.diff`. */
export interface DiffParams extends NamedParams {
  /** Number of another version of the code; absent: the version in force. */
  against?: number;
}
export interface Difference {
  against: { code: string; version: number } | null;
  rows: DiffRow[];
}

/** `template.variables`. */
export interface VariableList {
  items: { name: string; label: string; type: string; kinds: TemplateKind[]; fields?: { name: string; label: string }[] }[];
  samples: { name: string; label: string }[];
}

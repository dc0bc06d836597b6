import type { MerchantType, ProcessType, Scene } from "../../contract/vocabulary.ts";

export type TemplateKind = "PROTOCOL" | "SMS" | "H5";

/** A version of a template, as a process pins it. `sha256` is of the content's UTF-8 bytes, lower-case hex. */
export interface TemplateRef {
  kind: TemplateKind;
  code: string;
  version: number;
  sha256: string;
  /** The agreement's title for PROTOCOL (`protocolName`), otherwise the template's Chinese name. */
  name: string;
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

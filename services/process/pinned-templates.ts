import type { TemplateRef } from "../template/template.api.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/** What evidence says of a text: which version it was, whose approval it had and by which entry of the audit it was in force. */
export interface PinnedFacts {
  kind: TemplateRef["kind"];
  code: string;
  version: number;
  sha256: string;
  /** Absent, like the next, for a process that an older release began. */
  approvedBy?: string;
  activationId?: string;
}

export const pinnedFacts = ({ kind, code, version, sha256, approvedBy, activationId }: TemplateRef): PinnedFacts => ({
  kind,
  code,
  version,
  sha256,
  ...(approvedBy !== undefined && { approvedBy }),
  ...(activationId !== undefined && { activationId }),
});

/** Every text the process will use for good: the agreement first, then the page and what goes to the phone. */
export function pinnedTemplates({ agreement: { templates } }: Pick<SigningProcess, "agreement">): PinnedFacts[] {
  const { protocol, h5, sms, smsCode, smsContinue } = templates;
  return [protocol, h5, sms, smsCode, ...(smsContinue ? [smsContinue] : [])].map(pinnedFacts);
}

import { SIGNATORY_NUMBER } from "../../contract/vocabulary.ts";
import { ANY, type TemplateRow } from "./stored.ts";
import type { Chosen, ChooseParams, TemplateKind, TemplateRef } from "./template.api.ts";

/** Why nothing was chosen: `codes` are those that claim the place (none, or several). */
export interface NotChosen {
  part: keyof Chosen;
  codes: string[];
}
export type Selection = { chosen: Chosen; missing?: undefined } | { chosen?: undefined; missing: NotChosen };

/**
 * The templates of a flow (§4.1.1 step 3): agreement and SMS by process type, scene and signer type, the page by the name in the
 * SMS template, sign code and reminder once for all. A place that is empty or claimed twice is an error and never a guess: what would be
 * guessed here is a contract.
 * @param rows the active versions of every kind
 */
export function select(rows: readonly TemplateRow[], wanted: ChooseParams): Selection {
  const signatoryType = SIGNATORY_NUMBER[wanted.signerType];
  const serves = (kind: TemplateKind) => (row: TemplateRow) =>
    row.kind === kind &&
    row.processType === wanted.processType &&
    row.scene === wanted.scene &&
    row.signatoryType === signatoryType;
  const invitations = rows.filter(serves("SMS"));
  const pageCode = invitations[0]?.h5TemplateName;

  const candidates: Record<keyof Chosen, TemplateRow[]> = {
    protocol: rows.filter(serves("PROTOCOL")),
    sms: invitations,
    smsCode: rows.filter(servesAll(SIGN_CODE)),
    smsContinue: rows.filter(servesAll(CONTINUE_VERIFICATION)),
    h5: rows.filter((row) => row.kind === "H5" && row.code === pageCode),
  };
  for (const [part, found] of Object.entries(candidates) as [keyof Chosen, TemplateRow[]][]) {
    if (found.length !== 1) return { missing: { part, codes: found.map((row) => row.code) } };
  }
  const only = (part: keyof Chosen): TemplateRef => refOf(candidates[part][0]!);
  return { chosen: { protocol: only("protocol"), sms: only("sms"), smsCode: only("smsCode"), smsContinue: only("smsContinue"), h5: only("h5") } };
}

/** The SMS that serve every flow share one place, so they are told apart by their codes. */
const SIGN_CODE = "SIGN_CODE";
const CONTINUE_VERIFICATION = "CONTINUE_VERIFICATION";
const servesAll = (code: string) => (row: TemplateRow) => row.kind === "SMS" && row.code === code && row.processType === ANY && row.scene === ANY;

/** What a process pins of a version. */
export const refOf = ({ kind, code, version, sha256, name }: TemplateRow): TemplateRef => ({ kind, code, version, sha256, name });

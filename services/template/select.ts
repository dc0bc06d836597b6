import { SIGNATORY_NUMBER } from "../../contract/vocabulary.ts";
import { ANY, type ActiveRow, type TemplateRow } from "./stored.ts";
import type { Chosen, ChooseParams, TemplateKind, TemplateRef } from "./template.api.ts";

/** Why nothing was chosen: `codes` are those that claim the place (none, or several). */
export interface NotChosen {
  part: keyof Chosen;
  codes: string[];
}
export type Selection = { chosen: Chosen; missing?: undefined } | { chosen?: undefined; missing: NotChosen };

/**
 * The templates of a flow (§1.2.1, §4.1.1 step 3). A place that is empty or claimed twice is an error and never a guess: what would
 * be guessed here is a contract.
 * @param rows the active versions of every kind
 */
export function select(rows: readonly TemplateRow[], wanted: ChooseParams): Selection {
  const candidates = candidatesOf(rows, wanted);
  for (const [part, found] of Object.entries(candidates) as [keyof Chosen, TemplateRow[]][]) {
    if (found.length !== 1) return { missing: { part, codes: found.map((row) => row.code) } };
  }
  const only = (part: keyof Chosen): TemplateRef => refOf(candidates[part][0]!);
  return { chosen: { protocol: only("protocol"), sms: only("sms"), smsCode: only("smsCode"), smsContinue: only("smsContinue"), h5: only("h5") } };
}

/**
 * Who would serve each part: agreement and SMS by process type, scene and signer type, and by fund purpose and account type where a
 * template names one; the page by the name in the SMS template; sign code and reminder once for all. Of several that serve, the most
 * specific; more than one left is a tie.
 */
export function candidatesOf(rows: readonly TemplateRow[], wanted: ChooseParams): Record<keyof Chosen, TemplateRow[]> {
  const ofFlow = (kind: TemplateKind): TemplateRow[] =>
    mostSpecific(rows.filter((row) => row.kind === kind && row.processType === wanted.processType && row.scene === wanted.scene && serves(row, wanted)));
  const forAll = (code: string): TemplateRow[] => rows.filter((row) => row.kind === "SMS" && row.code === code && row.processType === ANY && row.scene === ANY);
  const invitations = ofFlow("SMS");
  const pageCode = invitations[0]?.h5TemplateName;
  return {
    protocol: ofFlow("PROTOCOL"),
    sms: invitations,
    smsCode: forAll(SIGN_CODE),
    smsContinue: forAll(CONTINUE_VERIFICATION),
    h5: mostSpecific(rows.filter((row) => row.kind === "H5" && row.code === pageCode && serves(row, wanted))),
  };
}

/** The SMS that serve every flow share one place, so they are told apart by their codes. */
export const SIGN_CODE = "SIGN_CODE";
export const CONTINUE_VERIFICATION = "CONTINUE_VERIFICATION";

/** Whether a template serves these parties and purposes: what it leaves open serves everybody. */
function serves(row: TemplateRow, { signerType, fundPurpose, accountType }: ChooseParams): boolean {
  const signer = row.signatoryType === 0 || row.signatoryType === SIGNATORY_NUMBER[signerType];
  const purpose = row.fundPurpose === "" || row.fundPurpose === fundPurpose;
  const account = row.accountType === "" || row.accountType === accountType;
  return signer && purpose && account;
}

/**
 * More given fields win; as many, fund purpose goes before account type before signer type. No two sets of given fields are equal, so
 * what ties here claims the very same place.
 */
function specificity({ fundPurpose, accountType, signatoryType }: TemplateRow): number {
  const given = [fundPurpose !== "", accountType !== "", signatoryType !== 0].map(Number) as [number, number, number];
  return (given[0] + given[1] + given[2]) * 8 + given[0] * 4 + given[1] * 2 + given[2];
}

function mostSpecific(rows: TemplateRow[]): TemplateRow[] {
  const best = Math.max(...rows.map(specificity));
  return rows.filter((row) => specificity(row) === best);
}

/** What a process pins of a version. */
export const refOf = (row: TemplateRow | ActiveRow): TemplateRef => {
  const { kind, code, version, sha256, name } = row;
  return { kind, code, version, sha256, name, ...("approvedBy" in row && { approvedBy: row.approvedBy, activationId: row.activationId }) };
};

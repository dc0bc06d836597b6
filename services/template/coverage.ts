import { FLOWS } from "../../contract/flows.ts";
import type { MerchantType, ProcessType, Scene } from "../../contract/vocabulary.ts";
import { signatoryNumber, type TemplateRow } from "./stored.ts";
import { candidatesOf } from "./select.ts";
import type { Chosen } from "./template.api.ts";

/** The version that serves a part. */
export interface Serving {
  code: string;
  version: number;
}

/** One line of the table of what would be chosen. */
export interface Coverage {
  processType: ProcessType;
  scene: Scene;
  signerType: MerchantType;
  /** To the letter; "" for every purpose that no other line names. */
  fundPurpose: string;
  /** "" for a request without one, or with one that no other line names. */
  accountType: string;
  protocol: Serving | null;
  sms: Serving | null;
  h5: Serving | null;
  /** Something is missing, so that such an initiation fails with TEMPLATE_NOT_FOUND. */
  gap: boolean;
  /** Codes that claim a part of this line at once: the same failure. */
  tie: string[];
}

/**
 * What an initiation would get, for every row of the flow table and signer type, and there for every fund purpose and account type
 * that some template names (CONTRACT.md §2.1 "Flow table"). The sign code and the reminder, which serve all, make a gap of every line
 * when they are missing.
 * @param rows the active versions of every kind
 */
export function coverage(rows: readonly TemplateRow[]): Coverage[] {
  return FLOWS.flatMap(({ processType, scene, signer, ...sides }) =>
    sides[signer].flatMap((signerType) => {
      const near = rows.filter((row) => row.processType === processType && row.scene === scene && [0, signatoryNumber(signerType)].includes(row.signatoryType));
      const pages = new Set(near.map(({ h5TemplateName }) => h5TemplateName));
      const named = [...near, ...rows.filter(({ kind, code }) => kind === "H5" && pages.has(code))];
      const purposes = valuesOf(named.map(({ fundPurpose }) => fundPurpose));
      const accounts = valuesOf(named.map(({ accountType }) => accountType));
      return purposes.flatMap((fundPurpose) => accounts.map((accountType) => line(rows, { processType, scene, signerType, fundPurpose, accountType })));
    }),
  );
}

/** "" first, then what is named, each once. */
const valuesOf = (given: string[]): string[] => ["", ...[...new Set(given)].filter((value) => value !== "").sort()];

function line(rows: readonly TemplateRow[], place: Pick<Coverage, "processType" | "scene" | "signerType" | "fundPurpose" | "accountType">): Coverage {
  const candidates = candidatesOf(rows, place);
  const serving = (part: keyof Chosen): Serving | null => {
    const [only, ...others] = candidates[part];
    return only && others.length === 0 ? { code: only.code, version: only.version } : null;
  };
  const all = Object.values(candidates);
  return {
    ...place,
    protocol: serving("protocol"),
    sms: serving("sms"),
    h5: serving("h5"),
    gap: all.some((found) => found.length === 0),
    tie: [...new Set(all.filter((found) => found.length > 1).flat().map(({ code }) => code))],
  };
}

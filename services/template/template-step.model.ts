import type { Doc, Model } from "../../mixins/collection-types.ts";
import type { Step, StepName } from "./life.ts";
import type { TemplateKind } from "./template.api.ts";

/**
 * What happened to the versions: only ever inserted. `_id` is `<kind>.<n>`, so the unique key brings all steps of a kind into one
 * order, and whoever loses a number judges again after what the winner did.
 */
export interface StepRecord extends Doc {
  kind: TemplateKind;
  n: number;
  code: string;
  templateVersion: number;
  step: StepName;
  at: Date;
  from: Date | null;
  by: string;
  reason: string;
  operationId: string;
  place: string;
  sha256: string;
}

export const templateStep: Model = {
  name: "template_step",
  fields: {
    kind: "string",
    n: "number",
    code: "string",
    templateVersion: "number",
    step: "string",
    at: "date",
    from: "date",
    by: "string",
    reason: "string",
    operationId: "string",
    place: "string",
    sha256: "string",
  },
  indexes: [{ fields: ["kind", "n"], unique: true }],
};

export const stepRecord = ({ version, at, from, ...step }: Step): StepRecord => ({
  _id: `${step.kind}.${step.n}`,
  ...step,
  templateVersion: version,
  at: new Date(at),
  from: from === null ? null : new Date(from),
});

export const stepOf = ({ kind, n, code, templateVersion, step, at, from, by, reason, operationId, place, sha256 }: StepRecord): Step => ({
  kind,
  n,
  code,
  version: templateVersion,
  step,
  at: at.getTime(),
  from: from ? from.getTime() : null,
  by,
  reason,
  operationId,
  place,
  sha256,
});

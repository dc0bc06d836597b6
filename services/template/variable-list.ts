import { badField } from "../../contract/paging.ts";
import { VARIABLES } from "../../templates/variables.ts";
import { SAMPLES } from "./samples.ts";
import type { TemplateKind, VariableList } from "./template.api.ts";
import { KINDS } from "./versions.ts";

/** What a template may say, all of it or of one kind, and the sample data there is to preview it with. @throws PARAM_INVALID */
export function variablesOf(kind?: TemplateKind): VariableList {
  if (kind !== undefined && !KINDS.includes(kind)) throw badField("kind", `取值不正确，可选值：${KINDS.join("、")}`);
  const items = Object.entries(VARIABLES)
    .filter(([, { kinds }]) => kind === undefined || kinds.includes(kind))
    .map(([name, { label, type, kinds, fields }]) => ({
      name,
      label,
      type,
      kinds: [...kinds],
      ...(fields && { fields: Object.entries(fields).map(([field, words]) => ({ name: field, label: words })) }),
    }));
  return { items, samples: SAMPLES.map(({ name, label }) => ({ name, label })) };
}

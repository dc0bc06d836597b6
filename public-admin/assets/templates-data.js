/* What several views of the templates ask for. */
import { get, part, post } from "./api.js";
import { el } from "./elements.js";
import { can } from "./session.js";
import { SIGNER_OPTIONS } from "./wording.js";

export const pathOf = ({ code, version }) => `templates/${part(code)}/${part(version)}`;
export const hrefOf = ({ kind, code, version }) => `#/templates/${part(kind)}/${part(code)}/${part(version)}`;

/** What a kind is made and tried with: its variables, and sample data to preview with (both kinds of signer when nobody answers). */
export async function wordsOf(kind) {
  const result = await get("templates/variables", { kind });
  if (!result.ok) return { variables: [], samples: SIGNER_OPTIONS.filter(([key]) => key !== "ANY") };
  return { variables: result.data.items, samples: result.data.samples.map(({ name, label }) => [name, label]) };
}

/** The tabs above the three views of all templates. */
export const templateTabs = (present) =>
  el("nav", { class: "tabs", "aria-label": "协议模板" }, [
    tab("#/templates", "全部版本", present === "list"),
    tab("#/templates/coverage", "适用范围", present === "coverage"),
    tab("#/templates/variables", "可用变量", present === "variables"),
  ]);
const tab = (href, text, here) => el("a", { href, "aria-current": here && "page" }, text);

/** One step of a version's life. */
export const step = (template, name, body) => post(`${pathOf(template)}/${name}`, { kind: template.kind, ...body });

export const mayWrite = () => can("author");

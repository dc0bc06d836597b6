/* What several views of the templates ask for. */
import { get, part, post } from "./api.js";
import { el } from "./elements.js";
import { can } from "./session.js";
import { SIGNER_OPTIONS } from "./wording.js";

export const pathOf = ({ code, version }) => `templates/${part(code)}/${part(version)}`;
export const hrefOf = ({ kind, code, version }) => `#/templates/${part(kind)}/${part(code)}/${part(version)}`;

/** Sample data to preview with: those the platform names, or both kinds of signer. */
export async function samplesOf(kind) {
  const result = await get("templates/variables", { kind });
  return result.ok ? result.data.samples.map(({ name, label }) => [name, label]) : SIGNER_OPTIONS.filter(([key]) => key !== "ANY");
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

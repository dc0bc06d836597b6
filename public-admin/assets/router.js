/* Which view stands at which address. Addresses are fragments: they never reach a server, and hold no personal data. */
import { can } from "./session.js";
import { auditView } from "./view-audit.js";
import { coverageView } from "./view-coverage.js";
import { deliveriesView } from "./view-deliveries.js";
import { diffView } from "./view-diff.js";
import { editorView } from "./view-editor.js";
import { processView } from "./view-process.js";
import { processesView } from "./view-processes.js";
import { settingsView } from "./view-settings.js";
import { templateView } from "./view-template.js";
import { templatesView } from "./view-templates.js";
import { variablesView } from "./view-variables.js";

/** In the order of the navigation; `roles` absent means everybody who is logged in. */
const SECTIONS = [
  { path: "templates", name: "协议模板", short: "模板" },
  { path: "processes", name: "签约流程", short: "流程" },
  { path: "deliveries", name: "回调投递", short: "回调" },
  { path: "settings", name: "参数配置", short: "参数" },
  { path: "audit", name: "操作审计", short: "审计", roles: ["auditor"] },
];

const ROUTES = [
  [/^templates$/, templatesView],
  [/^templates\/coverage$/, coverageView],
  [/^templates\/variables$/, variablesView],
  [/^templates\/new$/, editorView, ["author"]],
  [/^templates\/new\/(PROTOCOL|SMS|H5)\/([^/]+)\/(\d+)$/, editorView, ["author"]],
  [/^templates\/(PROTOCOL|SMS|H5)\/([^/]+)\/(\d+)$/, templateView],
  [/^templates\/(PROTOCOL|SMS|H5)\/([^/]+)\/(\d+)\/diff(?:\/(\d+))?$/, diffView],
  [/^processes$/, processesView],
  [/^processes\/([^/]+)$/, processView],
  [/^deliveries(?:\/([^/]+))?$/, deliveriesView],
  [/^settings$/, settingsView],
  [/^audit$/, auditView, ["auditor"]],
];

/** The view of an address: `{view, parts, section}`; null where there is none, or none for the roles of the one who is logged in. */
export function routeOf(hash) {
  const path = hash.replace(/^#\/?/, "");
  for (const [pattern, view, roles] of ROUTES) {
    const found = pattern.exec(path);
    if (!found) continue;
    const parts = partsOf(found.slice(1));
    return parts && (!roles || can(...roles)) ? { view, parts, section: path.split("/")[0] } : null;
  }
  return null;
}

function partsOf(groups) {
  try {
    return groups.map((group) => (group === undefined ? undefined : decodeURIComponent(group)));
  } catch {
    return null;
  }
}

export const sections = () => SECTIONS.filter(({ roles }) => !roles || can(...roles));

/* Builders of page parts. Every text goes in as text: nothing here parses markup. */

/**
 * Makes an element. `attributes` may hold `on…` functions; null, undefined and false are left out. `children` is a text, a node or a
 * list of them, in which null and false are left out too.
 */
export function el(name, attributes = {}, children = []) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...listOf(children));
  return node;
}

const listOf = (children) =>
  [children]
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (typeof child === "number" ? String(child) : child));

/** Puts new children in place of the old ones. */
export function fill(node, children) {
  node.replaceChildren(...listOf(children));
  return node;
}

/** The head of a view: its one h1, which gets the focus when the view changes, and what can be done with the whole of it. */
export const heading = (title, { lead, actions = [], back } = {}) =>
  el("div", { class: "head" }, [
    el("div", { class: "head-words" }, [
      back && el("p", { class: "back" }, el("a", { href: back.href }, `← ${back.text}`)),
      el("h1", { tabindex: "-1" }, title),
      lead && el("p", { class: "lead" }, lead),
    ]),
    actions.length > 0 && el("div", { class: "head-actions" }, actions),
  ]);

/** A place for messages that a screen reader speaks when its text changes. `tone`: "info", "good", "warn" or "bad". */
export function notice() {
  const root = el("div", { class: "notice", role: "status", "aria-live": "polite" });
  return {
    root,
    say(tone, words) {
      root.className = `notice notice-${tone}`;
      fill(root, words);
    },
    clear() {
      root.className = "notice";
      fill(root, []);
    },
  };
}

export const badge = (tone, text) => el("span", { class: `badge badge-${tone}` }, text);

/** Terms and values; rows whose value is null are left out. */
export const facts = (rows) =>
  el("dl", { class: "facts" }, rows.filter((row) => row && row[1] !== null && row[1] !== undefined).map(([term, value]) => el("div", { class: "fact" }, [el("dt", {}, term), el("dd", {}, value)])));

/** A button. `kind`: "main", "plain", "danger" or "link". */
export const button = (text, onclick, { kind = "plain", ...attributes } = {}) => el("button", { type: "button", class: `button button-${kind}`, onclick, ...attributes }, text);

/** A link that looks like a button. */
export const linkButton = (text, href, kind = "plain") => el("a", { class: `button button-${kind}`, href }, text);

export const card = (title, children, attributes = {}) => el("section", { class: "card", ...attributes }, [title && el("h2", {}, title), children]);

/** A labelled control with a hint and a line for what is wrong with it. `control` needs an id. */
export function field(label, control, { hint } = {}) {
  const { id } = control;
  const error = el("p", { class: "field-error", id: `${id}-error`, role: "alert" });
  control.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-error`);
  const root = el("div", { class: "field" }, [el("label", { for: id, class: "field-label" }, label), hint && el("p", { class: "field-hint", id: `${id}-hint` }, hint), control, error]);
  return {
    root,
    control,
    fail(text) {
      control.setAttribute("aria-invalid", "true");
      error.textContent = text;
    },
    clear() {
      control.removeAttribute("aria-invalid");
      error.textContent = "";
    },
  };
}

export const input = (id, attributes = {}) => el("input", { id, class: "input", type: "text", autocomplete: "off", spellcheck: "false", ...attributes });

/** A choice among `[value, text]` rows. */
export function select(id, options, value = "", attributes = {}) {
  const node = el("select", { id, class: "input", ...attributes }, options.map(([key, text]) => el("option", { value: key }, text)));
  node.value = options.some(([key]) => key === value) ? value : (options[0]?.[0] ?? "");
  return node;
}

/** Locks a button while its call is under way, without taking the focus from it (a disabled button loses it). */
export function busy(node, label) {
  const before = [...node.childNodes];
  node.setAttribute("aria-disabled", "true");
  if (label) fill(node, label);
  return () => {
    node.removeAttribute("aria-disabled");
    if (label) node.replaceChildren(...before);
  };
}
export const isBusy = (node) => node.getAttribute("aria-disabled") === "true";

export const waiting = (text = "正在载入…") => el("p", { class: "waiting" }, text);
export const empty = (text) => el("p", { class: "empty" }, text);

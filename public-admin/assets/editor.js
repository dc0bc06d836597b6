/* A plain text area with line numbers, and the places of what lint has found. */
import { el, fill } from "./elements.js";

/** `content:LINE:COLUMN` of the platform's field errors; null for another field. */
export function placeOf(field) {
  const found = /^content:(\d+):(\d+)$/.exec(field ?? "");
  return found ? { line: Number(found[1]), column: Number(found[2]) } : null;
}

/**
 * @param onchange called after every change of the text
 * @returns {root, text, value(), set(text), mark(lines), goTo(place)}
 */
export function editor({ id, label, value, onchange }) {
  const numbers = el("div", { class: "editor-lines", "aria-hidden": "true" });
  const text = el("textarea", { id, class: "editor-text", wrap: "off", spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": label, oninput: changed, onscroll: follow });
  const root = el("div", { class: "editor" }, [numbers, text]);
  let flawed = new Set();

  function follow() {
    numbers.scrollTop = text.scrollTop;
  }
  function count() {
    const lines = text.value.split("\n").length;
    if (numbers.childElementCount === lines) return;
    fill(numbers, Array.from({ length: lines }, (_, at) => el("span", {}, String(at + 1))));
    paint();
    follow();
  }
  function paint() {
    [...numbers.children].forEach((each, at) => each.classList.toggle("has-flaw", flawed.has(at + 1)));
  }
  function changed() {
    count();
    onchange();
  }
  function set(words) {
    text.value = words;
    changed();
  }
  text.value = value;
  count();
  return {
    root,
    text,
    value: () => text.value,
    set,
    mark(lines) {
      flawed = new Set(lines);
      paint();
    },
    /** Puts the cursor there and shows the line. */
    goTo({ line, column }) {
      const lines = text.value.split("\n");
      const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
      const at = Math.min(before + column - 1, text.value.length);
      text.focus();
      text.setSelectionRange(at, at);
      text.scrollTop = Math.max(0, (line - 4) * Number.parseFloat(window.getComputedStyle(text).lineHeight));
      follow();
    },
  };
}

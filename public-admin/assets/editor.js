/*
 * A plain text area with line numbers. Paragraphs are long, so lines are broken at the edge; behind the text area the same text is laid
 * out once more, line by line, and each of those lines carries its number and the mark of what lint has found in it.
 */
import { el } from "./elements.js";

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
  const lines = el("div", { class: "editor-lines", "aria-hidden": "true" });
  const text = el("textarea", { id, class: "editor-text", spellcheck: "false", autocomplete: "off", autocapitalize: "off", "aria-label": label, oninput: changed });
  const root = el("div", { class: "editor" }, el("div", { class: "editor-sheet" }, [lines, text]));
  let flawed = new Set();

  function layOut() {
    const words = text.value.split("\n");
    while (lines.childElementCount > words.length) lines.lastChild.remove();
    while (lines.childElementCount < words.length) lines.append(el("div", { class: "editor-line" }));
    words.forEach((line, at) => {
      const node = lines.children[at];
      if (node.textContent !== line) node.textContent = line;
      node.classList.toggle("has-flaw", flawed.has(at + 1));
    });
  }
  function changed() {
    layOut();
    onchange();
  }
  function set(words) {
    text.value = words;
    changed();
  }
  text.value = value;
  layOut();
  return {
    root,
    text,
    value: () => text.value,
    set,
    mark(found) {
      flawed = new Set(found);
      layOut();
    },
    /** Puts the cursor there and shows the line. */
    goTo({ line, column }) {
      const before = text.value.split("\n").slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
      const at = Math.min(before + column - 1, text.value.length);
      text.focus({ preventScroll: true });
      text.setSelectionRange(at, at);
      const node = lines.children[Math.min(line, lines.childElementCount) - 1];
      root.scrollTop = Math.max(0, node.offsetTop - root.clientHeight / 3);
    },
  };
}

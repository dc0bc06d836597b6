/* Two versions side by side. What is the same is folded away; on a phone the lines stand one below the other. */
import { get, part, trouble } from "./api.js";
import { button, el, fill, heading, input, notice, waiting } from "./elements.js";
import { reachable } from "./table.js";
import { hrefOf, pathOf } from "./templates-data.js";

/** Lines of the same text shown around a change. */
const AROUND = 3;

export function diffView(kind, code, version, against) {
  const here = { kind, code, version };
  const root = el("div", {}, waiting());

  async function load() {
    const result = await get(`${pathOf(here)}/diff`, { kind, against });
    const told = notice();
    const other = input("against", { type: "number", min: "1", inputmode: "numeric", value: against ?? result.data?.against?.version ?? "" });
    const choose = el("form", { class: "filters", onsubmit: go }, [el("div", { class: "field" }, [el("label", { for: "against", class: "field-label" }, "与第几版对比"), other]), el("button", { type: "submit", class: "button button-plain" }, "对比")]);
    function go(event) {
      event.preventDefault();
      if (/^\d{1,9}$/.test(other.value)) location.hash = `${hrefOf(here)}/diff/${part(other.value)}`;
    }
    fill(root, [heading("版本对比", { back: { href: hrefOf(here), text: `${code} 第 ${version} 版` } }), choose, told.root]);
    if (!result.ok) return told.say("bad", trouble(result).map((line) => el("p", {}, line)));
    const base = result.data.against;
    if (!base) told.say("info", "没有其他正在使用的版本可以对比，以下全部是这一版的内容。可在上面指定另一版。");
    else if (result.data.rows.every(({ op }) => op === "same")) told.say("good", `与 ${base.code} 第 ${base.version} 版的内容完全相同。`);
    root.append(diffTable(result.data.rows, base ? `${base.code} 第 ${base.version} 版` : "（无）", `${code} 第 ${version} 版`));
  }
  return { title: "版本对比", root, ready: load() };
}

function diffTable(rows, left, right) {
  const head = el("tr", {}, [el("th", { scope: "col", class: "diff-at" }, "行"), el("th", { scope: "col" }, left), el("th", { scope: "col", class: "diff-at" }, "行"), el("th", { scope: "col" }, right)]);
  const body = el("tbody", {}, folded(rows));
  const frame = el("div", { class: "table-frame" }, el("table", { class: "diff" }, [el("caption", { class: "unseen" }, `左边是 ${left}，右边是 ${right}`), el("thead", {}, head), body]));
  reachable(frame, "版本对比");
  return frame;
}

/** The rows, with long stretches of the same text behind a button. */
function folded(rows) {
  const near = rows.map((_, at) => rows.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ op }) => op !== "same"));
  const made = [];
  for (let at = 0; at < rows.length; at += 1) {
    const end = near[at] ? at + 1 : endOf(near, at);
    if (near[at] || end - at < AROUND) made.push(...rows.slice(at, end).map(line));
    else made.push(fold(rows.slice(at, end)));
    at = end - 1;
  }
  return made;
}
const endOf = (near, from) => {
  const end = near.indexOf(true, from);
  return end < 0 ? near.length : end;
};

function fold(hidden) {
  const show = button(`展开 ${hidden.length} 行相同内容`, () => {
    const lines = hidden.map(line);
    row.replaceWith(...lines);
    lines[0].tabIndex = -1;
    lines[0].focus();
  }, { kind: "quiet" });
  const row = el("tr", { class: "diff-fold" }, el("td", { colspan: "4" }, show));
  return row;
}

const line = ({ op, left, right }) =>
  el("tr", { class: `diff-${op}` }, [...side(op === "add" ? null : left, op === "same" ? "" : "is-del", "del"), ...side(op === "del" ? null : right, op === "same" ? "" : "is-add", "ins")]);

function side(part, tone, mark) {
  if (!part) return [el("td", { class: "diff-line diff-none" }), el("td", { class: "diff-text diff-none" })];
  // Colour alone would say nothing to who does not see it.
  const sign = tone && el("span", { class: "unseen" }, mark === "del" ? "删除：" : "新增：");
  return [el("td", { class: `diff-line ${tone}` }, part.line), el("td", { class: `diff-text ${tone}` }, [sign, wordsOf(part, tone, mark)])];
}

/** The words that differ, where the platform says which. */
function wordsOf({ text, parts }, tone, mark) {
  if (!tone || !Array.isArray(parts)) return text === "" ? " " : text;
  return parts.map((each) => (each.changed ? el(mark, {}, each.text) : each.text));
}

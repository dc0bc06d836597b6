/* Tables that a phone can show: there each row becomes a card whose cells carry the name of their column. */
import { trouble } from "./api.js";
import { busy, button, el, empty, fill, isBusy, notice, waiting } from "./elements.js";

/**
 * @param caption what the table is, for those who do not see it
 * @param columns `{label, cell(item), brief?, roomy?}`: at a desk a brief cell is not broken and a roomy one not squeezed; the first
 *   one is the header of its row
 */
export function table(caption, columns, items) {
  // A cell that is shown as a block is no cell any more to some screen readers: the roles are said.
  const head = el("tr", { role: "row" }, columns.map(({ label }) => el("th", { scope: "col", role: "columnheader" }, label)));
  const body = el("tbody", { role: "rowgroup" });
  const root = el("div", { class: "table-frame" }, el("table", { class: "table", role: "table" }, [el("caption", { class: "unseen" }, caption), el("thead", { role: "rowgroup" }, head), body]));
  const add = (more) => body.append(...more.map((item) => row(columns, item)));
  add(items);
  reachable(root, caption);
  return { root, add };
}

function row(columns, item) {
  const cells = columns.map(({ label, cell, brief, roomy }, at) => {
    const attributes = { "data-label": label, class: (brief && "brief") || (roomy && "roomy") };
    return at === 0 ? el("th", { ...attributes, scope: "row", role: "rowheader" }, cell(item)) : el("td", { ...attributes, role: "cell" }, cell(item));
  });
  return el("tr", { role: "row" }, cells);
}

/** What is wider than the page scrolls inside its frame, which is then reachable by keyboard. */
export function reachable(frame, label) {
  new ResizeObserver(() => {
    const over = frame.scrollWidth > frame.clientWidth + 1;
    for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", `${label}，可左右滚动`]]) {
      if (over) frame.setAttribute(name, value);
      else frame.removeAttribute(name);
    }
  }).observe(frame);
}

/**
 * A list of the platform, page by page.
 * @param load (after) => the call's result with {items, next}
 * @param nothing what is said when there is nothing
 * @returns {root, ready, reload}
 */
export function pagedTable({ caption, columns, load, nothing }) {
  const root = el("div", { class: "list" });
  let turn = 0;

  async function reload() {
    const mine = (turn += 1);
    fill(root, waiting());
    const result = await load();
    if (mine !== turn) return;
    if (!result.ok) {
      const told = notice();
      fill(root, [told.root, button("重试", reload)]);
      told.say("bad", trouble(result).map((line) => el("p", {}, line)));
      return;
    }
    const { items, next } = result.data;
    if (items.length === 0 && !next) return void fill(root, empty(nothing));
    const made = table(caption, columns, items);
    const foot = el("div", { class: "list-foot" });
    fill(root, [made.root, foot]);
    footer(foot, made, next, mine);
  }

  function footer(foot, made, next, mine) {
    if (!next) return void fill(foot, []);
    const told = notice();
    const more = button("显示更多", async () => {
      if (isBusy(more)) return;
      const release = busy(more, "正在载入…");
      const result = await load(next);
      release();
      if (mine !== turn) return;
      if (!result.ok) return told.say("bad", trouble(result).map((line) => el("p", {}, line)));
      made.add(result.data.items);
      footer(foot, made, result.data.next, mine);
    });
    fill(foot, [told.root, more]);
  }
  return { root, ready: reload(), reload };
}

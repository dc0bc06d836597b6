/* Writing a new version: lint while one writes, line by line; preview; submission for approval. */
import { get, post, trouble } from "./api.js";
import { flash, operate } from "./dialog.js";
import { clearDraft, readDraft, writeDraft } from "./drafts.js";
import { button, card, el, fill, heading, notice, waiting } from "./elements.js";
import { editor, placeOf } from "./editor.js";
import { previewPanel } from "./preview.js";
import { templateForm } from "./template-form.js";
import { hrefOf, pathOf, wordsOf } from "./templates-data.js";
import { kindText } from "./wording.js";
import { spelling } from "./view-variables.js";

/** Lint runs when nobody has typed for so long. */
const PAUSE_MS = 700;
/** A template is smaller; a larger file is none. */
const LARGEST_FILE = 256 * 1024;
const NEW = { kind: "PROTOCOL", processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE", content: "" };

export function editorView(kind, code, version) {
  const root = el("div", {}, waiting());
  let leave = () => {};

  async function load() {
    const kept = readDraft();
    const based = kind ? await get(pathOf({ code, version }), { kind }) : null;
    if (based && !based.ok) {
      const told = notice();
      fill(root, [heading("新版本", { back: { href: "#/templates", text: "协议模板" } }), told.root]);
      return told.say("bad", trouble(based).map((line) => el("p", {}, line)));
    }
    const address = location.hash;
    const draft = kept?.address === address ? kept : { ...NEW, ...based?.data, address };
    const desk = makeDesk(draft, kept?.address === address);
    leave = desk.leave;
    fill(root, desk.parts);
    await desk.ready;
  }
  return { title: "上传新版本", root, ready: load(), leave: () => leave() };
}

function makeDesk(draft, restored) {
  const told = notice();
  const state = el("p", { class: "soft", role: "status", "aria-live": "polite", id: "lint-state" });
  const flaws = el("ul", { class: "flaws", id: "flaws" });
  const side = el("div", {});
  const previews = el("div", {});
  const form = templateForm(draft, () => changed(true));
  const text = editor({ id: "content", label: "模板内容", value: draft.content ?? "", onchange: () => changed(false) });
  let timer;
  let turn = 0;
  let gone = false;
  let kindShown = null;

  const body = () => ({ ...form.values(), content: text.value() });
  const save = () => writeDraft({ ...body(), address: draft.address });

  function changed(place) {
    save();
    if (place) void beside();
    clearTimeout(timer);
    timer = setTimeout(lint, PAUSE_MS);
  }

  /** What goes with the kind: its variables and its previews. */
  async function beside() {
    const { kind, signerType } = form.values();
    if (kind === kindShown) return;
    kindShown = kind;
    const { variables, samples } = await wordsOf(kind);
    if (kind !== kindShown || gone) return;
    fill(side, variables.length > 0 && el("details", {}, [el("summary", {}, `${kindText(kind)}可用的变量`), el("ul", { class: "variables" }, variables.map(variable))]));
    fill(previews, previewPanel({ kind, samples, sample: signerType, ask: (format, sample) => post("templates/preview", { ...body(), format, sample }) }));
  }
  const variable = (row) =>
    el("li", {}, button([el("code", { class: "code" }, row.name), el("span", { class: "under" }, row.label)], () => insert(spelling(row)), { kind: "variable" }));

  function insert(words) {
    const { text: area } = text;
    area.focus();
    area.setRangeText(words, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new window.Event("input", { bubbles: true }));
  }

  /** @returns whether the text could be stored as it is */
  async function lint() {
    const mine = (turn += 1);
    clearTimeout(timer);
    if (text.value().trim() === "") {
      showFlaws([], "还没有内容。");
      return false;
    }
    state.textContent = "正在检查…";
    const { content, ...place } = body();
    const result = await post("templates/lint", { ...place, content });
    if (mine !== turn || gone) return false;
    return judge(result);
  }

  function judge(result) {
    if (result.ok) {
      form.fail([]);
      showFlaws([], "没有发现问题。");
      return true;
    }
    if (result.http !== 400) {
      showFlaws([], trouble(result).join(" "));
      return false;
    }
    const rest = form.fail(result.errors.filter(({ field }) => !placeOf(field)));
    const rows = result.errors.map(({ field, message }) => ({ place: placeOf(field), message })).filter(({ place }) => place);
    showFlaws(rows, rows.length > 0 ? `有 ${rows.length} 处须修改，点按可定位。` : [result.message, ...rest.map(({ message }) => message)].join(" "));
    return false;
  }

  function showFlaws(rows, words) {
    state.textContent = words;
    text.mark(rows.map(({ place }) => place.line));
    fill(flaws, rows.map(({ place, message }) => el("li", {}, el("button", { type: "button", class: "flaw", onclick: () => text.goTo(place) }, [el("span", { class: "flaw-place" }, `第 ${place.line} 行 ${place.column} 列`), el("span", {}, message)]))));
  }

  async function submit() {
    told.clear();
    if (!(await lint())) {
      told.say("bad", "还有须修改的地方，请先按“检查”中的提示修改。");
      flaws.querySelector("button")?.focus();
      return;
    }
    const lacking = form.lacking();
    if (lacking) {
      told.say("bad", "请填写模板代码和名称。");
      lacking.focus();
      return;
    }
    const sent = body();
    operate({
      title: "提交审批",
      lines: [`提交后成为“${sent.code}”的新版本，内容不能再改。须由另一位审批人批准，启用后才会使用。`],
      label: "提交",
      act: (reason) => post("templates", { ...sent, reason }),
      done: ({ data }) => {
        clearDraft();
        draft.address = null;
        location.hash = hrefOf({ kind: sent.kind, ...data });
        window.addEventListener("hashchange", () => flash(`已提交为第 ${data.version} 版，等待审批。`), { once: true });
      },
    });
  }

  const file = el("input", { type: "file", id: "file", class: "unseen", accept: ".html,.htm,.ejs,.txt,text/html,text/plain", tabindex: "-1", "aria-hidden": "true", onchange: read });
  async function read() {
    const [chosen] = file.files;
    if (!chosen) return;
    if (chosen.size > LARGEST_FILE) told.say("bad", "文件过大，不像是一份模板。");
    else text.set((await chosen.text()).replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
    file.value = "";
  }

  const parts = [
    heading("上传新版本", { lead: "草稿保存在本标签页中；提交之前不影响任何流程。", back: { href: "#/templates", text: "协议模板" }, actions: [button("提交审批", submit, { kind: "main", id: "submit-version" })] }),
    restored && el("p", { class: "notice notice-info" }, "已恢复您未提交的草稿。"),
    told.root,
    card("用于哪里", form.root),
    el("div", { class: "desk" }, [
      card(null, [el("div", { class: "head" }, [el("h2", {}, "内容"), el("div", {}, [file, button("从文件读取", () => file.click(), { class: "button button-plain button-small" })])]), text.root]),
      card("检查", [state, flaws, side]),
    ]),
    card("预览", previews),
  ];
  const ready = Promise.all([beside(), lint()]);
  return {
    parts,
    ready,
    leave() {
      gone = true;
      clearTimeout(timer);
    },
  };
}

/* What a version looks like: the agreement on the page and as PDF, the page's words, the SMS, each with sample data. */
import { trouble } from "./api.js";
import { badge, busy, button, el, field, fill, isBusy, notice, select } from "./elements.js";
import { agreementPreview } from "./preview-markup.js";

/** What is shown for a kind, beside the PDF of an agreement. */
const FORMAT = { PROTOCOL: "page", H5: "page", SMS: "text" };

/**
 * @param kind PROTOCOL, SMS or H5
 * @param samples `[value, text]` rows of sample data
 * @param sample the one to begin with
 * @param ask (format, sample) => the result of the preview's call
 */
export function previewPanel({ kind, samples, sample, ask }) {
  const which = select("sample", samples, sample);
  const shown = el("div", { class: "preview" });
  const told = notice();
  const show = button("预览页面", () => run(show, FORMAT[kind], (data) => fill(shown, paperOf(kind, data))), { kind: "main", id: "preview-page" });
  if (kind === "SMS") fill(show, "预览短信");
  const pdf = kind === "PROTOCOL" && button("下载 PDF 预览", () => run(pdf, "pdf", (data) => download(data.base64, data.fileName ?? "预览.pdf", "application/pdf", told)), { id: "preview-pdf" });

  async function run(pressed, format, done) {
    if (isBusy(pressed)) return;
    told.clear();
    const release = busy(pressed, format === "pdf" ? "正在生成 PDF…" : "正在生成…");
    const result = await ask(format, which.value);
    release();
    if (result.ok) done(result.data);
    else told.say("bad", trouble(result).map((line) => el("p", {}, line)));
  }
  return el("div", {}, [el("div", { class: "filters" }, [el("div", { class: "field-sample" }, field("样例数据", which).root), show, pdf]), told.root, shown]);
}

function paperOf(kind, data) {
  if (kind === "SMS") {
    return [el("p", { class: "bubble" }, data.text), el("p", { class: "soft" }, `共 ${data.length} 个字，按 ${data.segments} 条短信计费`)];
  }
  if (kind === "H5") {
    const { title, intro, consent, button: label } = data.page;
    return el("div", { class: "preview-frame" }, el("div", { class: "preview-scroll" }, [el("h3", {}, title), el("p", {}, intro), el("p", { class: "soft" }, `□ ${consent}`), el("span", { class: "mock-button" }, label)]));
  }
  const clauses = (data.keyClauses ?? []).length;
  return [el("p", { class: "soft" }, [badge("blue", `${clauses} 项重点条款`), " 与签署人在手机上看到的一致"]), el("div", { class: "preview-frame is-wide" }, agreementPreview(data.html))];
}

/**
 * Hands a file over. A download opens in the reader's own viewer on every device, and needs no frame that the page's policy would have
 * to allow.
 */
export function download(base64, fileName, type, told) {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const url = window.URL.createObjectURL(new Blob([bytes], { type }));
  const link = el("a", { href: url, download: fileName });
  link.click();
  // The browser has taken the blob over by then.
  setTimeout(() => window.URL.revokeObjectURL(url), 60_000);
  told.say("good", `已下载 ${fileName}。`);
}

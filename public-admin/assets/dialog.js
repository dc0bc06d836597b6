/* The dialog that stands before every step that changes something or takes something out: what happens, why, and only then the step. */
import { trouble } from "./api.js";
import { busy, button, el, field, fill, isBusy, notice } from "./elements.js";
import { session } from "./session.js";

const LONGEST_REASON = 200;
const FOCUSABLE = "button, input, select, textarea, a[href], [tabindex='0']";

let open = null;

/** Closes whatever dialog is open: the session has ended, and nothing of it stays, not even until the browser tells of the closing. */
export function closeDialog() {
  const root = open;
  root?.close();
  root?.remove();
}

/**
 * Shows a modal dialog; Esc and its cancel button close it, and the focus goes back to where it was. The browser keeps the rest of the
 * page out of reach; Tab goes round within the dialog.
 */
function showDialog(title, content, { wide = false } = {}) {
  const before = document.activeElement;
  const root = el("dialog", { class: wide ? "dialog dialog-wide" : "dialog", "aria-labelledby": "dialog-title", onclose: gone, onkeydown: goRound }, [el("h2", { id: "dialog-title", tabindex: "-1" }, title), content]);
  function gone() {
    root.remove();
    if (open === root) open = null;
    if (before?.isConnected) before.focus();
  }
  function goRound(event) {
    if (event.key !== "Tab") return;
    const stops = [...root.querySelectorAll(FOCUSABLE)].filter((each) => !each.disabled && each.offsetParent);
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (document.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
  document.body.append(root);
  root.showModal();
  open = root;
  return root;
}

/**
 * Asks for a reason and does the step.
 * @param title what is about to be done
 * @param lines sentences (or nodes) that say what will happen
 * @param fields more fields: rows of `field()`; they are judged by `act`
 * @param label the words on the button that does it
 * @param danger whether that button is red
 * @param act (reason) => the call's result; or a text that says what is wrong with the fields
 * @param done gets the result of a call that succeeded, when the dialog is closed
 */
export function operate({ title, lines = [], fields = [], label, danger = false, act, done }) {
  const by = session()?.token;
  const reason = field("理由", el("textarea", { id: "reason", class: "input", rows: "3", maxlength: String(LONGEST_REASON), required: true }), {
    hint: "会永久保存在审计中，请勿填写手机号、证件号或卡号。",
  });
  const told = notice();
  const confirm = el("button", { type: "submit", class: `button button-${danger ? "danger" : "main"}` }, label);
  const form = el("form", { class: "dialog-form", novalidate: true, onsubmit: submit }, [
    lines.map((line) => (typeof line === "string" ? el("p", {}, line) : line)),
    fields.map((each) => each.root),
    reason.root,
    told.root,
    el("div", { class: "dialog-actions" }, [button("取消", () => root.close()), confirm]),
  ]);
  const root = showDialog(title, form);
  (fields[0]?.control ?? reason.control).focus();

  async function submit(event) {
    event.preventDefault();
    if (isBusy(confirm)) return;
    reason.clear();
    told.clear();
    const words = reason.control.value.trim();
    if (!words) {
      reason.fail("请填写理由。");
      reason.control.focus();
      return;
    }
    const release = busy(confirm, "正在提交…");
    const result = await act(words);
    release();
    // Who logged in meanwhile did not ask for this.
    if (session()?.token !== by || !root.open) return;
    if (typeof result === "string") return told.say("bad", result);
    if (!result.ok) {
      const fault = result.errors.find(({ field: name }) => name === "reason");
      if (fault) {
        reason.fail(fault.message);
        reason.control.focus();
      } else told.say("bad", trouble(result).map((line) => el("p", {}, line)));
      return;
    }
    root.close();
    done?.(result);
  }
  return root;
}

/** Says what happened, for everybody to hear, above the view. */
export function flash(text, tone = "good") {
  const node = document.querySelector("#flash");
  node.className = `flash flash-${tone}`;
  fill(node, text);
}
export const clearFlash = () => flash("", "good");

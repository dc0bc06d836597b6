/* What is said about a new version beside its text: what it is and where it is to serve. */
import { el, field, input, select } from "./elements.js";
import { ACCOUNT_OPTIONS, KIND_OPTIONS, PROCESS_TYPE_OPTIONS, SCENE_OPTIONS, SIGNER_OPTIONS } from "./wording.js";

/** The scenes that the client's flow table (§4.2.1) has for each process type. */
const FLOWS = { RELATION_BINDING: ["BATCH_PAYMENT", "MEMBER_SETTLEMENT"], OPEN_PAYMENT: ["BATCH_PAYMENT", "MEMBER_SETTLEMENT"], POOLING_AUTH: ["POOLING"], ANY: ["ANY"] };

/** What is left out is as in the version before: without a limit must be said. */
const EMPTY_IS_ANY = ["fundPurpose", "accountType"];

/**
 * @param draft what to begin with
 * @param onchange called after every change
 * @returns {root, values(), fail(errors), lacking()}: `values` leaves out what is empty and may be; `fail` shows the platform's field errors beside the fields and
 *   returns the others; `lacking` marks what must still be filled in and returns the first such control
 */
export function templateForm(draft, onchange) {
  const kind = field("类型", select("kind", KIND_OPTIONS, draft.kind));
  const code = field("模板代码", input("code", { maxlength: "32", value: draft.code ?? "" }), { hint: "同一代码的新版本接替旧版本" });
  const name = field("名称", input("name", { maxlength: "64", value: draft.name ?? "" }), { hint: "协议的名称会显示给签署人" });
  const processType = field("流程", select("processType", PROCESS_TYPE_OPTIONS, draft.processType));
  const scene = field("业务场景", select("scene", SCENE_OPTIONS, draft.scene));
  const signerType = field("签署方", select("signerType", SIGNER_OPTIONS, draft.signerType));
  const h5 = field("签署页模板代码", input("h5", { maxlength: "64", value: draft.h5 ?? "" }), { hint: "短信链接打开的签署页" });
  const fundPurpose = field("限定资金用途", input("fundPurpose", { maxlength: "64", value: draft.fundPurpose ?? "" }), { hint: "留空表示不限" });
  const accountType = field("限定账户类型", select("accountType", [["", "不限"], ...ACCOUNT_OPTIONS], draft.accountType ?? ""));
  const all = { kind, code, name, processType, scene, signerType, h5, fundPurpose, accountType };

  /** Only what can be chosen is offered. */
  function narrow() {
    const isAgreement = kind.control.value === "PROTOCOL";
    offer(processType.control, Object.keys(FLOWS).filter((each) => !isAgreement || each !== "ANY"));
    offer(scene.control, FLOWS[processType.control.value]);
    h5.root.hidden = kind.control.value !== "SMS" || processType.control.value === "ANY";
  }
  function offer(control, fitting) {
    for (const option of control.options) option.hidden = option.disabled = !fitting.includes(option.value);
    if (!fitting.includes(control.value)) control.value = fitting[0];
  }
  narrow();
  const root = el("div", { class: "fields" }, Object.values(all).map((each) => each.root));
  root.addEventListener("input", () => {
    narrow();
    onchange();
  });
  return {
    root,
    values() {
      const rows = Object.entries(all).filter(([, each]) => !each.root.hidden);
      return Object.fromEntries(rows.map(([key, { control }]) => [key, control.value.trim()]).filter(([key, value]) => value !== "" || EMPTY_IS_ANY.includes(key)));
    },
    lacking() {
      const missing = [code, name].filter(({ control }) => control.value.trim() === "");
      for (const each of missing) each.fail("必填");
      return missing[0]?.control;
    },
    fail(errors) {
      for (const each of Object.values(all)) each.clear();
      return errors.filter(({ field: where, message }) => {
        const known = Object.hasOwn(all, where) && all[where];
        if (known) known.fail(message);
        return !known;
      });
    },
  };
}

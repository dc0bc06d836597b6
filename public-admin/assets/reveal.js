/* One masked value that can be seen in full, for a reason, for a minute. */
import { post } from "./api.js";
import { operate } from "./dialog.js";
import { button, el, fill } from "./elements.js";
import { can } from "./session.js";

const SHOWN_MS = 60_000;

/** @param path of the process */
export function revealed({ field, label, masked, path }) {
  const value = el("span", {}, masked);
  if (!can("operator", "auditor")) return value;
  const show = button("查看完整", ask, { class: "button button-plain button-small", "aria-label": `查看完整${label}` });
  const root = el("span", {}, [value, show]);
  let timer;

  function ask() {
    if (timer) return hide();
    operate({
      title: `查看完整${label}`,
      lines: ["查看会连同理由记入审计与证据链，一分钟后自动遮盖。"],
      label: "查看",
      act: (reason) => post(`${path}/reveal`, { field, reason }),
      done: ({ data }) => {
        value.textContent = data.value;
        fill(show, "遮盖");
        show.setAttribute("aria-label", `遮盖${label}`);
        timer = setTimeout(hide, SHOWN_MS);
      },
    });
  }
  function hide() {
    clearTimeout(timer);
    timer = undefined;
    value.textContent = masked;
    fill(show, "查看完整");
    show.setAttribute("aria-label", `查看完整${label}`);
  }
  return root;
}

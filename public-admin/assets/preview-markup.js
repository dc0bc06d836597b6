/*
 * The one place where text becomes markup: the preview of an agreement. It is parsed in an inert document and rebuilt element by element
 * from a list, by the very script that shows it to the signer (public-h5/assets/agreement-html.js); the page's policy names no other
 * place (`trusted-types esign-preview`). A shadow root keeps its styles and names apart from the console's.
 */
import { el } from "./elements.js";

// Only DOMParser gets what this makes.
const policy = window.trustedTypes?.createPolicy("esign-preview", { createHTML: (text) => text }) ?? { createHTML: (text) => text };

const STYLES = ["/h5/assets/agreement.css", "/admin/assets/preview.css"];

/** An agreement as the signer sees it. @returns an element */
export function agreementPreview(html) {
  const host = el("div", { class: "preview-scroll", tabindex: "0", role: "region", "aria-label": "协议预览" });
  const shadow = host.attachShadow({ mode: "open" });
  const paper = el("div", { class: "agreement" });
  window.esign.agreementHtml.render(policy.createHTML(html), paper);
  shadow.append(...STYLES.map((href) => el("link", { rel: "stylesheet", href })), paper);
  return host;
}

/* The text somebody is writing, kept in this tab for them alone: a session that ends or a reload costs nothing. It holds no personal data. */
import { session } from "./session.js";

const KEY = "esign.admin.draft";

export function readDraft() {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return draft && draft.by === session()?.name && typeof draft.address === "string" && typeof draft.content === "string" ? draft : null;
  } catch {
    return null;
  }
}
export function writeDraft(draft) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...draft, by: session()?.name }));
  } catch {
    // A full store: what is on screen stays on screen.
  }
}
export const clearDraft = () => sessionStorage.removeItem(KEY);

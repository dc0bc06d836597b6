/*
 * Who is logged in, for this tab only: the session's token stands in sessionStorage and nowhere else. The admin key itself is never
 * kept. What ends the session: the platform (401), a log-out, or nobody touching the page for half an hour.
 */
const KEY = "esign.admin.session";
/** As long as the platform keeps an idle session. */
const IDLE_MS = 30 * 60_000;

let current = read();
let ended = () => {};
let timer;

function read() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return stored && typeof stored.token === "string" && Array.isArray(stored.roles) ? stored : null;
  } catch {
    return null;
  }
}

/** {token, name, roles, expiresAt}, or null. */
export const session = () => current;

/** Whether the one who is logged in has any of the roles; the platform asks again. */
export const can = (...roles) => roles.some((role) => current?.roles.includes(role));

export function begin(started) {
  const { token, name, roles, expiresAt } = started;
  current = { token, name, roles, expiresAt };
  sessionStorage.setItem(KEY, JSON.stringify(current));
  touch();
}

/** Forgets the session. `why` is shown on the login view. */
export function end(why) {
  if (!current) return;
  current = null;
  clearTimeout(timer);
  sessionStorage.removeItem(KEY);
  ended(why);
}

/** What is to happen when a session ends. */
export function onEnd(handler) {
  ended = handler;
}

function touch() {
  clearTimeout(timer);
  if (current) timer = setTimeout(() => end("已有 30 分钟没有操作，会话已结束，请重新登录。"), IDLE_MS);
}
for (const happening of ["pointerdown", "keydown", "wheel", "touchstart"]) document.addEventListener(happening, touch, { passive: true, capture: true });
touch();

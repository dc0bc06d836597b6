/*
 * The calls of the console. A call never throws: it answers {ok, reached, http, code, message, data, errors, retryAfter}. `reached`
 * false means that nobody knows whether the platform got the call (no network, timeout, or an answer that is not the platform's).
 */
import { end, session } from "./session.js";

const BASE = "/api/admin/v1/";
/** Longer than the platform's own longest wait, so that the page gives up last. */
const PATIENCE_MS = 45_000;
const LOST = { ok: false, reached: false, http: 0, code: null, message: "", data: null, errors: [], retryAfter: null };

async function understand(response) {
  const body = await response.json().catch(() => null);
  if (typeof body?.code !== "string") return { ...LOST, http: response.status };
  const after = Number(response.headers.get("Retry-After"));
  return {
    ok: response.ok && body.code === "SUCCESS",
    reached: true,
    http: response.status,
    code: body.code,
    message: typeof body.message === "string" ? body.message : "",
    data: body.data ?? null,
    errors: Array.isArray(body.errors) ? body.errors : [],
    retryAfter: after > 0 ? Math.ceil(after) : null,
  };
}

async function call(method, path, body, token = session()?.token) {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), PATIENCE_MS);
  try {
    const response = await fetch(BASE + path, {
      method,
      headers: { Accept: "application/json", ...(token && { Authorization: `Bearer ${token}` }), ...(body !== undefined && { "Content-Type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: aborter.signal,
    });
    const result = await understand(response);
    // A call that was under way when somebody else logged in says nothing about them.
    if (result.http === 401 && token === session()?.token) end("会话已结束，请重新登录。");
    return result;
  } catch {
    return LOST;
  } finally {
    clearTimeout(timer);
  }
}

/** `query`'s empty members are left out. */
export const get = (path, query = {}) => {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "")).toString();
  return call("GET", text ? `${path}?${text}` : path);
};
export const post = (path, body) => call("POST", path, body);

/** A session for an admin key, which goes no further than this call. */
export const logIn = (key) => call("POST", "session", {}, key);
export const logOut = () => call("DELETE", "session");

/** A part of a path. */
export const part = (text) => encodeURIComponent(String(text));

export const waitText = (seconds) => (seconds >= 120 ? `${Math.ceil(seconds / 60)} 分钟` : `${seconds} 秒`);

/** What a failed call is called, in Chinese; wrong fields each with its message. */
export function trouble(result) {
  if (!result.reached) return ["没有收到平台的答复，请检查网络后重试。"];
  const wait = result.retryAfter ? `（请等 ${waitText(result.retryAfter)}）` : "";
  const fields = result.errors.map(({ message }) => message).filter(Boolean);
  return [`${result.message || "操作没有成功"}${wait}`, ...(fields.length ? fields : [])];
}

/** Whether a change may or may not have been made. */
export const uncertain = (result) => !result.reached || result.http >= 500;

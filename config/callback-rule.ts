import ipaddr from "ipaddr.js";
import type { Caller } from "./callers-file.ts";

/**
 * Whether a wallet may be called back at this address (CONTRACT.md §2.3). Judges the text alone; what the host resolves to is
 * checked again before each try, by who connects.
 * @returns null when it may, otherwise the reason in Chinese, without the address
 */
export function callbackAllowed(settings: { readonly production: boolean }, caller: Pick<Caller, "callbackHosts">, url: string): string | null {
  const parsed = URL.parse(url);
  if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return "必须是有效的 http 或 https 地址";
  if (settings.production && parsed.protocol !== "https:") return "必须使用 https";
  if (parsed.username || parsed.password) return "不能包含用户名或密码";
  if (url.includes("#")) return "不能包含片段（#）";
  const listed = caller.callbackHosts.some(({ host }) => host === parsed.hostname);
  if (listed) return null;
  if (settings.production || caller.callbackHosts.length > 0) return "主机不在该系统登记的回调主机之内";
  const literal = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  if (!ipaddr.isValid(literal)) return null;
  return ipaddr.process(literal).range() === "loopback" ? null : "未登记回调主机时，IP 地址只能是本机回环地址";
}

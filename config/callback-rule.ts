import ipaddr from "ipaddr.js";
import { addressAllowed, addressIn } from "./address-policy.ts";
import type { Caller } from "./callers-file.ts";

/**
 * Whether a wallet may be called back at this address (CONTRACT.md §2.3). Judges the text alone; what the host resolves to is
 * checked again before each try, by who connects. A literal address is judged here already as it would be there.
 * @returns null when it may, otherwise the reason in Chinese, without the address
 */
export function callbackAllowed(settings: { readonly production: boolean }, caller: Pick<Caller, "callbackHosts">, url: string): string | null {
  const parsed = URL.parse(url);
  if (!parsed || !["http:", "https:"].includes(parsed.protocol)) return "必须是有效的 http 或 https 地址";
  if (settings.production && parsed.protocol !== "https:") return "必须使用 https";
  if (parsed.username || parsed.password) return "不能包含用户名或密码";
  if (url.includes("#")) return "不能包含片段（#）";
  const literal = addressIn(url);
  const allow = rangesOf(caller, parsed.hostname);
  if (allow) return !settings.production || !literal || addressAllowed(literal, allow) ? null : "该地址不是公网地址，且未登记允许的网段";
  if (settings.production || caller.callbackHosts.length > 0) return "主机不在该系统登记的回调主机之内";
  if (!literal) return null;
  return ipaddr.process(literal).range() === "loopback" ? null : "未登记回调主机时，IP 地址只能是本机回环地址";
}

/** The ranges beside the public ones that a host may resolve to, over all its entries; null when it is not listed. */
export function rangesOf({ callbackHosts }: Pick<Caller, "callbackHosts">, hostname: string): string[] | null {
  const entries = callbackHosts.filter(({ host }) => host === hostname);
  return entries.length > 0 ? entries.flatMap(({ allow }) => allow) : null;
}

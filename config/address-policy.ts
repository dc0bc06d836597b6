import ipaddr from "ipaddr.js";

/** All that has been given out for the public Internet; what lies outside is reserved, whatever a table of ranges calls it. */
const GLOBAL_IPV6 = ipaddr.parseCIDR("2000::/3") as [ipaddr.IPv6, number];

/**
 * Whether a wallet's host may be called at this address: public unicast only, unless the host is listed with a range that holds
 * it (CONTRACT.md §3.3). Everything else (private, loopback, link-local and the metadata service in it, shared, tunnelled,
 * translated, reserved) is inside our own network or leads there. An IPv4 address written as an IPv6 one is judged as IPv4.
 * @param allow CIDRs of the host's entry in CALLERS_FILE
 */
export function addressAllowed(address: string, allow: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() === "unicast" && (!(parsed instanceof ipaddr.IPv6) || parsed.match(GLOBAL_IPV6))) return true;
  return allow.some((cidr) => {
    const [network, bits] = ipaddr.parseCIDR(cidr);
    return network.kind() === parsed.kind() && parsed.match(network, bits);
  });
}

/** The host of a URL when it is an address, in whatever notation, and needs no resolving; null for a name. */
export function addressIn(url: string): string | null {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  return ipaddr.isValid(host) ? host : null;
}

import ipaddr from "ipaddr.js";

type Range = ReturnType<typeof ipaddr.parseCIDR>;
type Address = Range[0];

/**
 * Makes the function that tells a request's client address. `X-Forwarded-For` is believed only as far as trusted proxies wrote
 * it: read from the right, the first address that is not a trusted proxy's is the client.
 * @param trustedProxies CIDRs of TRUSTED_PROXIES
 */
export function clientAddress(trustedProxies: readonly string[] = []): (socketAddress: string | undefined, forwardedFor: string | undefined) => string {
  const ranges = trustedProxies.map((cidr) => ipaddr.parseCIDR(cidr));
  const trusted = (address: Address): boolean => ranges.some((range) => range[0].kind() === address.kind() && address.match(range));
  return (socketAddress, forwardedFor) => {
    let client = parse(socketAddress ?? "");
    if (client === null) return "";
    if (ranges.length === 0 || !forwardedFor) return client.toString();
    for (const hop of forwardedFor.split(",").reverse()) {
      if (!trusted(client)) break;
      const next = parse(hop.trim());
      // What is no address was not written by our proxy in good faith: the last known hop is all that can be said.
      if (next === null) break;
      client = next;
    }
    return client.toString();
  };
}

/** IPv4 in IPv6 clothes becomes IPv4. Forms with zone or port, which some proxies write, are read without them. */
function parse(text: string): Address | null {
  const bare = text.replace(/^\[([^\]]+)\](?::\d+)?$/, "$1").replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1").replace(/%.*$/, "");
  return ipaddr.isValid(bare) && (bare.includes(":") || ipaddr.IPv4.isValidFourPartDecimal(bare)) ? ipaddr.process(bare) : null;
}

import { lookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { addressAllowed } from "../../../config/address-policy.ts";

/** Finds the addresses of a name, like `dns.lookup` with `all`. */
export type Resolve = (hostname: string, options: { all: true; family?: number }, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void;

/** `code` of the error with which a connection to a forbidden address is refused. */
export const ADDRESS_REFUSED = "ESIGN_ADDRESS_REFUSED";

/**
 * The lookup of one connection: the socket connects to one of exactly the addresses that were judged here, so a name that answers
 * differently a moment later gains nothing. One forbidden address among several refuses the host, since its owner's
 * records are wrong or somebody is trying.
 * @param allow ranges of the host beside the public ones; null lets every address pass
 */
export function judgedLookup(resolve: Resolve, allow: readonly string[] | null): LookupFunction {
  return (hostname, options, callback) => {
    const family = typeof options.family === "number" ? options.family : 0;
    resolve(hostname, { all: true, family }, (error, addresses) => {
      if (error) return callback(error, "", 0);
      const good = allow === null || addresses.every(({ address }) => addressAllowed(address, allow));
      const [first] = addresses;
      if (!good || !first) return callback(Object.assign(new Error("the host resolves to an address that may not be called"), { code: ADDRESS_REFUSED }), "", 0);
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

const asking = new Map<string, ((error: Error | null, addresses: LookupAddress[]) => void)[]>();

/**
 * The system's resolver, asked once for a name at a time. It runs on four threads that everything else shares: many callbacks to
 * one host whose name servers are dead would hold them all.
 */
export const resolveOnce: Resolve = (hostname, options, callback) => {
  const key = `${options.family ?? 0} ${hostname}`;
  const waiting = asking.get(key);
  if (waiting) return void waiting.push(callback);
  const callbacks = [callback];
  asking.set(key, callbacks);
  lookup(hostname, options, (error, addresses) => {
    asking.delete(key);
    for (const tell of callbacks) tell(error, addresses);
  });
};

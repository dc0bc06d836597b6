import { clientAddress } from "../../../services/gateway/client-address.ts";

const PROXIES = ["10.0.0.0/8", "fd00::/8"];

test.each<[string, string[], string | undefined, string | undefined, string]>([
  ["the socket's address without proxies", [], "203.0.113.5", undefined, "203.0.113.5"],
  ["a header that nobody vouches for is not believed", [], "203.0.113.5", "198.51.100.1", "203.0.113.5"],
  ["a header from outside the proxies is not believed", PROXIES, "203.0.113.5", "198.51.100.1", "203.0.113.5"],
  ["a proxy's header is", PROXIES, "10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["a chain of proxies is walked from the right", PROXIES, "10.0.0.1", "198.51.100.1, 10.0.0.3, 10.0.0.2", "198.51.100.1"],
  ["what the client itself wrote in front is ignored", PROXIES, "10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"],
  ["only proxies in the chain: the outermost", PROXIES, "10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"],
  ["an empty header", PROXIES, "10.0.0.1", "", "10.0.0.1"],
  ["nonsense from a proxy: the last known hop", PROXIES, "10.0.0.1", "unknown", "10.0.0.1"],
  ["nonsense in front of a real hop does no harm", PROXIES, "10.0.0.1", "<script>, 198.51.100.1", "198.51.100.1"],
  ["a number that merely reads as an address", PROXIES, "10.0.0.1", "2130706433", "10.0.0.1"],
  ["a hop with a port", PROXIES, "10.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
  ["an IPv6 hop with a port", PROXIES, "fd00::1", "[2001:db8::7]:4711", "2001:db8::7"],
  ["IPv4 in IPv6 clothes at the socket", PROXIES, "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["IPv4 in IPv6 clothes in the header", PROXIES, "10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"],
  ["IPv6 written out", [], "2001:0db8:0:0:0:0:0:7", undefined, "2001:db8::7"],
  ["no socket any more", PROXIES, undefined, "198.51.100.1", ""],
])("%s", (_what, proxies, socket, forwarded, expected) => {
  expect(clientAddress(proxies)(socket, forwarded)).toBe(expected);
});

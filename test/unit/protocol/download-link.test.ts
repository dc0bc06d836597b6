import { mintLink, protocolOfLink, type LinkParts } from "../../../services/protocol/download-link.ts";

const now = Date.parse("2026-11-24T08:00:00.400Z");
const old = { kid: "old", key: Buffer.alloc(32, 1) };
const fresh = { kid: "new", key: Buffer.alloc(32, 2) };
const id = "PROTO_20261124ABC";

function partsOf(url: string): LinkParts & { expires: string; kid: string; sig: string } {
  const { pathname, searchParams } = new URL(url);
  const protocolId = /^\/protocol\/download\/(.+)\.pdf$/.exec(pathname)![1];
  return { protocolId, expires: searchParams.get("expires")!, kid: searchParams.get("kid")!, sig: searchParams.get("sig")! };
}
const good = partsOf(mintLink("https://e-sign.example.com", id, [fresh, old], now + 600_000));

test("a link says where, until when in whole seconds, and by which key", () => {
  expect(good).toMatchObject({ protocolId: id, expires: String(Date.parse("2026-11-24T08:10:00Z") / 1000), kid: "new" });
});

test.each<[string, LinkParts, number]>([
  ["a fresh link leads to its agreement", good, now],
  ["a link holds to its last millisecond", good, Number(good.expires) * 1000 - 1],
  ["a link of a key that no longer issues still holds", partsOf(mintLink("https://x", id, [old], now + 1_000)), now],
])("%s", (_, parts, at) => {
  expect(protocolOfLink(parts, [fresh, old], at)).toBe(id);
});

test.each<[string, LinkParts, number]>([
  ["a link is over at the second it names", good, Number(good.expires) * 1000],
  ["a later time needs another signature", { ...good, expires: String(Number(good.expires) + 1) }, now],
  ["another agreement needs another signature", { ...good, protocolId: "PROTO_20261124ABD" }, now],
  ["another key needs another signature", { ...good, kid: "old" }, now],
  ["an unknown key opens nothing", { ...good, kid: "gone" }, now],
  ["a signature that is cut short opens nothing", { ...good, sig: good.sig.slice(0, -1) }, now],
  ["a signature with something behind it opens nothing", { ...good, sig: `${good.sig}=` }, now],
  ["a second spelling of the time opens nothing", { ...good, expires: `0${good.expires}` }, now],
  ["a time that is no number opens nothing", { ...good, expires: "never" }, now],
  ["an incomplete link opens nothing", { ...good, sig: undefined }, now],
  ["a repeated parameter opens nothing", { ...good, expires: [good.expires, good.expires] }, now],
])("%s", (_, parts, at) => {
  expect(protocolOfLink(parts, [fresh, old], at)).toBeNull();
});

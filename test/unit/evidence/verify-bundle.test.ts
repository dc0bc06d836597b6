import fc from "fast-check";
import { zipSync } from "fflate";
import { forks } from "../../../cli/verify/forks.ts";
import { verifyBundle } from "../../../cli/verify/verify-bundle.ts";
import { jsonText, MEMBER, sha256Hex } from "../../../services/evidence/bundle-format.ts";
import { writeZip } from "../../../services/evidence/bundle-zip.ts";
import type { ChainEvent } from "../../../services/evidence/chain.ts";
import { issue, root, seal, type Wish } from "./authority.ts";
import { chainOf, honestBundle, membersOf, resealed, retold, sealedPdf, story, trust, type Fact } from "./sample.ts";

let pdf: Buffer;
let bundle: Buffer;
beforeAll(async () => {
  pdf = await sealedPdf();
  bundle = await honestBundle(story(pdf), pdf);
});

/** `CODE where` of all that is wrong. */
const complaints = (zip: Uint8Array, against = trust): string[] => verifyBundle(zip, against).problems.map(({ code, where }) => `${code} ${where}`);
const flipped = (bytes: Uint8Array, position: number, bit: number): Uint8Array => Uint8Array.from(bytes, (byte, i) => (i === position ? byte ^ (1 << bit) : byte));
const upTo = (type: string) => story(pdf).slice(0, story(pdf).findIndex((fact) => fact.type === type));

describe("an honest bundle holds", () => {
  test("with every check made", () => {
    const { ok, checks, facts } = verifyBundle(bundle, trust);
    expect({ ok, outcomes: [...new Set(checks.map(({ outcome }) => outcome))] }).toEqual({ ok: true, outcomes: ["HOLDS"] });
    expect(facts).toMatchObject({ final: true, status: "COMPLETED", pdfSha256: sha256Hex(pdf), repacked: false });
  });

  test("before the sealing, without a PDF", async () => {
    const early = await honestBundle(upTo("VERIFICATION_REQUEST"), pdf);
    expect(complaints(early)).toEqual([]);
    expect(membersOf(early).has(MEMBER.pdf)).toBe(false);
  });

  test("redacted, without personal data and PDF, with the PDF's hash", async () => {
    const redacted = await honestBundle(story(pdf), pdf, { redacted: true });
    expect(complaints(redacted)).toEqual([]);
    const { facts } = verifyBundle(redacted, trust);
    expect(facts).toMatchObject({ redacted: [1, 2, 3, 4, 5, 6, 7, 8], pdfSha256: sha256Hex(pdf) });
    expect([...membersOf(redacted).keys()].sort()).toEqual(["README.txt", "certs/seal.pem", "evidence.json", "manifest.json", "manifest.sig"]);
    expect(redacted.includes("13800138000") || redacted.includes("张三")).toBe(false);
  });

  test("sealed by RSA under an intermediate authority", async () => {
    const middle = issue({ name: "Middle", by: root, ca: true, kind: "rsa" });
    const by = issue({ name: "RSA Seal", by: middle, kind: "rsa" });
    const sealed = await sealedPdf(by, [middle]);
    expect(complaints(await honestBundle(story(sealed, by), sealed, { by, chain: [middle] }))).toEqual([]);
  });

  test("unpacked and packed again by somebody else, which it says", () => {
    const again = zipSync(Object.fromEntries([...membersOf(bundle)].reverse()), { level: 9 });
    expect(complaints(again)).toEqual([]);
    expect(verifyBundle(again, trust).facts.repacked).toBe(true);
  });

  test("extracted twice, in the same members", async () => {
    const [one, two] = [membersOf(bundle), membersOf(await honestBundle(story(pdf), pdf))];
    one.delete(MEMBER.manifestSignature);
    two.delete(MEMBER.manifestSignature);
    expect(writeZip(one).equals(writeZip(two))).toBe(true);
  });
});

describe("any changed bit", () => {
  test("of any member is found and the member named", () => {
    const members = membersOf(bundle);
    const place = fc.constantFrom(...members.keys()).chain((name) => fc.tuple(fc.constant(name), fc.nat(members.get(name)!.length - 1), fc.nat(7)));
    fc.assert(
      fc.property(place, ([name, position, bit]) => {
        const changed = new Map(members).set(name, flipped(members.get(name)!, position, bit));
        expect(complaints(writeZip(changed)).join("\n")).toContain(name);
      }),
      { numRuns: 150 },
    );
  });

  test("of the file as a whole is found", () => {
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), fc.nat(7), (position, bit) => verifyBundle(flipped(bundle, position, bit), trust).ok === false),
      { numRuns: 150 },
    );
  });

  test("of the container's own words is found", () => {
    const table = bundle.indexOf("504b0102", 0, "hex");
    fc.assert(
      fc.property(fc.integer({ min: table, max: bundle.length - 1 }), fc.nat(7), (position, bit) => verifyBundle(flipped(bundle, position, bit), trust).ok === false),
      { numRuns: 150 },
    );
  });

  test("of what the PDF's signature covers is found even in a bundle that was sealed again around it", () => {
    const gap = { start: pdf.indexOf("/Contents <") + "/Contents ".length, end: pdf.indexOf(">", pdf.indexOf("/Contents <")) };
    fc.assert(
      fc.property(fc.nat(pdf.length - 1), fc.nat(7), (position, bit) => {
        fc.pre(position < gap.start || position > gap.end);
        const changed = Buffer.from(flipped(pdf, position, bit));
        const retelling = retold(resealed(membersOf(bundle).set(MEMBER.pdf, changed)), chainOf(story(changed)));
        expect(complaints(retelling).join("\n")).toContain(MEMBER.pdf);
      }),
      { numRuns: 80 },
    );
  });
});

describe("a bundle does not hold", () => {
  const without = (path: string) => (members: Map<string, Uint8Array>) => void members.delete(path);
  test.each<[string, (members: Map<string, Uint8Array>) => void, string]>([
    ["without its README", without(MEMBER.readme), "MEMBER_MISSING README.txt"],
    ["without its evidence", without(MEMBER.evidence), "MEMBER_MISSING evidence.json"],
    ["without its PDF", without(MEMBER.pdf), "MEMBER_MISSING protocol.pdf"],
    ["without its certificates", without(MEMBER.certificates), "MEMBER_MISSING certs/seal.pem"],
    ["without its manifest", without(MEMBER.manifest), "MEMBER_MISSING manifest.json"],
    ["without its signature", without(MEMBER.manifestSignature), "MEMBER_MISSING manifest.sig"],
    ["with a member more", (members) => void members.set("extra.txt", Buffer.from("x")), "MEMBER_EXTRA extra.txt"],
    ["with another manifest format", (members) => void members.set(MEMBER.manifest, Buffer.from(jsonText({ format: "esign-bundle/2", files: {} }))), "MANIFEST_FORMAT manifest.json"],
    ["with a manifest in another spelling", (members) => void members.set(MEMBER.manifest, Buffer.from(JSON.stringify({ format: "esign-bundle/1", files: {} }))), "JSON_SPELLING manifest.json"],
    ["with no certificate in certs", (members) => void members.set(MEMBER.certificates, Buffer.from("none")), "CERT_UNREADABLE certs/seal.pem"],
  ])("%s", (_title, change, complaint) => {
    const members = membersOf(bundle);
    change(members);
    expect(complaints(writeZip(members))).toContain(complaint);
  });

  test("when a stranger seals it by a root of his own", async () => {
    const mallory = issue({ name: "Test Seal Root", ca: true });
    const by = issue({ name: "Test Seal", by: mallory });
    const sealed = await sealedPdf(by, [mallory]);
    const forged = await honestBundle(story(sealed, by), sealed, { by, chain: [mallory] });
    expect(complaints(forged)).toEqual(["CERT_UNTRUSTED certs/seal.pem", "CERT_UNTRUSTED protocol.pdf"]);
  });

  test("when nobody is trusted", () => {
    expect(complaints(bundle, { ...trust, roots: [] })).toContain("TRUST_MISSING certs/seal.pem");
  });

  test("when its manifest is signed by another key of the same authority", () => {
    expect(complaints(resealed(membersOf(bundle), issue({ name: "Other", by: root })))).toEqual(["MANIFEST_SIGNATURE manifest.json, manifest.sig"]);
  });

  test("when it carries the PDF of another bundle", async () => {
    const other = await sealedPdf(seal, [root], "another agreement");
    expect(complaints(resealed(membersOf(bundle).set(MEMBER.pdf, other)))).toEqual(["PDF_HASH protocol.pdf"]);
  });

  test("when something is appended to the PDF behind its signature", () => {
    const longer = Buffer.concat([pdf, Buffer.from("\n% more\n")]);
    expect(complaints(retold(resealed(membersOf(bundle).set(MEMBER.pdf, longer)), chainOf(story(longer))))).toContain("PDF_COVERAGE protocol.pdf");
  });

  test("when the PDF is not signed", () => {
    const bare = Buffer.from("%PDF-1.7\n%%EOF\n");
    expect(complaints(retold(resealed(membersOf(bundle).set(MEMBER.pdf, bare)), chainOf(story(bare))))).toContain("PDF_UNSIGNED protocol.pdf");
  });

  test.each<[string, Wish, string]>([
    ["is an authority itself", { name: "S", by: root, ca: true, usage: 33 }, "CERT_IS_CA"],
    ["is not for signing", { name: "S", by: root, usage: 4 }, "CERT_USAGE"],
    ["is for timestamps", { name: "S", by: root, timestamping: true }, "CERT_USAGE"],
    ["had expired before the last event", { name: "S", by: root, to: "2026-11-01T00:00:00Z" }, "CERT_PERIOD"],
    ["was not valid yet", { name: "S", by: root, from: "2027-01-01T00:00:00Z" }, "CERT_PERIOD"],
    ["was issued by a certificate that is no authority", { name: "S", by: seal }, "CERT_UNTRUSTED"],
    ["was issued below an authority that allows none", { name: "S", by: issue({ name: "Sub", ca: true, by: issue({ name: "Top", ca: true, pathLength: 0 }) }) }, "CERT_UNTRUSTED"],
  ])("when the sealing certificate %s", async (_title, wish, code) => {
    const by = issue(wish);
    const forged = await honestBundle(upTo("PROTOCOL_SEALED"), pdf, { by, chain: wish.by ? [wish.by] : [] });
    expect(complaints(forged)).toContain(`${code} certs/seal.pem`);
  });

  test("when the chain recorded another certificate for the PDF", () => {
    const facts = story(pdf).map((fact) => (fact.type === "PROTOCOL_SEALED" ? { ...fact, data: { ...fact.data, sealCertSha256: sha256Hex("x") } } : fact));
    expect(complaints(retold(bundle, chainOf(facts)))).toEqual(["PDF_CERT_OTHER protocol.pdf"]);
  });
});

describe("a liar who holds the sealing key is found", () => {
  const alter = (type: string, data: object) => (facts: Fact[]) => facts.map((fact) => (fact.type === type ? { ...fact, data: { ...fact.data, ...data } } : fact));
  const at = (type: string, time: string) => (facts: Fact[]) => facts.map((fact) => (fact.type === type ? { ...fact, at: time } : fact));
  const drop = (type: string) => (facts: Fact[]) => facts.filter((fact) => fact.type !== type);
  const twice = (type: string) => (facts: Fact[]) => facts.flatMap((fact) => (fact.type === type ? [fact, fact] : [fact]));

  test.each<[string, (facts: Fact[]) => Fact[], string]>([
    ["other text of the agreement", alter("PROTOCOL", { html: "other" }), "PROTOCOL_HASH evidence.json#2"],
    ["another SM3", alter("PROTOCOL", { sm3: "0" }), "PROTOCOL_SM3 evidence.json#2"],
    ["another agreement read", alter("READING", { protocolHash: "0" }), "PROTOCOL_MISMATCH evidence.json#5"],
    ["another agreement signed", alter("SIGNATURE", { protocolHash: "0" }), "PROTOCOL_MISMATCH evidence.json#6"],
    ["another agreement sealed", alter("PROTOCOL_SEALED", { protocolHash: "0" }), "PROTOCOL_MISMATCH evidence.json#9"],
    ["a completion without a signature", drop("SIGNATURE"), "STORY_MISSING evidence.json#9"],
    ["a completion without a sealing", drop("PROTOCOL_SEALED"), "STORY_MISSING evidence.json#9"],
    ["a completion without a result", drop("VERIFICATION_RESULT"), "STORY_MISSING evidence.json#9"],
    ["a completion on a failed result", alter("VERIFICATION_RESULT", { status: "FAILED" }), "STORY_MISSING evidence.json#10"],
    ["a signature of what was not displayed", drop("READING"), "STORY_MISSING evidence.json#5"],
    ["a chain without the request", drop("REQUEST"), "STORY_START evidence.json#1"],
    ["two signatures", twice("SIGNATURE"), "SIGNATURE_TWICE evidence.json#7"],
    ["two results accepted", twice("VERIFICATION_RESULT"), "RESULT_TWICE evidence.json#9"],
    ["two agreements", twice("PROTOCOL"), "PROTOCOL_TWICE evidence.json#3"],
    ["two sealings", twice("PROTOCOL_SEALED"), "SEALED_TWICE evidence.json#10"],
    ["two ends", twice("STATE"), "STATE_TWICE evidence.json#11"],
    ["a signature before the request", at("SIGNATURE", "2026-11-24T07:00:00Z"), "TIME_BACKWARDS evidence.json#6"],
    ["a delivery before the request", at("CALLBACK", "2026-11-23T08:00:00Z"), "TIME_BACKWARDS evidence.json#11"],
  ])("by %s", (_title, change, complaint) => {
    expect(complaints(retold(bundle, chainOf(change(story(pdf)))))).toContain(complaint);
  });

  test("within the tolerance of two clocks times may differ", () => {
    expect(complaints(retold(bundle, chainOf(at("SIGNATURE", "2026-11-24T08:04:57Z")(story(pdf)))))).toEqual([]);
  });

  test.each<[string, (events: ChainEvent[]) => ChainEvent[], object, string]>([
    ["the end cut off", (events) => events.slice(0, 9), { final: true }, "FINAL_TRUNCATED evidence.json"],
    ["an end that is denied", (events) => events, { final: false }, "FINAL_DENIED evidence.json"],
    ["an event dropped", (events) => events.filter(({ seq }) => seq !== 4), {}, "CHAIN_SEQ evidence.json#4"],
    ["events that changed places", (events) => events.map((event, i) => events[i === 3 ? 4 : i === 4 ? 3 : i] ?? event), {}, "CHAIN_SEQ evidence.json#4"],
    ["an event of another process", (events) => [...events.slice(0, 3), chainOf(story(pdf), "P2")[3]!, ...events.slice(4)], {}, "CHAIN_HASH evidence.json#4"],
    ["a second branch", (events) => [...events, { ...chainOf([...story(pdf).slice(0, 4), story(pdf)[10]!])[4]! }], {}, "CHAIN_SEQ evidence.json#12"],
    ["a redaction that is not listed", (events) => events.map(({ data, salt, ...event }) => (event.seq === 3 ? event : { ...event, data: data!, salt: salt! })), { redacted: [4] }, "REDACTION_LIST evidence.json"],
    ["a state without its data", (events) => events.map(({ data, salt, ...event }) => (event.type === "PROTOCOL_SEALED" ? event : { ...event, data: data!, salt: salt! })), {}, "REDACTION_TYPE evidence.json#9"],
    ["an event of an unknown type", (events) => events.map((event) => (event.seq === 3 ? { ...event, type: "OTHER" as "STATE" } : event)), {}, "EVIDENCE_FORMAT evidence.json#3"],
    ["fractions of seconds", (events) => events.map((event) => (event.seq === 3 ? { ...event, at: "2026-11-24T08:01:00.000Z" } : event)), {}, "EVIDENCE_FORMAT evidence.json#3"],
    ["no events", () => [], {}, "EVIDENCE_FORMAT evidence.json"],
    ["another format", (events) => events, { format: "esign-evidence/2" }, "EVIDENCE_FORMAT evidence.json"],
    ["a word more", (events) => events, { note: "x" }, "EVIDENCE_FORMAT evidence.json"],
  ])("by %s", (_title, change, rest, complaint) => {
    expect(complaints(retold(bundle, change(chainOf(story(pdf))), rest))).toContain(complaint);
  });

  test("by two bundles of one process that tell two stories", () => {
    const facts = [...story(pdf).slice(0, 10), { type: "INCIDENT" as const, at: "2026-11-24T08:22:00Z", data: {} }];
    const [one, two, early] = [bundle, retold(bundle, chainOf(facts)), retold(bundle, chainOf(story(pdf).slice(0, 10)))].map((zip) => verifyBundle(zip, trust).facts);
    expect(forks([one!, early!])).toEqual([[], []]);
    expect(forks([one!, two!]).map(([problem]) => `${problem?.code} ${problem?.where}`)).toEqual(["FORK evidence.json#11", "FORK evidence.json#11"]);
  });
});

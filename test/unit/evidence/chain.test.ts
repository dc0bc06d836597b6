import { createHash } from "node:crypto";
import fc from "fast-check";
import { chainFaults, GENESIS, hashData, nextEvent, storable, type ChainEvent } from "../../../services/evidence/chain.ts";
import { chainOf, PID, story } from "./sample.ts";

const sha256 = (...parts: (string | Buffer)[]) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest("hex");
const SALT = "00112233445566778899aabbccddeeff".repeat(2);

describe("an event of the chain", () => {
  test("is hashed over exactly the documented bytes", () => {
    const event = nextEvent("P1", null, { type: "SIGNATURE", at: "2026-11-24T08:00:00Z", data: { b: 1, a: "张三" } }, SALT);
    const dataHash = sha256(Buffer.from(SALT, "hex"), '{"a":"张三","b":1}');
    const head = `{"at":"2026-11-24T08:00:00Z","dataHash":"${dataHash}","pid":"P1","prev":"${"0".repeat(64)}","seq":1,"type":"SIGNATURE","v":1}`;
    expect(event).toMatchObject({ seq: 1, prev: GENESIS, dataHash, hash: sha256(head) });
  });

  test("follows its predecessor by number and hash", () => {
    const next = nextEvent("P1", { seq: 7, hash: "ab".repeat(32) }, { type: "STATE", at: "2026-11-24T08:00:00Z", data: {} }, SALT);
    expect(next).toMatchObject({ seq: 8, prev: "ab".repeat(32) });
  });

  test("hides the same data under another salt behind another hash", () => {
    expect(hashData(SALT, { mobile: "13800138000" })).not.toBe(hashData("00".repeat(32), { mobile: "13800138000" }));
  });
});

describe("the storable form of data", () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["keeps plain JSON as it is", { a: [1, "x", null, { b: true }] }, { a: [1, "x", null, { b: true }] }],
    ["writes a date as its text", { at: new Date("2026-11-24T08:00:00Z") }, { at: "2026-11-24T08:00:00.000Z" }],
    ["drops what JSON has no word for", { a: undefined, b: 1 }, { b: 1 }],
    ["makes a lone surrogate visible", { a: "x\ud800y" }, { a: "x\\ud800y" }],
    ["makes a lone surrogate in a name visible", { "k\udfff": 1 }, { "k\\udfff": 1 }],
    ["leaves a pair and a written escape alone", { a: "\u{20bb7}", b: "\\ud800" }, { a: "\u{20bb7}", b: "\\ud800" }],
    ["keeps a member called __proto__ a member", JSON.parse('{"__proto__":{"x":1}}') as Record<string, unknown>, JSON.parse('{"__proto__":{"x":1}}') as Record<string, unknown>],
  ])("%s", (_title, data, expected) => {
    expect(JSON.stringify(storable(data))).toBe(JSON.stringify(expected));
  });

  test("can always be hashed, and the same after a round through JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" })), (data) => {
        const stored = storable({ ...data, lone: "\ud801" });
        expect(hashData(SALT, JSON.parse(JSON.stringify(stored)))).toBe(hashData(SALT, stored));
      }),
    );
  });
});

describe("a chain", () => {
  const sound = chainOf(story(Buffer.from("pdf")));
  const changed = (position: number, change: Partial<ChainEvent>) => sound.map((event, i) => (i + 1 === position ? { ...event, ...change } : event));

  test("holds as it was written", () => {
    expect(chainFaults(PID, sound)).toEqual([]);
  });

  test("holds without its personal data", () => {
    const erased = sound.map(({ seq, type, at, prev, dataHash, hash }) => ({ seq, type, at, prev, dataHash, hash }));
    expect(chainFaults(PID, erased)).toEqual([]);
  });

  test.each<[string, string, ChainEvent[], string]>([
    ["another process's chain", "P2", sound, "CHAIN_HASH@1"],
    ["a changed type", PID, changed(4, { type: "READING" }), "CHAIN_HASH@4"],
    ["a changed time", PID, changed(4, { at: "2026-11-24T08:05:01Z" }), "CHAIN_HASH@4"],
    ["changed data", PID, changed(6, { data: { ...sound[5]!.data, consent: false } }), "CHAIN_DATA@6"],
    ["changed salt", PID, changed(6, { salt: "00".repeat(32) }), "CHAIN_DATA@6"],
    ["data without its salt", PID, changed(6, { salt: undefined }), "CHAIN_DATA@6"],
    ["a changed data hash", PID, changed(6, { dataHash: "0".repeat(64) }), "CHAIN_HASH@6"],
    ["a removed event", PID, sound.filter(({ seq }) => seq !== 3), "CHAIN_SEQ@3"],
    ["an event that stands twice", PID, [...sound.slice(0, 3), ...sound.slice(2)], "CHAIN_SEQ@4"],
    ["two events that changed places", PID, sound.map((event, i) => (i === 3 ? sound[4]! : i === 4 ? sound[3]! : event)), "CHAIN_SEQ@4"],
    ["a missing beginning", PID, sound.slice(1), "CHAIN_SEQ@1"],
    ["another head taken over", PID, changed(5, { hash: sound[5]!.hash }), "CHAIN_HASH@5"],
  ])("does not hold with %s", (_title, pid, events, first) => {
    const [fault] = chainFaults(pid, events);
    expect(`${fault?.code}@${fault?.position}`).toBe(first);
  });
});

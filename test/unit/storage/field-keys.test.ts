import { randomBytes } from "node:crypto";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PERSONAL_MODELS } from "../../../cli/rekey/personal-models.ts";
import type { RotatingKey } from "../../../config/parsers.ts";
import type { Collection, Doc, Model } from "../../../mixins/collection-types.ts";
import { createFieldCipher, keyFingerprint, kidOf } from "../../../mixins/storage/field-cipher.ts";
import { admitFieldKeys, fieldKeyModel, type FieldKey } from "../../../mixins/storage/field-keys.ts";
import { admittedKeys, rekeyAll } from "../../../mixins/storage/personal-collections.ts";
import { openSqlite, type SqliteEngine } from "../../../mixins/storage/sqlite-engine.ts";

interface Person extends Doc {
  mobile: string;
  card?: { no: string } | null;
  note: string;
}
const people: Model = {
  name: "people",
  fields: { mobile: "string", card: "json", note: "string" },
  indexes: [{ fields: ["mobile"] }],
  personal: ["mobile", "card"],
  blind: ["mobile"],
};
const key = (kid: string): RotatingKey => ({ kid, key: randomBytes(32) });
const [k1, k2, k3] = [key("k1"), key("k2"), key("k3")];
const NOW = Date.UTC(2026, 10, 24);

let dataDir: string;
let engine: SqliteEngine;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "esign-field-keys-"));
  engine = openSqlite(join(dataDir, "esign.db"));
});
afterEach(() => {
  engine.close();
  rmSync(dataDir, { recursive: true });
});
const settings = (...fieldEncryptionKey: RotatingKey[]) => ({ dataDir, fieldEncryptionKey }) as Parameters<typeof rekeyAll>[0];
const peopleUnder = (...keys: RotatingKey[]): Collection<Person> => engine.collection<Person>(people, createFieldCipher(keys));
const known = (): Collection<FieldKey> => engine.collection<FieldKey>(fieldKeyModel);
const start = (...keys: RotatingKey[]): Promise<string[]> => admittedKeys(settings(...keys), NOW);
const rekey = (...keys: RotatingKey[]) => rekeyAll(settings(...keys), [people], async () => undefined);
const tokens = (): (string | null)[] => engine.table({ ...people, fields: { ...people.fields, mobileIndex: "string" } } as Model).find({}).map((row) => kidOf(String(row["mobile"])));
const person = (n: number): Person => ({ _id: `p${String(n).padStart(4, "0")}`, mobile: `1380013${String(n).padStart(4, "0")}`, card: n % 2 ? { no: `6228${n}` } : null, note: "" });

describe("a start", () => {
  test.each<[string, RotatingKey[], RotatingKey[], RegExp | null]>([
    ["with the same key", [k1], [k1], null],
    ["with a new key in front of the old", [k1], [k2, k1], null],
    ["with a key behind that is not used yet", [k1], [k1, k2], null],
    ["with the old key taken out at once", [k1], [k2], /^FIELD_ENCRYPTION_KEY: key k1 is missing and data is encrypted under it/],
    ["with other bytes under the old id", [k1], [key("k1")], /^FIELD_ENCRYPTION_KEY: key k1 is not the key that data is encrypted under$/],
    ["with a new key and other bytes under the old id", [k1], [k2, key("k1")], /k1 is not the key/],
  ])("%s", async (_what, before, then, refusal) => {
    expect(await start(...before)).toEqual([]);
    const problems = await start(...then);
    if (refusal) expect(problems).toEqual([expect.stringMatching(refusal)]);
    else expect(problems).toEqual([]);
    for (const { key: bytes } of [...before, ...then]) expect(JSON.stringify(problems)).not.toContain(bytes.toString("base64"));
  });

  test("that is refused notes nothing, and the right keys are taken afterwards", async () => {
    await start(k1);
    await start(k2);
    expect((await known().find({})).map(({ _id, current }) => [_id, current])).toEqual([["k1", true]]);
    expect(await start(k2, k1)).toEqual([]);
  });

  test("of many nodes at once notes one current key", async () => {
    await start(k1);
    const answers = await Promise.all(Array.from({ length: 8 }, () => admitFieldKeys(known(), [k2, k1], NOW)));
    expect(answers.flat()).toEqual([]);
    expect((await known().find({ current: true })).map(({ _id }) => _id)).toEqual(["k2"]);
  });

  test.each<[string, RotatingKey, RegExp]>([
    ["other bytes under the same id", key("k1"), /^FIELD_ENCRYPTION_KEY: key k1 is not the key that data is encrypted under$/],
    ["a key that the first has never heard of", k2, /^FIELD_ENCRYPTION_KEY: key k1 is missing/],
  ])("of a second node that saw an empty list before the first one noted its key, with %s, is refused", async (_what, own, refusal) => {
    await start(k1);
    const list = known();
    let looks = 0;
    const seenTooEarly: Collection<FieldKey> = { ...list, find: async (...query) => (looks++ === 0 ? [] : list.find(...query)) };
    expect(await admitFieldKeys(seenTooEarly, [own], NOW)).toEqual([expect.stringMatching(refusal)]);
    expect((await known().get("k1"))!.fingerprint).toBe(keyFingerprint(k1));
  });

  test("that was killed between two notes is put right by the next", async () => {
    await start(k1);
    await known().insert({ _id: "k2", fingerprint: "", current: true, since: new Date(NOW) });
    const [row] = await known().find({ fingerprint: "" });
    await known().removeIfVersion(row!);
    await start(k2, k1);
    await known().replaceIfVersion({ ...(await known().get("k1"))!, current: true });
    await start(k2, k1);
    expect((await known().find({ current: true })).map(({ _id }) => _id)).toEqual(["k2"]);
  });
});

describe("rekeying", () => {
  test("moves every row to the first key, findable and readable by it alone, and lets the old key go", async () => {
    await start(k1);
    await peopleUnder(k1).insertInOrder(Array.from({ length: 250 }, (_, n) => person(n)));
    await start(k2, k1);
    await peopleUnder(k2, k1).insert(person(999));
    expect(await rekey(k2, k1)).toEqual({ collections: [{ name: "people", rekeyed: { rows: 251, moved: 250, failed: [] } }], retired: ["k1"] });
    expect(new Set(tokens())).toEqual(new Set(["k2"]));
    const alone = peopleUnder(k2);
    expect(await alone.findOne({ mobile: person(7).mobile })).toMatchObject(person(7));
    expect(await alone.count({ mobile: { $in: [person(3).mobile, person(999).mobile] } })).toBe(2);
    expect(await start(k2)).toEqual([]);
  });

  test("twice is once, and a run over three keys retires two", async () => {
    await start(k1);
    await peopleUnder(k1).insert(person(1));
    await start(k2, k1);
    await peopleUnder(k2, k1).insert(person(2));
    await start(k3, k2, k1);
    expect((await rekey(k3, k2, k1))!.retired.sort()).toEqual(["k1", "k2"]);
    expect(await rekey(k3, k2, k1)).toEqual({ collections: [{ name: "people", rekeyed: { rows: 2, moved: 0, failed: [] } }], retired: [] });
  });

  test("too early, before the platform writes under the new key, does nothing", async () => {
    await start(k1);
    await peopleUnder(k1).insert(person(1));
    expect(await rekey(k2, k1)).toBeNull();
    expect(tokens()).toEqual(["k1"]);
  });

  test("loses nobody's change: of two writers of a row both get through, one after the other", async () => {
    await start(k1);
    await peopleUnder(k1).insertInOrder(Array.from({ length: 50 }, (_, n) => person(n)));
    await start(k2, k1);
    const live = peopleUnder(k2, k1);
    /** As services do it: read, change, compare and set, and again when the race was lost. */
    const write = async (n: number): Promise<void> => {
      for (;;) {
        const doc = (await live.get(person(n)._id))!;
        if (await live.replaceIfVersion({ ...doc, note: "changed", mobile: `1390000${String(n).padStart(4, "0")}` })) return;
      }
    };
    const [outcome] = await Promise.all([rekey(k2, k1), ...Array.from({ length: 50 }, (_, n) => write(n))]);
    expect(outcome!.retired).toEqual(["k1"]);
    const rows = await peopleUnder(k2).find({});
    expect(rows.map(({ note }) => note)).toEqual(Array.from({ length: 50 }, () => "changed"));
    expect(await peopleUnder(k2).count({ mobile: "13900000049" })).toBe(1);
  });

  test("names a row that no key can read, moves the rest and keeps the old keys in need", async () => {
    await start(k1);
    await peopleUnder(k1).insertInOrder([person(1), person(3)]);
    await peopleUnder(k3).insert(person(2));
    await start(k2, k1);
    const outcome = await rekey(k2, k1);
    expect(outcome).toEqual({ collections: [{ name: "people", rekeyed: { rows: 3, moved: 2, failed: ["p0002"] } }], retired: [] });
    expect(await start(k2)).toEqual([expect.stringContaining("key k1 is missing")]);
  });

  test("covers every model with personal fields", async () => {
    const files = globSync("services/*/*.model.ts", { cwd: resolve(".") });
    const exported = await Promise.all(files.map(async (file) => Object.values((await import(resolve(file))) as Record<string, unknown>)));
    const models = exported.flat().filter((value): value is Model => typeof value === "object" && value !== null && "fields" in value && "indexes" in value);
    const personal = models.filter((model) => model.personal?.length).map(({ name }) => name);
    expect(personal.length).toBeGreaterThan(5);
    expect(PERSONAL_MODELS.map(({ name }) => name).sort()).toEqual(personal.sort());
  });
});

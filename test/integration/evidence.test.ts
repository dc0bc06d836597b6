import "./fresh-data-dir.ts";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "moleculer";
import { verifyBundle } from "../../cli/verify/verify-bundle.ts";
import { config } from "../../config/index.ts";
import { codeOf } from "../../contract/errors.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { sha256Hex } from "../../services/evidence/bundle-format.ts";
import { chainFaults, GENESIS } from "../../services/evidence/chain.ts";
import type { AppendParams, Bundle, ChainHead, EvidenceItem } from "../../services/evidence/evidence.api.ts";
import type { EvidenceEvent } from "../../services/evidence/evidence-chain.model.ts";
import evidence from "../../services/evidence/evidence.service.ts";
import { root, seal } from "../unit/evidence/authority.ts";
import { PID, sealedPdf, story, trust } from "../unit/evidence/sample.ts";
import { nodeWith } from "./node-with.ts";

interface EvidenceService extends Service {
  collections: { records: Collection<EvidenceEvent> };
}
type Node = Awaited<ReturnType<typeof nodeWith<EvidenceService>>>;

let pdf: Buffer;
let stored: Buffer;
let node: Node;
let alerts: unknown[];
const read = jest.fn(() => ({ base64: stored.toString("base64"), sha256: sha256Hex(stored) }));
const settings = { sealKeyFile: join(config.dataDir, "key.pem"), sealCertFile: join(config.dataDir, "cert.pem") };
const start = () => nodeWith<EvidenceService>(evidence, settings, [{ name: "protocol", actions: { read } }]);

beforeAll(async () => {
  mkdirSync(config.dataDir, { recursive: true });
  writeFileSync(settings.sealKeyFile, seal.key.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(settings.sealCertFile, seal.certificate.toString() + root.certificate.toString());
  pdf = await sealedPdf();
  node = await start();
  alerts = [];
  node.service.logger.error = (_message: unknown, facts: { alert: string }) => void alerts.push(facts.alert);
});
beforeEach(() => {
  stored = pdf;
  read.mockClear();
  alerts.length = 0;
});
afterAll(() => node.stop());

const items = (facts = story(pdf)): EvidenceItem[] => facts.map((fact, i) => ({ key: `${fact.type}:${i}`, ...fact }));
const note = (key: string, data: Record<string, unknown> = {}): EvidenceItem => ({ key, type: "SMS_RECORD", at: "2026-11-24T08:00:00Z", data });
const append = (processId: string, list: EvidenceItem[], systemCode: string | undefined = "WALLET", on = node) =>
  on.call<ChainHead>("evidence.append", { processId, ...(systemCode ? { systemCode } : {}), items: list } satisfies AppendParams);
const exported = async (params: object) => Buffer.from((await node.call<Bundle>("evidence.export", { systemCode: "WALLET", ...params })).base64, "base64");
const rows = (processId: string) => node.service.collections.records.find({ processId }, { sort: ["seq"] });
const codeFrom = (promise: Promise<unknown>) => promise.then(() => null, codeOf);

/**
 * The database's files as another process reads them. Never in this one: closing a second handle on a file drops the locks that SQLite
 * holds on it in the same process, and the next race of writers would corrupt the database.
 */
function bytesOnDisk(): Buffer {
  const read = `for (const name of fs.readdirSync(".")) if (name.startsWith("esign.db")) process.stdout.write(fs.readFileSync(name))`;
  const { stdout, status } = spawnSync(process.execPath, ["-e", read], { cwd: config.dataDir, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 });
  if (status !== 0) throw new Error("the database's files could not be read");
  return stdout;
}

/** The stored chain, its faults and its keys. */
async function chain(processId: string) {
  const found = await rows(processId);
  const events = found.map(({ seq, evidenceType: type, at, prev, dataHash, hash, evidenceData, salt }) => ({ ...{ seq, type, at, prev, dataHash, hash }, data: evidenceData!, salt: salt! }));
  return { faults: chainFaults(processId, events), keys: found.map(({ evidenceKey }) => evidenceKey), head: { head: found.at(-1)?.hash ?? GENESIS, length: found.length } };
}

describe("appending", () => {
  test("builds one unbroken chain and answers with its head", async () => {
    const first = await append("P1", [note("a"), note("b")]);
    const second = await append("P1", [note("c")], undefined);
    expect(await chain("P1")).toEqual({ faults: [], keys: ["a", "b", "c"], head: second });
    expect(first.length).toBe(2);
    expect(await node.call("evidence.head", { processId: "P1" })).toEqual(second);
  });

  test("twice is once, whole or in part", async () => {
    const once = await append("P2", [note("a"), note("b")]);
    expect(await append("P2", [note("a"), note("b"), note("a")])).toEqual(once);
    await append("P2", [note("b"), note("c")]);
    expect(await chain("P2")).toMatchObject({ faults: [], keys: ["a", "b", "c"] });
    expect(alerts).toEqual([]);
  });

  test("goes on where a crash in the middle left it", async () => {
    const { records } = node.service.collections;
    const whole = records.insertInOrder;
    records.insertInOrder = async (docs) => {
      await whole(docs.slice(0, 1));
      throw new Error("died");
    };
    await expect(append("P3", [note("a"), note("b")])).rejects.toThrow();
    records.insertInOrder = whole;
    await append("P3", [note("a"), note("b")]);
    expect(await chain("P3")).toMatchObject({ faults: [], keys: ["a", "b"] });
  });

  test("keeps the first of two stories under one key and raises the alarm", async () => {
    const before = await append("P4", [note("a", { status: "SENT" })]);
    expect(await append("P4", [note("a", { status: "FAILED" })])).toEqual(before);
    expect((await rows("P4"))[0]?.evidenceData).toEqual({ status: "SENT" });
    expect(alerts).toEqual(["EVIDENCE_CONTRADICTED"]);
  });

  test("does not take an event for written that reads back differently", async () => {
    await append("P5", [note("a", { amount: "0.12" })]);
    const [row] = await rows("P5");
    await node.service.collections.records.replaceIfVersion({ ...row!, evidenceData: { amount: "0.13" } });
    expect(await codeFrom(append("P5", [note("a", { amount: "0.12" })]))).toBe("INTERNAL_ERROR");
    expect(alerts).toEqual(["EVIDENCE_BROKEN"]);
  });

  test("cuts fractions off the time and takes text that has no UTF-8", async () => {
    await append("P6", [{ ...note("a", { userAgent: "x\ud800" }), at: "2026-11-24T08:00:00.987Z" }]);
    const [row] = await rows("P6");
    expect(row).toMatchObject({ at: "2026-11-24T08:00:00Z", evidenceData: { userAgent: "x\\ud800" } });
    expect((await chain("P6")).faults).toEqual([]);
  });

  test.each<[string, AppendParams, string]>([
    ["a chain without an owner", { processId: "P7", items: [note("a")] }, "systemCode"],
    ["a key that is empty", { processId: "P7", systemCode: "WALLET", items: [note("")] }, "items.0.key"],
    ["a key that is too long", { processId: "P7", systemCode: "WALLET", items: [note("k".repeat(129))] }, "items.0.key"],
    ["an unknown type", { processId: "P7", systemCode: "WALLET", items: [note("a"), { ...note("b"), type: "OTHER" as "STATE" }] }, "items.1.type"],
    ["no time", { processId: "P7", systemCode: "WALLET", items: [{ ...note("a"), at: "yesterday" }] }, "items.0.at"],
    ["data that is no object", { processId: "P7", systemCode: "WALLET", items: [{ ...note("a"), data: [] as unknown as Record<string, unknown> }] }, "items.0.data"],
  ])("refuses %s and writes nothing", async (_title, params, field) => {
    await expect(node.call("evidence.append", params)).rejects.toMatchObject({ type: "PARAM_INVALID", data: { errors: [{ field }] } });
    expect(await node.call("evidence.head", { processId: "P7" })).toEqual({ head: GENESIS, length: 0 });
  });

  test("leaves nothing personal readable on the disk", async () => {
    await append("P8", [note("a", { mobile: "13912345678" })]);
    const bytes = bytesOnDisk();
    const [row] = await rows("P8");
    expect({ mobile: bytes.includes("13912345678"), salt: bytes.includes(row!.salt!), hash: bytes.includes(row!.hash) }).toEqual({ mobile: false, salt: false, hash: true });
  });
});

describe("many writers of one process", () => {
  test("on several nodes leave one unbroken chain with every key once", async () => {
    const nodes = await Promise.all([start(), start(), start()]);
    const all = nodes.flatMap((on, n) => Array.from({ length: 12 }, (_, i) => append("RACE1", [note(`common:${i}`), note(`own:${n}:${i}`), note(`common:${i + 1}`)], "WALLET", on)));
    const heads = await Promise.all(all);
    await Promise.all(nodes.map((on) => on.stop()));
    const { faults, keys, head } = await chain("RACE1");
    expect(faults).toEqual([]);
    expect([...keys].sort()).toEqual([...new Set(keys)].sort());
    expect(keys).toHaveLength(13 + 36);
    expect(Math.max(...heads.map(({ length }) => length))).toBe(head.length);
  });

  test("in several operating system processes too", async () => {
    const racers = ["x", "y", "z"].map((name) => spawn(process.execPath, [join(__dirname, "evidence-racer.ts"), "RACE2", name, "20"], { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env } }));
    const exits = await Promise.all(racers.map((racer) => once(racer, "exit")));
    expect(exits.map(([code]) => code as number)).toEqual([0, 0, 0]);
    const { faults, keys } = await chain("RACE2");
    expect(faults).toEqual([]);
    expect([...keys].sort()).toEqual([...new Set(keys)].sort());
    expect(keys).toHaveLength(20 + 60);
  }, 60_000);
});

describe("exporting", () => {
  beforeAll(() => append(PID, items()));

  test("gives a bundle that anyone can check", async () => {
    const { ok, facts } = verifyBundle(await exported({ processId: PID }), trust);
    expect({ ok, facts }).toMatchObject({ ok: true, facts: { processId: PID, final: true, status: "COMPLETED", pdfSha256: sha256Hex(pdf) } });
    expect(read).toHaveBeenCalledWith({ protocolId: "PROTO_1" });
    expect(await node.call("evidence.export", { systemCode: "WALLET", processId: PID })).toMatchObject({ fileName: `${PID}.zip` });
  });

  test("redacted gives neither PDF nor personal data, and still can be checked", async () => {
    const bundle = await exported({ processId: PID, view: "redacted" });
    expect(verifyBundle(bundle, trust)).toMatchObject({ ok: true, facts: { redacted: [1, 2, 3, 4, 5, 6, 7, 8] } });
    expect(bundle.includes("13800138000")).toBe(false);
    expect(read).not.toHaveBeenCalled();
  });

  test("after the erasure of personal data gives what is left, which still holds", async () => {
    await append("ERASED", items().slice(0, 4));
    for (const row of await rows("ERASED")) await node.service.collections.records.replaceIfVersion({ ...row, evidenceData: null, salt: null });
    expect(verifyBundle(await exported({ processId: "ERASED" }), trust)).toMatchObject({ ok: true, facts: { redacted: [1, 2, 3, 4] } });
  });

  test.each<[string, object, string]>([
    ["an unknown process", { processId: "NONE" }, "PROCESS_NOT_FOUND"],
    ["another system's process", { processId: PID, systemCode: "OTHER" }, "PROCESS_NOT_FOUND"],
    ["a view there is not", { processId: PID, view: "short" }, "PARAM_INVALID"],
  ])("refuses %s", async (_title, params, code) => {
    expect(await codeFrom(exported(params))).toBe(code);
  });

  test("refuses aloud when the stored PDF is not the one that was sealed", async () => {
    stored = await sealedPdf();
    expect(await codeFrom(exported({ processId: PID }))).toBe("INTERNAL_ERROR");
    expect(alerts).toEqual(["EVIDENCE_BROKEN"]);
  });

  test("refuses aloud when somebody changed the database", async () => {
    await append("CHANGED", items().slice(0, 4));
    const row = (await rows("CHANGED"))[2]!;
    await node.service.collections.records.replaceIfVersion({ ...row, at: "2026-11-24T09:00:00Z" });
    expect(await codeFrom(exported({ processId: "CHANGED" }))).toBe("INTERNAL_ERROR");
    expect(alerts).toEqual(["EVIDENCE_BROKEN"]);
  });
});

import { config } from "./settings-of-this-test.ts";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Model } from "../../mixins/collection-types.ts";
import { callbackToken } from "../../mixins/callback-token.ts";
import { parseQuery, parseSort } from "../../mixins/storage/query.ts";
import type * as Engines from "../../mixins/storage/engines.ts";
import { orderClause, pageClause, whereClause } from "../../mixins/storage/sqlite-query.ts";
import type { Filters, StoreAdapter } from "../../mixins/storage/store-adapter.ts";
import { auditPage, type Audit } from "../../services/gateway/audit.ts";
import { withinAuditLimit } from "../../services/gateway/audit-limit.ts";
import { auditEndModel, auditModel } from "../../services/gateway/audit.model.ts";
import type { AuditListParams } from "../../services/gateway/gateway.api.ts";
import { describeWith } from "../servers/available.ts";
import { coveringIndex, shapeOf } from "./covering-index.ts";
import { outsideWorld, type OutsideWorld } from "./outside-world.ts";

/** What every collection was asked, by its shape, and on which server. */
const mockAsked = new Map<string, { model: Model; filters: Filters }>();
const mockEngine: { mongoUri?: string } = {};
jest.mock("../../mixins/storage/engines.ts", () => {
  const real = jest.requireActual<typeof Engines>("../../mixins/storage/engines.ts");
  return {
    ...real,
    adapterFor(model: Model, settings: Parameters<typeof real.adapterFor>[1]): StoreAdapter {
      const adapter = real.adapterFor(model, { ...settings, ...mockEngine });
      const noted = (filters: Filters = {}) => mockAsked.set(shapeOf(model, filters), { model, filters });
      const { find, findOne, count } = adapter;
      return Object.assign(adapter, {
        find: (filters: Filters) => (noted(filters), find.call(adapter, filters)),
        findOne: (query: NonNullable<Filters["query"]>) => (noted({ query, limit: 1 }), findOne.call(adapter, query)),
        count: (filters?: Filters) => (noted(filters), count.call(adapter, filters)),
      });
    },
  };
});
jest.setTimeout(120_000);

/** No index serves these as asked; what bounds them, so that a full store does not make them slow. */
const BOUNDED: readonly [about: RegExp, by: string][] = [
  [/^(protocol_template|sms_template|h5_template)( |$)/, "templates are a few dozen, however many processes there are"],
  [/^signing_process owedDueAt<> sort owedDueAt,_id/, "an operator's list of what hangs sorts what is owed; a sparse index has one field"],
];

/** Everything that grows with the store, asked by everybody who asks. */
async function wholeLife(on: OutsideWorld): Promise<void> {
  const call = <T = unknown>(action: string, params: object) => on.broker.call<T, object>(action, params);
  const one = await on.signed();
  await on.pending(one.processId);
  await on.callback(one.processId);
  await on.reaches(one.processId, "COMPLETED");
  const late = await on.initiated();
  const messageId = `INV_${one.processId}`;
  await call("sms.receipt", { token: callbackToken(config.callbackTokenSecret, "sms-receipt", messageId), body: { messageId, status: "DELIVERED", at: "2026-11-24T12:00:00Z" } });
  await (on.broker.getLocalService("sms") as unknown as { sweepNow(): Promise<number> }).sweepNow();
  await on.later(48 * 3_600_000);
  await on.reaches(late.processId, "EXPIRED");
  await on.sweep();
  const { next } = await call<{ next: string }>("notifier.events", { systemCode: "WALLET", limit: 1 });
  await call("notifier.events", { systemCode: "WALLET", after: next });
  for (const params of [{}, { state: "DELIVERED", limit: 1 }, { processId: one.processId }]) {
    const page = await call<{ next: string | null }>("notifier.deliveries", params);
    if (page.next) await call("notifier.deliveries", { ...params, after: page.next });
  }
  for (const params of [{ limit: 1 }, { q: one.processId }, { stuck: true }]) {
    const page = await call<{ next: string | null }>("process.list", params);
    if (page.next) await call("process.list", { ...params, after: page.next });
  }
  await call("verification-bridge.unstarted", {});
  await call("process.inspect", { processId: one.processId });
  const operator = { id: "AUDIT_1", name: "ann", reason: "核对", via: "ADMIN_API" };
  await call("process.reveal", { processId: one.processId, field: "signer.mobile", operator });
  await call("evidence.export", { systemCode: "WALLET", processId: one.processId }).catch(() => undefined);
}

/** SQLite's own plan of a query. */
function planOf(db: DatabaseSync, model: Model, { query = {}, sort, limit }: Filters): string[] {
  const where = whereClause(parseQuery(model, query));
  const order = orderClause(parseSort(model, typeof sort === "string" ? [sort] : (sort ?? [])));
  const rows = db.prepare(`EXPLAIN QUERY PLAN SELECT _id, version, doc FROM "${model.name}"${where.sql}${order}${pageClause(limit, 0)}`).all(...where.values);
  return rows.map((row) => String(row["detail"]));
}
/** A walk along an index, a page long. */
const scansTable = (detail: string): boolean => /^SCAN /.test(detail) && !/USING (COVERING )?INDEX|VIRTUAL TABLE/.test(detail);
const sorts = (detail: string): boolean => detail.startsWith("USE TEMP B-TREE");

function eachQueryHasItsIndex(): void {
  const without = [...mockAsked].filter(([shape, { model, filters }]) => coveringIndex(model, filters) === null && !BOUNDED.some(([about]) => about.test(shape)));
  expect(without.map(([shape]) => shape).sort()).toEqual([]);
}

describe("on SQLite", () => {
  let on: OutsideWorld;
  beforeAll(async () => {
    mockAsked.clear();
    on = await outsideWorld();
    await wholeLife(on);
  });
  afterAll(() => on.end());

  test("the life of a process asks every collection that grows", () => {
    const collections = new Set([...mockAsked.values()].map(({ model }) => model.name));
    for (const name of ["signing_process", "evidence_chain", "sms_record", "verifications", "signing_event", "delivery", "wake_up"]) expect(collections).toContain(name);
  });
  test("each query of a signing, the sweeps, the feed and the lists has an index that finds and orders exactly that", eachQueryHasItsIndex);
  test("SQLite reads no whole table for any of them, and sorts nothing", () => {
    const db = new DatabaseSync(join(config.dataDir, "esign.db"), { readOnly: true });
    const working = [...mockAsked].filter(([shape, { model, filters }]) => planOf(db, model, filters).some((detail) => scansTable(detail) || sorts(detail)) && !BOUNDED.some(([about]) => about.test(shape)));
    db.close();
    expect(working.map(([shape]) => shape)).toEqual([]);
  });
});

describeWith(["mongo"], "on MongoDB", (urls) => {
  let on: OutsideWorld;
  beforeAll(async () => {
    mockAsked.clear();
    mockEngine.mongoUri = `${urls.mongoUri.replace(/\/[^/]*$/, (path) => (path.includes(":") ? path : ""))}/queries_${process.pid}`;
    on = await outsideWorld();
    await wholeLife(on);
  });
  afterAll(async () => {
    await on.end();
    delete mockEngine.mongoUri;
  });
  test("the same life asks nothing that lacks its index", () => {
    expect(mockAsked.size).toBeGreaterThan(15);
    eachQueryHasItsIndex();
  });
});

describe("the audit", () => {
  const asked: Filters[] = [];
  const day = new Date(0);
  /** Answers one row more than a page has, so that each page has a next one. */
  const records = {
    find: async (query: Filters["query"], options: Filters) => (asked.push({ ...options, query }), [{ _id: "AUDIT_1", at: day }, { _id: "AUDIT_0", at: day }].slice(0, options.limit ?? 2)),
  } as unknown as Audit["records"];
  const ends = { find: async (query: Filters["query"]) => (askedOfEnds.push({ query }), []) } as unknown as Audit["ends"];
  const askedOfEnds: Filters[] = [];
  const audit = { records, ends } as Audit;

  test.each<AuditListParams>([{}, { target: "P" }, { name: "ann" }, { target: "P", name: "ann" }])("a page of it for %j has an index, the first and the next", async (about) => {
    asked.length = 0;
    const { next } = await auditPage(audit, { ...about, limit: 1 });
    await auditPage(audit, { ...about, limit: 5, after: next! });
    expect(asked).toHaveLength(3);
    expect(asked.filter((filters) => coveringIndex(auditModel, filters) === null)).toEqual([]);
    expect(askedOfEnds.filter((filters) => coveringIndex(auditEndModel, filters) !== "_id")).toEqual([]);
  });

  test("counting what somebody did lately has an index", async () => {
    asked.length = 0;
    await withinAuditLimit(audit, "ann", "process.reveal");
    expect(asked.map((filters) => coveringIndex(auditModel, filters))).toEqual(["name,action,at,_id"]);
  });
});

describe("the rule itself", () => {
  const model: Model = {
    name: "sample",
    fields: { owner: "string", at: "date", due: "date", number: "number" },
    indexes: [{ fields: ["owner", "number"] }, { fields: ["due"], sparse: true }, { fields: ["at"] }, { fields: ["number", "at", "_id"] }],
  };
  const day = new Date(0);
  test.each<[string, Filters, string | null]>([
    ["equal and sorted along the index", { query: { owner: "a" }, sort: ["number"] }, "owner,number"],
    ["the same backwards", { query: { owner: "a" }, sort: ["-number"] }, "owner,number"],
    ["a range on what is sorted by", { query: { due: { $lte: day } }, sort: ["due"] }, "due"],
    ["a sort the index does not go on with", { query: { owner: "a" }, sort: ["at"] }, null],
    ["a sort in two directions", { query: {}, sort: ["owner", "-number"] }, null],
    ["a sort by a sparse index alone", { query: {}, sort: ["due"] }, null],
    ["a field nobody indexes first", { query: { version: 1 } }, null],
    ["what is not something", { query: { due: { $ne: null } } }, null],
    ["a range and one more key to sort by", { query: { at: { $gt: day } }, sort: ["at", "_id"] }, null],
    ["the same where the index ends with the id", { query: { number: 1, at: { $gt: day } }, sort: ["at", "_id"] }, "number,at,_id"],
    ["the rows of one moment in any order", { query: { at: day, _id: { $gt: "a" } }, sort: ["_id"] }, "at"],
    ["everything", {}, null],
    ["everything by id", { sort: ["-_id"] }, "_id"],
  ])("%s", (_title, filters, index) => expect(coveringIndex(model, filters)).toBe(index));
});

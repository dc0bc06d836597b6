import { started, walletWorld, type WalletWorld } from "./wallet-world.ts";

let on: WalletWorld;
const finished: string[] = [];
beforeAll(async () => {
  on = await walletWorld();
  for (let n = 0; n < 3; n++) {
    const { processId } = await started(on);
    await on.post(`/api/v1/esign/process/${processId}/cancel`, { reason: "撤回" });
    await on.settled();
    finished.push(processId);
    on.world.now += 1;
  }
});
afterAll(() => on.end());

interface Page {
  events: { payload: { processId: string } }[];
  next: string;
}
const feed = async (query = "", headers: Record<string, string> = {}) => {
  const told = await on.get(`/api/v1/esign/events${query}`, headers);
  return { status: told.status, json: told.json, page: told.json.data as Page };
};
const idsOf = ({ events }: Page) => events.map(({ payload }) => payload.processId);

test("the youngest two seconds are held back, and the cursor of an empty page reads on from the start", async () => {
  const empty = (await feed()).page;
  expect(empty).toEqual({ events: [], next: expect.any(String) });
  on.world.now += 2_000;
  expect(idsOf((await feed(`?after=${empty.next}`)).page)).toEqual(finished);
});

test("a wallet reads its events in order, page by page, until the cursor stays", async () => {
  on.world.now += 2_000;
  const seen: string[] = [];
  let next = "";
  for (let page = (await feed("?after=&limit=2")).page; page.events.length; page = (await feed(`?limit=2&after=${next}`)).page) {
    seen.push(...idsOf(page));
    next = page.next;
  }
  expect(seen).toEqual(finished);
  expect((await feed(`?after=${next}`)).page).toEqual({ events: [], next });
});

test("another system sees none of them", async () => {
  on.world.now += 2_000;
  expect((await feed("", { "X-System-Code": "OTHER" })).page.events).toEqual([]);
});

test.each([
  ["limit", "?limit=0"],
  ["limit", "?limit=101"],
  ["limit", "?limit=1.5"],
  ["limit", "?limit=-1"],
  ["limit", "?limit=1e1"],
  ["limit", "?limit=%31x"],
  ["limit", "?limit=99999999999999999999"],
  ["limit", "?limit=1&limit=2"],
  ["after", "?after=nonsense"],
  ["after", "?after=%00"],
  ["after", "?after=a&after=b"],
])("a bad %s is 400 and named: %s", async (field, query) => {
  const { status, json } = await feed(query);
  expect([status, json["code"], json.errors?.map((error) => error.field)]).toEqual([400, "PARAM_INVALID", [field]]);
});

test.each([["?limit=1", 1], ["?limit=100", 3], ["?limit=001", 1], ["", 3], ["?limit=", 3]])("the limit of %j is %i", async (query, count) => {
  on.world.now += 2_000;
  expect((await feed(query)).page.events).toHaveLength(count);
});

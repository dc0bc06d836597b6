import { listCallers, notifierWorld, outcomeFor } from "./notifier-node.ts";
import type { EventPage, EventsParams } from "../../services/notifier/notifier.api.ts";

let world: Awaited<ReturnType<typeof notifierWorld>>;
const page = (params: Partial<EventsParams> = {}) => world.node.call<EventPage>("notifier.events", { systemCode: "FEED", ...params });
const idsOf = ({ events }: EventPage) => events.map((event) => event.eventId);
const recorded: string[] = [];

beforeAll(async () => {
  world = await notifierWorld();
  listCallers({}, { FEED: {}, OTHER: {} });
  // Three share a millisecond, as under load.
  for (const at of [0, 0, 0, 1, 500, 1_000, 5_000]) {
    world.at(at);
    const params = outcomeFor(`${world.wallet.url}/`, { systemCode: "FEED" });
    recorded.push((await world.record(params)).eventId);
    await world.record(outcomeFor(`${world.wallet.url}/`, { systemCode: "OTHER" }));
  }
});
afterAll(() => world.end());

test("a caller reads its own events in order, and the youngest 2 s are held back", async () => {
  world.at(6_999);
  expect(idsOf(await page())).toEqual(recorded.slice(0, 6));
  world.at(7_000);
  expect(idsOf(await page())).toEqual(recorded);
});

test.each([1, 2, 3, 4, 100])("pages of %i skip none and repeat none, and the last cursor stays", async (limit) => {
  world.at(10_000);
  const seen: string[] = [];
  let next: string | undefined;
  for (;;) {
    const got: EventPage = await page({ limit, ...(next && { after: next }) });
    seen.push(...idsOf(got));
    if (got.events.length === 0) {
      expect(got.next).toBe(next);
      break;
    }
    next = got.next;
  }
  expect(seen).toEqual(recorded);
});

test("without any event the cursor is one that reads from the start", async () => {
  const empty = await page({ systemCode: "NOBODY" });
  expect(empty.events).toEqual([]);
  world.at(10_000);
  expect(idsOf(await page({ after: empty.next }))).toEqual(recorded);
});

test("the feed shows an event as it was recorded", async () => {
  world.at(10_000);
  const { events } = await page({ limit: 1 });
  const stored = await world.node.service.collections.events.get(recorded[0]!);
  expect(JSON.stringify(events[0])).toBe(stored!.body);
});

test.each([
  ["after", { after: "nonsense" }],
  ["after", { after: Buffer.from("1.EVT_SIGN_1;").toString("base64url") }],
  ["after", { after: `${Buffer.from("1.EVT_SIGN_1").toString("base64url")}=` }],
  ["after", { after: Buffer.from("999999999999999.E").toString("base64url") }],
  ["limit", { limit: 0 }],
  ["limit", { limit: 101 }],
  ["limit", { limit: 1.5 }],
])("a bad %s is named: %p", async (field, params) => {
  await expect(page(params)).rejects.toMatchObject({ type: "PARAM_INVALID", code: 400, data: { errors: [expect.objectContaining({ field })] } });
});

describe("an event that is stored long after its time was read", () => {
  let noon = 100_000;
  const late = { systemCode: "LATE" };
  const lateOnes = async (after: string) => (await page({ ...late, after })).events.map(({ eventId }) => eventId);
  /** Another event of the wallet, and the wallet's cursor behind it. */
  async function cursorBehindAnother(): Promise<string> {
    await world.record(outcomeFor(`${world.wallet.url}/`, late));
    world.at((noon += 3_000));
    return (await page(late)).next;
  }
  beforeAll(() => listCallers({}, { FEED: {}, OTHER: {}, LATE: {} }));
  beforeEach(() => world.at((noon += 10_000)));
  afterEach(() => jest.restoreAllMocks());

  test("stands behind every cursor that was handed out meanwhile", async () => {
    const { deliveries } = world.node.service.collections;
    const { insert } = deliveries;
    let cursor = "";
    jest.spyOn(deliveries, "insert").mockImplementationOnce(async (doc) => {
      cursor = await cursorBehindAnother();
      return insert(doc);
    });
    const { eventId } = await world.record(outcomeFor(`${world.wallet.url}/`, late));
    world.at((noon += 2_000));
    expect(await lateOnes(cursor)).toEqual([eventId]);
  });

  test("also when storing its new place takes long", async () => {
    const { deliveries } = world.node.service.collections;
    const { insert, replaceIfVersion } = deliveries;
    let cursor = "";
    jest.spyOn(deliveries, "insert").mockImplementationOnce(async (doc) => {
      world.at((noon += 5_000));
      return insert(doc);
    });
    const params = outcomeFor(`${world.wallet.url}/`, late);
    const { eventId } = params.event;
    jest.spyOn(deliveries, "replaceIfVersion").mockImplementation(async (doc) => {
      if (doc._id === eventId && !cursor) cursor = await cursorBehindAnother();
      return replaceIfVersion(doc);
    });
    await world.record(params);
    world.at((noon += 2_000));
    expect(await lateOnes(cursor)).toEqual([eventId]);
  });

  test("also when its node died before it looked, by the repeat of the call", async () => {
    const { deliveries } = world.node.service.collections;
    const { insert } = deliveries;
    const params = outcomeFor(`${world.wallet.url}/`, late);
    let cursor = "";
    jest.spyOn(deliveries, "insert").mockImplementationOnce(async (doc) => {
      cursor = await cursorBehindAnother();
      await insert(doc);
      throw new Error("killed");
    });
    await expect(world.record(params)).rejects.toThrow("killed");
    expect(await lateOnes(cursor)).toEqual([]);
    await world.record(params);
    world.at((noon += 2_000));
    expect(await lateOnes(cursor)).toEqual([params.event.eventId]);
  });
});

import { json } from "./outside-system.ts";
import { operatorWorld, type OperatorWorld } from "./operator-world.ts";
import { until } from "../until.ts";

let on: OperatorWorld;
beforeAll(async () => {
  on = await operatorWorld();
});
afterAll(() => on.end());

interface Delivery {
  eventId: string;
  processId: string;
  state: string;
  attempts: { at: string; outcome: string; status: number | null }[];
  nextAt: string | null;
}
const listed = async (query: string) => (await on.get(`deliveries?${query}`)).json.data as { items: Delivery[]; next: string | null };
const REASON = { reason: "钱包已恢复" };

/** The delivery of a cancelled process, once it is so. */
const delivery = (processId: string, state: string): Promise<Delivery> =>
  until(`the delivery of ${processId} is ${state}`, async () => {
    const [one] = (await listed(`processId=${processId}`)).items;
    if (one?.state === state) return one;
    await on.notifier.sweepNow();
    await on.notifier.lanes.idle();
    return null;
  });
async function parked(): Promise<Delivery> {
  on.wallet.script.push(json({ code: "BUSY" }, 500));
  const { processId } = await on.initiate(on.request());
  await on.call("cancel", { systemCode: "WALLET", processId, reason: "测试" });
  await on.settled();
  return delivery(processId, "PARKED");
}

test("a parked delivery is listed in the shape of the contract, and its replay sends the same bytes with who and why in the chain", async () => {
  const one = await parked();
  const { requestId, payerMerchantNo, payeeMerchantNo, processType, scene } = (await on.node.collections.processes.get(one.processId))!;
  expect(one).toEqual({
    eventId: expect.stringMatching(/^EVT_SIGN_/),
    processId: one.processId,
    state: "PARKED",
    attempts: [{ at: expect.stringMatching(/Z$/), outcome: "FAILED", status: 500 }],
    nextAt: null,
    createdAt: expect.stringMatching(/Z$/),
    systemCode: "WALLET",
    businessId: "BIZ-1",
    // Of the address neither path nor query.
    host: new URL(on.wallet.url).host,
    ...{ requestId, payerMerchantNo, payeeMerchantNo, processType, scene },
    processStatus: "FAILED",
    failureCode: "CANCELLED",
  });
  expect((await listed("state=PARKED&limit=100")).items).toContainEqual(one);

  const told = await on.post(`deliveries/${one.eventId}/replay`, REASON);
  expect(told.json).toMatchObject({ code: "SUCCESS", message: "已安排重新回调", data: { eventId: one.eventId, state: "PENDING" } });
  const after = await delivery(one.processId, "DELIVERED");
  expect(after.attempts.map((attempt) => attempt.outcome)).toEqual(["FAILED", "DELIVERED"]);
  const [first, second, ...more] = on.wallet.calls.filter((call) => call.headers["webhook-id"] === one.eventId);
  expect(more).toEqual([]);
  expect(second!.raw).toBe(first!.raw);
  expect(await on.incidents(one.processId)).toMatchObject([{ evidenceType: "INCIDENT", evidenceData: { action: "REPLAY", name: "ann", eventId: one.eventId, state: "PARKED", ...REASON } }]);
  expect((await listed("state=PARKED&limit=100")).items).not.toContainEqual(expect.objectContaining({ eventId: one.eventId }));
});

test("replayed twice at once it is one round, and one that is still being tried is left alone", async () => {
  const one = await parked();
  const answers = await Promise.all([1, 2].map(() => on.post(`deliveries/${one.eventId}/replay`, REASON)));
  expect(answers.map((told) => told.status)).toEqual([200, 200]);
  await delivery(one.processId, "DELIVERED");
  expect(on.wallet.calls.filter((call) => call.headers["webhook-id"] === one.eventId)).toHaveLength(2);
});

test("without a reason nothing is sent", async () => {
  const one = await parked();
  expect((await on.post(`deliveries/${one.eventId}/replay`, {})).json).toMatchObject({ code: "PARAM_INVALID", errors: [{ field: "reason" }] });
  expect((await delivery(one.processId, "PARKED")).attempts).toEqual(one.attempts);
});

test("an unknown event is 404", async () => {
  expect((await on.post("deliveries/EVT_SIGN_NONE/replay", REASON)).json).toMatchObject({ code: "NOT_FOUND", message: "回调事件不存在" });
});

test.each([
  ["state=LOST", "state"],
  ["limit=1000", "limit"],
  ["state=PARKED&after=bm8", "after"],
  ["after=bm8~", "after"],
])("deliveries?%s is 400 and names %s", async (query, field) => {
  expect((await on.get(`deliveries?${query}`)).json).toMatchObject({ code: "PARAM_INVALID", errors: [{ field }] });
});

test.each(["", "state=PARKED&"])("the pages of deliveries?%s hold each once", async (state) => {
  await parked();
  await parked();
  const seen: string[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const page: { items: Delivery[]; next: string | null } = await listed(`${state}limit=1&after=${next}`);
    seen.push(...page.items.map((one) => one.eventId));
    next = page.next;
  }
  const all = await on.notifier.collections.deliveries.find(state ? { state: "PARKED" } : {});
  expect(seen.toSorted()).toEqual(all.map((one) => one._id).toSorted());
});

import { hangUp, json, silent, type Reply } from "./outside-system.ts";
import { outsideWorld, slowly, type OutsideWorld } from "./outside-world.ts";
import { refusal } from "./process-world.ts";
import { until } from "../until.ts";

let on: OutsideWorld;
beforeAll(async () => {
  on = await outsideWorld();
});
beforeEach(() => on.calmAll());
afterAll(() => on.end());

const SENT = json({ code: "SUCCESS", data: { smsId: "S1" } });
const raw = (body: string, status = 200, type = "text/html"): Reply => (response) => void response.writeHead(status, { "content-type": type }).end(body);
const HTML = raw("<html><body>Maintenance</body></html>");
const HUGE = json({ code: "SUCCESS", data: { smsId: "S1", verificationId: "VER-HUGE", status: "PENDING" }, padding: "x".repeat(1_000_000) });
const REDIRECT = raw("", 302, "text/plain");
const BROKEN = json({ code: "INTERNAL_ERROR" }, 500);
const brokenOff: Reply = (response) => (response.writeHead(200, { "content-length": "500" }), response.write('{"code":'), response.socket!.end());

describe("the SMS gateway", () => {
  const acts = (then: Reply): Reply => (response, call) => (on.phones.add(String(call.json["messageId"])), then(response, call));

  /** Fault, its replies, then: posts, messages on the phone, whether the invitation counts as sent. */
  test.each<[string, Reply[], number, number, boolean]>([
    ["slow", [slowly(acts(SENT))], 1, 1, true],
    ["failing twice", [BROKEN, BROKEN], 3, 1, true],
    ["failing", [BROKEN, BROKEN, BROKEN], 3, 0, false],
    ["silent once", [silent], 2, 1, true],
    ["silent", [silent, silent, silent], 3, 0, false],
    ["acting, then failing once", [acts(BROKEN)], 2, 1, true],
    ["acting, then hanging up", [acts(hangUp), acts(hangUp)], 3, 1, true],
    ["acting, then failing always", [acts(BROKEN), acts(BROKEN), acts(BROKEN)], 3, 1, false],
    ["refusing", [json({ code: "PARAM_INVALID" }, 400)], 1, 0, false],
    ["refusing for too many", [json({ code: "RATE_LIMITED" }, 429, { "retry-after": "1" })], 1, 0, false],
    ["lying with a page instead of an answer", [HTML, HTML, HTML], 3, 0, false],
    ["lying with 200 and a code of failure", [json({ code: "FAIL" }), json({ code: "FAIL" }), json({ code: "FAIL" })], 3, 0, false],
    ["lying with a list", [json([]), json([]), json([])], 3, 0, false],
    ["lying with nothing", [raw("", 204), raw("", 200), raw("null", 200, "application/json")], 3, 0, false],
    ["lying with a megabyte", [HUGE, HUGE, HUGE], 3, 0, false],
    ["lying with half an answer", [brokenOff, brokenOff], 3, 1, true],
    ["lying with the way to another place", [REDIRECT, REDIRECT, REDIRECT], 3, 0, false],
    ["acting, and naming it by nonsense", [acts(json({ code: "SUCCESS", data: { smsId: { x: [1] } } }))], 1, 1, true],
    ["acting, and naming it by half a character", [acts(json('{"code":"SUCCESS","data":{"smsId":"\\ud800"}}'))], 1, 1, true],
    ["acting, and naming it by a novel", [acts(json({ code: "SUCCESS", data: { smsId: "9".repeat(50_000) } }))], 1, 1, true],
  ])("%s: one message id, the right answer, one event", async (_, replies, posts, phones, invited) => {
    on.gateway.script.push(...replies);
    const attempt = on.initiated();
    if (invited) {
      const one = await attempt;
      expect(await on.seen(one.processId)).toMatchObject({ sms: { posts, ids: 1, phones }, callbacks: { posts: 0 }, events: [] });
      expect(await on.reads(one.processId)).toEqual({ status: "SMS_SENT", verification: null });
      return;
    }
    const refused = await refusal(attempt);
    expect(refused.code).toBe("SMS_SEND_FAILED");
    const { processId } = refused as unknown as { processId: string } & { data?: { processId: string } };
    const id = processId ?? refused.data!["processId"];
    await on.reaches(id, "FAILED");
    await on.sweep();
    // The gateway is well again: nobody sends what the wallet was told has failed.
    await on.later(60_000);
    expect(await on.seen(id)).toEqual({
      sms: { posts, ids: 1, phones },
      remittances: { posts: 0, moved: 0 },
      callbacks: { posts: 1, ids: 1, bodies: 1 },
      events: ["FAILED"],
    });
    expect(await on.reads(id)).toEqual({ status: "FAILED", verification: null });
  });
});

describe("the verification system, when a verification is started,", () => {
  const acts = (then: Reply): Reply => (response, call) => (on.verification.act(call), then(response, call));
  const started = (data: object): Reply => json({ code: "SUCCESS", data });
  const always = (reply: Reply): Reply[] => Array.from({ length: 500 }, () => reply);

  /** Fault, its replies; posts and money while they last, whether it counts as started; posts after it is well. */
  test.each<[string, Reply[], number, number, boolean, number]>([
    ["slow", [slowly((response, call) => on.verification.act(call)(response, call))], 1, 1, true, 1],
    ["failing once", [BROKEN], 2, 1, true, 2],
    ["failing", always(BROKEN), 1, 0, false, 2],
    ["silent once", [silent], 2, 1, true, 2],
    ["silent", always(silent), 1, 0, false, 2],
    ["refusing", [json({ code: "PARAM_INVALID" }, 400), ...always(BROKEN)], 1, 0, false, 2],
    ["acting, then failing", [acts(BROKEN)], 1, 1, true, 1],
    ["acting, then hanging up, then away", [acts(hangUp), ...always(hangUp)], 1, 1, false, 1],
    ["acting, then silent", [acts(silent), ...always(silent)], 1, 1, false, 1],
    ["lying with a page instead of an answer", always(HTML), 1, 0, false, 2],
    ["lying with 200 and a code of failure", always(json({ code: "FAIL", data: { verificationId: "VER-1", status: "PENDING" } })), 1, 0, false, 2],
    ["lying with no id", always(started({ status: "PENDING" })), 1, 0, false, 2],
    ["lying with an id that is no text", always(started({ verificationId: { x: 1 }, status: "PENDING" })), 1, 0, false, 2],
    ["lying with an id of half a character", always(started({ verificationId: "\ud800", status: "PENDING" })), 1, 0, false, 2],
    ["lying with an id as long as a novel", always(started({ verificationId: "V".repeat(5_000), status: "PENDING" })), 1, 0, false, 2],
    ["lying with a megabyte", always(HUGE), 1, 0, false, 2],
    ["lying with the way to another place", always(REDIRECT), 1, 0, false, 2],
    ["acting, and saying SUCCESS at once", [(response, call) => (on.verification.act(call), started({ verificationId: `VER-${String(call.json["requestId"])}`, status: "SUCCESS", verifiedAt: "2026-11-24T12:00:00Z" })(response, call))], 1, 1, true, 1],
  ])("%s: the signature stands, the money moves once, and it completes when all is well", async (_, replies, posts, moved, takes, postsInTheEnd) => {
    on.verification.script.push(...replies);
    const { processId, token } = await on.signed();
    await on.reaches(processId, "VERIFICATION_PENDING");
    expect((await on.seen(processId)).remittances).toEqual({ posts, moved });
    expect(await on.reads(processId)).toEqual({ status: "VERIFICATION_PENDING", verification: takes ? "PENDING" : "NOT_STARTED" });
    expect(await on.page(token)).toMatchObject({ status: "VERIFICATION_PENDING", verification: { status: takes ? "PENDING" : "NOT_STARTED" } });

    on.well(on.verification);
    if (!takes) await on.later(6_000);
    await on.pending(processId);
    expect(await on.reads(processId)).toEqual({ status: "VERIFICATION_PENDING", verification: "PENDING" });
    on.verification.settle(`${processId}-1`, "SUCCESS");
    await on.later(40_000);
    await on.reaches(processId, "COMPLETED");
    await on.sweep();
    expect(await on.seen(processId)).toEqual({
      sms: { posts: 1, ids: 1, phones: 1 },
      remittances: { posts: postsInTheEnd, moved: 1 },
      callbacks: { posts: 1, ids: 1, bodies: 1 },
      events: ["COMPLETED"],
    });
    expect(await on.reads(processId)).toEqual({ status: "COMPLETED", verification: "SUCCESS" });
  });
});

describe("the wallet, when it is called back,", () => {
  const OK = json({ code: "SUCCESS" });

  /** Fault, its replies; calls before it is well, whether it counts as delivered by then; calls in the end. */
  test.each<[string, Reply[], number, boolean, number]>([
    ["slow", [slowly(OK)], 1, true, 1],
    ["failing once", [BROKEN], 1, false, 2],
    ["silent", [silent], 1, false, 2],
    ["acting, then failing", [BROKEN, BROKEN], 1, false, 3],
    ["hanging up", [hangUp], 1, false, 2],
    ["taking 200 back by its code", [json({ code: "FAIL" })], 1, false, 2],
    ["taking 200 back by a code of null", [json({ code: null })], 1, false, 2],
    ["answering with a page", [HTML], 1, true, 1],
    ["answering 204", [raw("", 204)], 1, true, 1],
    ["answering a megabyte", [HUGE], 1, true, 1],
    ["answering half", [brokenOff], 1, false, 2],
    ["leading elsewhere", [REDIRECT], 1, false, 2],
    ["gone", [json({}, 410)], 1, false, 1],
    ["refusing it", [json({ code: "PARAM_INVALID" }, 400)], 1, false, 2],
  ])("%s: it gets the same bytes until it has taken them, and the process stands", async (_, replies, before, delivered, inTheEnd) => {
    on.wallet.script.push(...replies);
    const { processId } = await on.signed();
    await on.callback(processId);
    await on.reaches(processId, "COMPLETED");
    const [event] = await on.notifier.collections.events.find({ processId });
    const delivery = async () => (await on.notifier.collections.deliveries.get(event!._id))!;
    await until("a try has been made", async () => (await delivery()).attempts.length > 0);
    expect([(await on.seen(processId)).callbacks.posts, (await delivery()).state === "DELIVERED"]).toEqual([before, delivered]);

    for (const wait of [5_000, 30_000, 86_400_000]) await on.later(wait);
    expect((await on.seen(processId)).callbacks).toEqual({ posts: inTheEnd, ids: 1, bodies: 1 });
    expect((await delivery()).state).toBe(replies.length === 1 && inTheEnd === 1 && !delivered ? "PARKED" : "DELIVERED");
    expect(await on.reads(processId)).toEqual({ status: "COMPLETED", verification: "SUCCESS" });
    expect((await on.seen(processId)).events).toEqual(["COMPLETED"]);
  });
});

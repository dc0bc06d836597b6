import { clock } from "../../mixins/clock.ts";
import { contentHash } from "../../services/template/built-in.ts";
import { plantAll } from "../../services/template/planting.ts";
import { placeOf, versionId } from "../../services/template/stored.ts";
import { AFTER, AGREEMENT, BEFORE, builtIns, CODE, eachTestAlone, edit, node, restarted, startedNode, step, stored, uploadInForce, variables, type TemplateNode } from "./template-harness.ts";

eachTestAlone();

const everything = async ({ service: { collections } }: TemplateNode) => ({
  steps: await collections.steps.find({}, { sort: ["kind", "n"] }),
  texts: await Promise.all([collections.protocol.find({}), collections.sms.find({}), collections.h5.find({})]),
});
/** The marks of §3.1's column, as a program without steps has them. */
async function marked(on: TemplateNode, version: number, isActive: boolean): Promise<void> {
  const record = (await on.service.collections.protocol.get(versionId(CODE, version)))!;
  await on.service.collections.protocol.replaceIfVersion({ ...record, isActive });
}

test("a draft that a program with fewer rules took in is judged again before anybody can approve it", async () => {
  const one = await startedNode();
  const { versions, steps } = one.service.desk;
  const [newest] = await versions.ofCode("SMS", CODE);
  const content = "【天财】<%= partyAName %>邀请您，验证码<%= code %>";
  const row = { ...newest!, version: 2, content, sha256: contentHash(content), origin: "UPLOAD" as const, isActive: false };
  await versions.insert(row);
  const { kind, code, version, sha256 } = row;
  await steps.append(kind, () => ({ kind, code, version, sha256, step: "SUBMIT", by: "ann", reason: "旧", operationId: "OLD", place: placeOf(row) }));
  await expect(step(one, "approve", 2, { kind: "SMS" })).rejects.toMatchObject({ type: "TEMPLATE_STATE_INVALID", message: expect.stringContaining("第 1 行") });
  await expect(step(one, "reject", 2, { kind: "SMS" })).resolves.toMatchObject({ state: "REJECTED" });
});

describe("a later start", () => {
  test("changes nothing when no text changed", async () => {
    const one = await startedNode();
    const before = await everything(one);
    const again = await restarted(one);
    expect(await everything(again)).toEqual(before);
    expect(await stored(again)).toEqual(["1 BUILT_IN ACTIVE"]);
  });

  test("makes a changed text the next version, and a process that pinned the old one still gets its text", async () => {
    const one = await startedNode();
    const old = (await one.choose()).protocol;
    const oldText = await one.render({ ref: old, variables });
    edit(AGREEMENT, BEFORE, AFTER);
    const again = await restarted(one);
    const { protocol } = await again.choose();
    expect(protocol).toMatchObject({ code: CODE, version: 2, approvedBy: "系统内置" });
    expect(await stored(again)).toEqual(["1 BUILT_IN RETIRED", "2 BUILT_IN ACTIVE"]);
    expect(await again.render({ ref: protocol, variables })).toContain(AFTER);
    expect(await again.render({ ref: old, variables })).toBe(oldText);
  });

  test("brings no older text back by itself, so that a node that is still to be upgraded changes nothing; somebody may", async () => {
    const one = await startedNode();
    edit(AGREEMENT, BEFORE, AFTER);
    const two = await restarted(one);
    edit(AGREEMENT, AFTER, BEFORE);
    const three = await restarted(two);
    expect(await stored(three)).toEqual(["1 BUILT_IN RETIRED", "2 BUILT_IN ACTIVE"]);
    await step(three, "activate", 1);
    expect(await stored(three)).toEqual(["1 BUILT_IN ACTIVE", "2 BUILT_IN RETIRED"]);
  });

  test("makes a new version when only the title changed, since the title is pinned with the text", async () => {
    const one = await startedNode();
    edit(`sms/${CODE}/template.json`, "签约邀请", "邀请");
    expect((await (await restarted(one)).choose()).sms).toMatchObject({ version: 2, name: "邀请（批量付款，接收方为企业）" });
  });

  test("does not overrule an operator's upload: a changed built-in text waits behind it, approved", async () => {
    const one = await startedNode();
    expect(await uploadInForce(one)).toBe(2);
    edit(AGREEMENT, BEFORE, AFTER);
    const again = await restarted(one);
    expect(await stored(again)).toEqual(["1 BUILT_IN RETIRED", "2 UPLOAD ACTIVE", "3 BUILT_IN APPROVED"]);
    expect((await again.choose()).protocol.version).toBe(2);
  });

  test("does not fill a place that an operator has emptied", async () => {
    const one = await startedNode();
    await step(one, "deactivate", 1);
    edit(AGREEMENT, BEFORE, AFTER);
    expect(await stored(await restarted(one))).toEqual(["1 BUILT_IN RETIRED", "2 BUILT_IN APPROVED"]);
  });

  test("gives the place of a template to the one that came in its stead under another code", async () => {
    const one = await startedNode();
    const texts = builtIns().map((text) => (text.kind === "PROTOCOL" && text.code === CODE ? { ...text, code: "RENAMED" } : text));
    await plantAll(one.service.desk, texts);
    await one.service.desk.changed();
    expect((await one.choose()).protocol).toMatchObject({ code: "RENAMED", version: 1 });
    expect(await stored(one)).toEqual(["1 BUILT_IN RETIRED"]);
  });

  test.each(["SUBMIT", "APPROVE", "ACTIVATE"])("completes a planting that a crash cut off before %s", async (before) => {
    const one = await startedNode();
    edit(AGREEMENT, BEFORE, AFTER);
    const insert = one.service.collections.steps.insert.bind(one.service.collections.steps);
    jest.spyOn(one.service.collections.steps, "insert").mockImplementation((record) => (record.step === before ? Promise.reject(new Error("the node died")) : insert(record)));
    await expect(plantAll(one.service.desk, builtIns())).rejects.toThrow("the node died");
    one.service.desk.activeRows.forget();
    expect((await one.choose()).protocol.version).toBe(1);
    const again = await restarted(one);
    expect(await stored(again)).toEqual(["1 BUILT_IN RETIRED", "2 BUILT_IN ACTIVE"]);
  });

  test("keeps the column is_active of §3.1 in line", async () => {
    const one = await startedNode();
    edit(AGREEMENT, BEFORE, AFTER);
    const again = await restarted(one);
    const flags = (await again.service.collections.protocol.find({ code: CODE })).map(({ templateVersion, isActive }) => [templateVersion, isActive]);
    expect(Object.fromEntries(flags)).toEqual({ 1: false, 2: true });
  });
});

describe("what a program without steps has stored", () => {
  /** The store as that program leaves it: texts with marks and no steps. */
  async function withoutSteps(...versions: [version: number, over: Record<string, unknown>][]): Promise<TemplateNode> {
    const on = node();
    await on.broker.start();
    const { steps, protocol } = on.service.collections;
    for (const record of await steps.find({})) await steps.removeIfVersion(record);
    for (const [version, over] of versions) {
      const first = (await protocol.get(versionId(CODE, 1)))!;
      await protocol.insert({ ...first, version: undefined as never, _id: versionId(CODE, version), templateVersion: version, ...over });
    }
    return on;
  }

  test("keeps what was in force there, and every version gets its beginning", async () => {
    const old = await withoutSteps();
    const again = await restarted(old);
    expect(await stored(again)).toEqual(["1 BUILT_IN ACTIVE"]);
    expect(await again.call("get", { kind: "PROTOCOL", code: CODE, version: 1 })).toMatchObject({
      author: "系统内置",
      approver: "系统内置",
      steps: [{ step: "SUBMIT" }, { step: "APPROVE" }, { step: "ACTIVATE" }],
    });
  });

  test("has its older text replaced by the program's newer one", async () => {
    const old = await withoutSteps();
    edit(AGREEMENT, BEFORE, AFTER);
    expect(await stored(await restarted(old))).toEqual(["1 BUILT_IN RETIRED", "2 BUILT_IN ACTIVE"]);
  });

  test("during a rolling upgrade: an older node that plants its older text again, and marks it, does not put it before the newer one", async () => {
    const first = await startedNode();
    edit(AGREEMENT, BEFORE, AFTER);
    const upgraded = await restarted(first);
    const { protocol } = upgraded.service.collections;
    // What the program without steps does at its start: the text it knows as the next version, marked as the only active one.
    await marked(upgraded, 2, false);
    await protocol.insert({ ...(await protocol.get(versionId(CODE, 1)))!, version: undefined as never, _id: versionId(CODE, 3), templateVersion: 3, isActive: true });
    upgraded.broker.broadcastLocal("template.changed");
    expect((await upgraded.choose()).protocol.version).toBe(2);
    const again = await restarted(upgraded);
    expect((await again.choose()).protocol.version).toBe(2);
    expect(await stored(again)).toEqual(["1 BUILT_IN RETIRED", "2 BUILT_IN ACTIVE", "3 BUILT_IN APPROVED"]);
    const flags = (await again.service.collections.protocol.find({ code: CODE })).map(({ templateVersion, isActive }) => [templateVersion, isActive]);
    expect(Object.fromEntries(flags)).toEqual({ 1: false, 2: true, 3: false });
  });
});

describe("several nodes", () => {
  test("that start at once store each text and each step once", async () => {
    const both = [node(), node()];
    await Promise.all(both.map(({ broker }) => broker.start()));
    expect(await stored(both[0]!)).toEqual(["1 BUILT_IN ACTIVE"]);
    expect(await both[1]!.choose()).toEqual(await both[0]!.choose());
    const { steps, texts } = await everything(both[0]!);
    expect(steps.length).toBe(3 * texts.flat().length);
  });

  test("that start at once with a changed text make one next version of it", async () => {
    await (await startedNode()).broker.stop();
    edit(AGREEMENT, BEFORE, AFTER);
    const both = [node(), node()];
    await Promise.all(both.map(({ broker }) => broker.start()));
    expect(await stored(both[0]!)).toEqual(["1 BUILT_IN RETIRED", "2 BUILT_IN ACTIVE"]);
  });

  test("choose a new version as soon as the node that stored it says so", async () => {
    const one = await startedNode(true);
    expect((await one.choose()).protocol.version).toBe(1);
    const heard = new Promise<void>((resolve) => one.broker.createService({ name: "probe", events: { "template.changed": () => resolve() } }));
    await one.broker.waitForServices("probe");
    edit(AGREEMENT, BEFORE, AFTER);
    await startedNode(true);
    await heard;
    expect((await one.choose()).protocol.version).toBe(2);
  });

  test("find a change whose event was lost after five seconds, and until then serve the version they know", async () => {
    let now = Date.parse("2026-11-24T02:00:00Z");
    clock.use(() => now);
    const one = await startedNode();
    expect((await one.choose()).protocol.version).toBe(1);
    edit(AGREEMENT, BEFORE, AFTER);
    await plantAll(one.service.desk, builtIns());
    now += 4_999;
    expect((await one.choose()).protocol.version).toBe(1);
    now += 1;
    expect((await one.choose()).protocol.version).toBe(2);
  });
});

import { clock } from "../../mixins/clock.ts";
import { AFTER, AGREEMENT, BEFORE, builtIns, CODE, eachTestAlone, edit, node, restarted, startedNode, stored, switchOff, upload, variables } from "./template-harness.ts";

eachTestAlone();

describe("a later start", () => {
  test("changes nothing when no text changed", async () => {
    const one = await startedNode();
    const before = await one.service.versions.active();
    const again = await restarted(one);
    expect(await again.service.versions.active()).toEqual(before);
    expect(await stored(again)).toEqual(["1 BUILT_IN active"]);
  });

  test("makes a changed text the next version, and a process that pinned the old one still gets its text", async () => {
    const one = await startedNode();
    const old = (await one.choose()).protocol;
    const oldText = await one.render({ ref: old, variables });
    edit(AGREEMENT, BEFORE, AFTER);
    const again = await restarted(one);
    const { protocol } = await again.choose();
    expect(protocol).toMatchObject({ code: CODE, version: 2 });
    expect(await stored(again)).toEqual(["1 BUILT_IN inactive", "2 BUILT_IN active"]);
    expect(await again.render({ ref: protocol, variables })).toContain(AFTER);
    expect(await again.render({ ref: old, variables })).toBe(oldText);
  });

  test("brings an older text back as a version of its own, so that a roll-back of the program rolls its texts back", async () => {
    const one = await startedNode();
    edit(AGREEMENT, BEFORE, AFTER);
    const two = await restarted(one);
    edit(AGREEMENT, AFTER, BEFORE);
    expect(await stored(await restarted(two))).toEqual(["1 BUILT_IN inactive", "2 BUILT_IN inactive", "3 BUILT_IN active"]);
  });

  test("makes a new version when only the title changed, since the title is pinned with the text", async () => {
    const one = await startedNode();
    edit(`sms/${CODE}/template.json`, "签约邀请", "邀请");
    expect((await (await restarted(one)).choose()).sms).toMatchObject({ version: 2, name: "邀请（批量付款，接收方为企业）" });
  });

  test("does not overrule an operator's upload: a changed built-in text waits inactive behind it", async () => {
    const one = await startedNode();
    await switchOff(one, 1);
    await upload(one, { version: 2 });
    edit(AGREEMENT, BEFORE, AFTER);
    const again = await restarted(one);
    expect(await stored(again)).toEqual(["1 BUILT_IN inactive", "2 UPLOAD active", "3 BUILT_IN inactive"]);
    expect((await again.choose()).protocol.version).toBe(2);
  });

  test("completes a change that a crash cut between switching off and inserting", async () => {
    const one = await startedNode();
    edit(AGREEMENT, BEFORE, AFTER);
    await switchOff(one, 1);
    const again = await restarted(one);
    expect(await stored(again)).toEqual(["1 BUILT_IN inactive", "2 BUILT_IN active"]);
    expect((await again.choose()).protocol.version).toBe(2);
  });
});

describe("several nodes", () => {
  test("that start at once store each text once", async () => {
    const both = [node(), node()];
    await Promise.all(both.map(({ broker }) => broker.start()));
    expect(await stored(both[0]!)).toEqual(["1 BUILT_IN active"]);
    expect(await both[1]!.choose()).toEqual(await both[0]!.choose());
  });

  test("that start at once with a changed text make one next version of it", async () => {
    await (await startedNode()).broker.stop();
    edit(AGREEMENT, BEFORE, AFTER);
    const both = [node(), node()];
    await Promise.all(both.map(({ broker }) => broker.start()));
    expect(await stored(both[0]!)).toEqual(["1 BUILT_IN inactive", "2 BUILT_IN active"]);
  });

  test("of which one looks at the place right after the other has stored the text leave it on", async () => {
    const [one, two] = [await startedNode(), await startedNode()];
    edit(AGREEMENT, BEFORE, AFTER);
    const text = builtIns().find(({ kind, code }) => kind === "PROTOCOL" && code === CODE)!;
    const find = two.service.collections.protocol.find.bind(two.service.collections.protocol);
    let looks = 0;
    jest.spyOn(two.service.collections.protocol, "find").mockImplementation(async (...asked) => {
      looks += 1;
      // Its versions are known, its place is looked at next: in between the other node gets through.
      if (looks === 2) expect(await one.service.versions.plant(text, Date.now())).toBe(true);
      return find(...asked);
    });
    expect(await two.service.versions.plant(text, Date.now())).toBe(false);
    expect(await stored(one)).toEqual(["1 BUILT_IN inactive", "2 BUILT_IN active"]);
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

  test("find a change whose event was lost after a minute, and until then serve the version they know", async () => {
    let now = Date.parse("2026-11-24T02:00:00Z");
    const one = await startedNode();
    clock.use(() => now);
    one.broker.broadcastLocal("template.changed");
    expect((await one.choose()).protocol.version).toBe(1);
    edit(AGREEMENT, BEFORE, AFTER);
    for (const text of builtIns()) await one.service.versions.plant(text, now);
    now += 59_000;
    expect((await one.choose()).protocol.version).toBe(1);
    now += 1_000;
    expect((await one.choose()).protocol.version).toBe(2);
  });
});

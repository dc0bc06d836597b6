import { codeOf } from "../../contract/errors.ts";
import { clock } from "../../mixins/clock.ts";
import { AGREEMENT, CODE, eachTestAlone, edit, flow, node, startedNode, step, upload, variables } from "./template-harness.ts";

eachTestAlone();

describe("the first start", () => {
  test("makes every built-in text version 1, and the flow can be chosen and rendered", async () => {
    const one = await startedNode();
    const chosen = await one.choose();
    expect(chosen).toMatchObject({
      protocol: { kind: "PROTOCOL", code: CODE, version: 1, name: "天财分账业务授权协议（总部与接收方）" },
      sms: { kind: "SMS", code: CODE, version: 1 },
      smsCode: { kind: "SMS", code: "SIGN_CODE", version: 1 },
      h5: { kind: "H5", code: CODE, version: 1 },
    });
    expect(await one.render({ ref: chosen.protocol, variables })).toMatch(/^<h1>天财分账业务授权协议（总部与接收方）<\/h1>/);
    expect(await one.render({ ref: chosen.sms, variables })).toMatch(/^【天财电子签约】.* 〈link〉 /);
    expect(await one.render({ ref: chosen.smsCode, variables })).toContain("验证码〈code〉");
    expect(JSON.parse(await one.render({ ref: chosen.h5, variables }))).toHaveProperty("button", "同意并签署");
  });

  test("keeps every field of §3.1 sms_template", async () => {
    clock.use(() => Date.parse("2026-11-24T02:00:00Z"));
    const one = await startedNode();
    expect(await one.service.collections.sms.findOne({ templateCode: CODE, templateVersion: 1 })).toMatchObject({
      templateCode: CODE,
      scene: "BATCH_PAYMENT",
      signatoryType: 1,
      processType: "RELATION_BINDING",
      contentTemplate: expect.stringContaining("<%= link %>"),
      h5TemplateName: CODE,
      isActive: true,
      createdAt: new Date("2026-11-24T02:00:00Z"),
    });
  });

  test("is refused with a line per problem when a text is not fit", async () => {
    edit(AGREEMENT, "<%= fundPurpose %>", "<%- fundPurpose %>");
    edit(`sms/${CODE}/content.ejs`, "<%= link %>", "<%= url %>");
    const one = node();
    const refusal = one.broker.start();
    await expect(refusal).rejects.toThrow(/protocol\/RB_BATCH_ENTERPRISE\/content\.ejs:\d+:\d+ 只允许使用[^]*sms\/RB_BATCH_ENTERPRISE\/content\.ejs:1:\d+ 变量 url 未定义/);
    expect(await one.service.collections.steps.count({ kind: "PROTOCOL" })).toBe(0);
  });
});

describe("what cannot be served", () => {
  const refused = async (attempt: Promise<unknown>): Promise<string | null> => codeOf(await attempt.then(() => null, (error: unknown) => error));

  test("a flow without templates is TEMPLATE_NOT_FOUND and an alert", async () => {
    const one = await startedNode();
    expect(await refused(one.choose({ ...flow, scene: "POOLING" }))).toBe("TEMPLATE_NOT_FOUND");
    expect(one.alerts).toEqual([expect.objectContaining({ alert: "TEMPLATE_NOT_FOUND", scene: "POOLING", part: "protocol", codes: [] })]);
  });

  test("a flow two codes claim, past every check, is an error that names them, and right again once one is switched off", async () => {
    const one = await startedNode();
    const rival = await upload(one, { code: "RIVAL", scene: flow.scene, processType: flow.processType, signerType: flow.signerType, name: "另一份协议" });
    const refusal = (await step(one, "approve", rival, { code: "RIVAL" }).then(() => step(one, "activate", rival, { code: "RIVAL" })).then(() => null, (error: unknown) => error)) as Error;
    expect([codeOf(refusal), refusal.message]).toEqual(["TEMPLATE_STATE_INVALID", `模板 ${CODE} 已用于或将用于相同的业务范围，请先停用 ${CODE}`]);
    const last = (await one.service.collections.steps.findOne({ kind: "PROTOCOL" }, { sort: ["-n"] }))!;
    await one.service.collections.steps.insert({ ...last, _id: `PROTOCOL.${last.n + 1}`, n: last.n + 1, step: "ACTIVATE", from: last.at });
    one.broker.broadcastLocal("template.changed");
    expect(await refused(one.choose())).toBe("TEMPLATE_NOT_FOUND");
    expect(one.alerts).toEqual([expect.objectContaining({ part: "protocol", codes: expect.arrayContaining([CODE, "RIVAL"]) })]);
    await step(one, "deactivate", 1);
    expect((await one.choose()).protocol).toMatchObject({ code: "RIVAL", version: 1 });
  });

  test("a stored text that is not the pinned one is never filled", async () => {
    const one = await startedNode();
    const { protocol } = await one.choose();
    const record = (await one.service.collections.protocol.findOne({ code: CODE }))!;
    await one.service.collections.protocol.replaceIfVersion({ ...record, content: record.content.replace("仅用于收款", "用于收款和扣款") });
    expect(await refused(one.render({ ref: protocol, variables }))).toBe("INTERNAL_ERROR");
    expect(one.alerts).toEqual([{ alert: "INTERNAL_ERROR", kind: "PROTOCOL", template: CODE, templateVersion: 1 }]);
  });

  test("a pin with another hash is not answered with the version's text, even after that was compiled", async () => {
    const one = await startedNode();
    const { protocol } = await one.choose();
    await one.render({ ref: protocol, variables });
    expect(await refused(one.render({ ref: { ...protocol, sha256: "0".repeat(64) }, variables }))).toBe("INTERNAL_ERROR");
  });

  test("a version nobody stored is TEMPLATE_NOT_FOUND and an alert", async () => {
    const one = await startedNode();
    const { protocol } = await one.choose();
    expect(await refused(one.render({ ref: { ...protocol, version: 9 }, variables }))).toBe("TEMPLATE_NOT_FOUND");
    expect(one.alerts).toEqual([expect.objectContaining({ alert: "TEMPLATE_NOT_FOUND", template: CODE, templateVersion: 9 })]);
  });

  test("a missing variable is INTERNAL_ERROR, and neither error nor alert holds a value", async () => {
    const one = await startedNode();
    const { protocol } = await one.choose();
    const attempt = one.render({ ref: protocol, variables: { signerIdCardNo: "110101199001011234" } });
    const error = (await attempt.then(() => null, (thrown: unknown) => thrown)) as Error;
    expect(codeOf(error)).toBe("INTERNAL_ERROR");
    expect(JSON.stringify([one.alerts, error, error.message])).not.toContain("110101199001011234");
  });
});

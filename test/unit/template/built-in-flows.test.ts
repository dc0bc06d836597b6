import { MERCHANT_TYPES, PROCESS_TYPES, SCENES, VERIFICATION_TYPES } from "../../../contract/vocabulary.ts";
import { templateVariables, variableFields } from "../../../services/process/agreement-variables.ts";
import { prepare, type Freezing } from "../../../services/protocol/freezing.ts";
import { missingGlyphs } from "../../../mixins/glyphs.ts";
import { readBuiltIns, templatesFolder } from "../../../services/template/built-in.ts";
import { compile } from "../../../services/template/render.ts";
import { select } from "../../../services/template/select.ts";
import { hasLink } from "../../../services/template/sms-text.ts";
import type { TemplateRow } from "../../../services/template/stored.ts";
import type { Chosen, TemplateRef, TemplateVariables } from "../../../services/template/template.api.ts";
import { draftOf, requestOf, SIGNED_FLOWS, type SignedFlow } from "../../fixtures/flows.ts";

const rows: TemplateRow[] = readBuiltIns(templatesFolder()).map((text) => ({ ...text, version: 1, isActive: true, origin: "BUILT_IN", createdAt: new Date(0) }));
const wanted = ({ flow, signerType }: SignedFlow) => ({ processType: flow.processType, scene: flow.scene, signerType });
const chosenFor = (one: SignedFlow): Chosen => select(rows, wanted(one)).chosen!;
const LINK = "https://e-sign.example.com/h5/sign?token=abc123def456";

const fill = (ref: TemplateRef, variables: TemplateVariables): string =>
  compile(ref.kind, rows.find(({ kind, code }) => kind === ref.kind && code === ref.code)!.content)(variables);
const freezing: Freezing = {
  records: null as never, // preparing stores nothing
  render: async (ref, variables) => fill(ref, variables),
  memo: new Map(),
  alert: (code) => {
    throw new Error(code);
  },
};

/** All that a signer is shown of one process, by the path an initiation goes. */
async function shown(one: SignedFlow, verificationType: (typeof VERIFICATION_TYPES)[number], codeRequired: boolean, sparse: boolean) {
  const request = requestOf(one, verificationType, sparse);
  const process = draftOf(one, verificationType, { request, templates: chosenFor(one), codeRequired });
  const variables = templateVariables(process);
  const { protocolId, agreement } = process;
  const { keyClauses } = await prepare(freezing, { protocolId, template: agreement.templates.protocol, variables, fields: variableFields(process) });
  const { html, text } = freezing.memo.get(protocolId)!;
  const page = JSON.parse(fill(agreement.templates.h5, variables)) as Record<"title" | "intro" | "consent" | "button", string>;
  const sms = fill(agreement.templates.sms, { ...variables, link: LINK });
  const code = fill(agreement.templates.smsCode, { ...variables, code: "083417" });
  return { request, variables, agreement, keyClauses: new Map(keyClauses.map((clause) => [clause.id, clause.text])), html, text, page, sms, code };
}

describe("the flow table", () => {
  const product = PROCESS_TYPES.flatMap((processType) => SCENES.flatMap((scene) => MERCHANT_TYPES.map((signerType) => ({ processType, scene, signerType }))));
  const served = SIGNED_FLOWS.map((one) => JSON.stringify(wanted(one)));

  test.each(product)("$processType $scene $signerType has one agreement, SMS and page exactly when it is a row", (place) => {
    expect(select(rows, place).chosen !== undefined).toBe(served.includes(JSON.stringify(place)));
  });

  test("every row has texts of its own", () => {
    const codes = SIGNED_FLOWS.map((one) => chosenFor(one)).flatMap(({ protocol, sms, h5 }) => [`P ${protocol.code}`, `S ${sms.code}`, `H ${h5.code}`]);
    expect(new Set(codes).size).toBe(3 * SIGNED_FLOWS.length);
    expect(rows.filter(({ processType }) => processType !== "ANY")).toHaveLength(codes.length);
  });
});

const cases = SIGNED_FLOWS.flatMap((one) =>
  VERIFICATION_TYPES.flatMap((type) => [true, false].flatMap((code) => [true, false].map((sparse) => ({ one, type, code, sparse, ...wanted(one) })))),
);

describe.each(cases)("$processType $scene $signerType by $type (code $code, sparse $sparse)", ({ one, type, code, sparse }) => {
  const seen = () => shown(one, type, code, sparse);

  test("leaves no gap, no tag and nothing that cannot be printed", async () => {
    const { html, text, page, sms, code: codeSms } = await seen();
    for (const said of [html, JSON.stringify(page), sms, codeSms]) expect(said).not.toMatch(/null|undefined|NaN|<%|%>|\[object|，，|、、|。。|，。|、。|的的|；；|（）|“”|《》/);
    expect(missingGlyphs(text + Object.values(page).join("") + sms + codeSms)).toEqual([]);
    for (const sentence of Object.values(page)) expect(sentence).not.toContain("（未提供）");
  });

  test("names the parties, the signer, the purpose and, where money is pooled, the ratio", async () => {
    const { text, page, sms, request, agreement, keyClauses } = await seen();
    for (const said of [agreement.signatoryA, agreement.signatoryB, "李四", "13900139000", request.fundPurpose]) expect(text).toContain(said);
    expect(page.intro).toContain(`“${request.fundPurpose}”`);
    for (const said of [agreement.signatoryA, agreement.signatoryB]) expect(sms + page.intro).toContain(said);
    const pooling = one.flow.scene === "POOLING";
    for (const said of [text, page.intro, sms, keyClauses.get("scope")!]) expect(said.includes("12.5%")).toBe(pooling);
    expect(sms).toContain(agreement.protocolName);
  });

  test("lets nobody authorise what the flow does not need, and says how to take it back", async () => {
    const { text, keyClauses } = await seen();
    expect(text).toMatch(/乙方可以随时通知甲方(和支付机构|或者支付机构)?撤销授权/);
    if (one.flow.signer === "payee") expect(keyClauses.get("scope")).toMatch(/仅用于收款；任何一方不得依据本协议从乙方账户扣款/);
    else expect(keyClauses.get("exclusions")).toMatch(/乙方未授权：.*透支、借款/);
  });

  test("has key clauses that can be acknowledged one by one", async () => {
    const { keyClauses } = await seen();
    for (const id of ["scope", "personal-information", "verification", "signature", "effectiveness", "disputes"]) expect(keyClauses.has(id)).toBe(true);
    for (const text of keyClauses.values()) expect(text).toMatch(/^\d{1,2}\.\d .{40,125}$/);
  });

  test("speaks of a code exactly when one is asked for", async () => {
    const { text, keyClauses } = await seen();
    expect(text.includes("验证码")).toBe(code);
    expect(keyClauses.get("signature")).toContain(code ? "提交发送至本人手机的短信验证码" : "勾选同意并点击确认签署");
    expect(text).toContain(code ? "单凭专属链接不能完成签署" : "访问凭证与签署人随后完成的身份认证共同作为电子签名制作数据");
  });

  test("describes the way of verification that will follow, and the other one nowhere", async () => {
    const { text, page, keyClauses } = await seen();
    const clause = keyClauses.get("verification")!;
    if (type === "FACE") {
      expect(text + page.intro).not.toMatch(/打款|汇入/);
      expect(clause).toMatch(/单独同意.*人脸信息.*不同意的，可以要求甲方改用其他核验方式/);
      expect(text).toMatch(/保存期限不超过完成核验所必需的最短时间/);
    } else {
      expect((text + page.intro).replaceAll("不收集、不处理签署人的人脸信息", "")).not.toContain("人脸");
      expect(clause).toMatch(/打款验证.*小额款项.*归乙方所有/);
    }
    expect(page.intro).toContain(type === "FACE" ? "还需完成人脸识别" : "还需完成打款验证");
  });

  test("lists only personal data that there is", async () => {
    const { text } = await seen();
    const list = /提供签署人的(.*?)，以及签署行为记录/.exec(text)![1]!.split("、");
    const id = !sparse || type === "FACE" ? ["居民身份证号码"] : [];
    const card = !sparse || type === "REMITTANCE" ? ["结算账户信息"] : [];
    expect(list).toEqual(["姓名", "手机号码", ...id, ...card]);
    expect(text).toContain(`处理首部载明的${[...id, ...card].join("、")}等敏感个人信息`);
  });

  test("fits the signer: no legal representative where a person signs, no seal anywhere", async () => {
    const { text, page, sms } = await seen();
    const all = text + page.intro + page.consent + sms;
    expect(/法定代表人/.test(all)).toBe(one.signerType === "ENTERPRISE");
    expect(all).not.toMatch(/公章|印章|盖公司/);
    if (one.signerType === "INDIVIDUAL") expect(text).toContain("个体工商户");
  });

  test("has an SMS with the one link, at most 140 characters besides", async () => {
    const { sms } = await seen();
    expect(sms.split(LINK)).toHaveLength(2);
    const rest = sms.replace(LINK, "");
    expect(hasLink(rest)).toBe(false);
    expect(rest.length).toBeLessThanOrEqual(140);
    expect(rest.match(/[【】]/g)).toEqual(["【", "】"]);
  });
});

test("a contact that stands in for the payer's is called an authorised signer, not the representative", () => {
  const one = SIGNED_FLOWS.find(({ flow, signerType }) => flow.scene === "POOLING" && signerType === "INDIVIDUAL")!;
  const own = requestOf(one, "REMITTANCE");
  const { contactInfo, bankCardInfo, ...payer } = own.payerInfo;
  const request = { ...own, payerInfo: payer, payeeInfo: { ...own.payeeInfo!, contactInfo: contactInfo!, bankCardInfo: bankCardInfo! } };
  const capacity = (asked: typeof own) => templateVariables(draftOf(one, "REMITTANCE", { request: asked, templates: chosenFor(one), codeRequired: true, payeeContactSigns: true }))["signerCapacity"];
  expect([capacity(own), capacity(request)]).toEqual(["乙方本人（个体工商户为其经营者）", "经授权的签署人"]);
});

test.each(["SMS", "H5"])("the %s text of a store that pays never takes its reader for the store, since another contact may stand in", (kind) => {
  const text = rows.find((row) => row.kind === kind && row.code === "POOLING_INDIVIDUAL")!.content;
  expect(text).toContain("<%= signerCompany %>");
  expect(text).not.toContain("您");
});

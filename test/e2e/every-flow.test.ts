import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRoots } from "../../cli/verify/trust.ts";
import { verifyBundle } from "../../cli/verify/verify-bundle.ts";
import { freshRequestId, sampleRequest } from "../../sandbox/sample-requests.ts";
import { clientExample } from "../fixtures/client-example.ts";
import { PlatformProcess } from "./driver/platform-process.ts";
import { call, Signing, type Envelope, type Page } from "./driver/signing.ts";

/** The flow table of CONTRACT.md §2.1, every row with every type of signer, through the real platform from the wallet's call to its callback. */
jest.setTimeout(120_000);

type Body = ReturnType<typeof sampleRequest>;
type Party = Body["payerInfo"];
const HEADERS = { "x-system-code": "WALLET", "x-business-id": "BIZ-1" };
const INITIATE = "/api/v1/esign/process/initiate";

let platform: PlatformProcess;
const bodyOf = (processType: string, scene: string, signerType: string): Body =>
  sampleRequest({ processType, scene, signerType }, freshRequestId(Date.now()), `${platform.url}/sandbox/gateway/wallet`);
const initiate = (body: unknown) => call<{ processId: string; h5PageUrl: string }>(`${platform.url}${INITIATE}`, { body, headers: HEADERS });

async function started(body: unknown): Promise<Signing> {
  const { http, data, ...rest } = await initiate(body);
  expect({ http, errors: rest.errors }).toEqual({ http: 200, errors: undefined });
  return new Signing(platform, data.processId, new URL(data.h5PageUrl).searchParams.get("token")!);
}
const page = async (signing: Signing): Promise<Page> => (await signing.h5<Page>("process")).data;
/** What a person reads, without tags and white space. */
const words = (html: string): string => html.replace(/<[^>]*>|\s/g, "").replaceAll("&amp;", "&");
const invited = async (signing: Signing) => (await signing.phone()).find((one) => one.messageId === `INV_${signing.processId}`) as unknown as { mobile: string; content: string };

async function completed(signing: Signing): Promise<void> {
  await signing.status("COMPLETED");
  const [callback, ...more] = await signing.callbacks();
  expect(more).toEqual([]);
  expect(JSON.parse(callback!.body)).toMatchObject({ type: "SIGNING_PROCESS_COMPLETED", payload: { processId: signing.processId, status: "COMPLETED" } });
  const verdict = verifyBundle(Buffer.from(await signing.bundle()), { roots: readRoots(join(platform.dataDir, "keys", "seal-root.pem")) });
  expect(verdict.problems).toEqual([]);
}

describe("with the settings as they come", () => {
  beforeAll(async () => {
    platform = await PlatformProcess.create({ LOG_LEVEL: "warn", VERIFICATION_QUERY_AFTER: "1s" });
    await platform.start();
  });
  afterAll(() => platform.dispose());

  test.each([
    // processType, scene, type of the signer, verified by, who signs, the parties A and B
    ["RELATION_BINDING", "BATCH_PAYMENT", "ENTERPRISE", "REMITTANCE", "payeeInfo", "北京天财餐饮有限公司（总部）", "上海天财门店"],
    ["RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL", "FACE", "payeeInfo", "北京天财餐饮有限公司（总部）", "李四"],
    ["RELATION_BINDING", "MEMBER_SETTLEMENT", "ENTERPRISE", "REMITTANCE", "payeeInfo", "北京天财餐饮有限公司（总部）", "上海天财门店"],
    ["RELATION_BINDING", "MEMBER_SETTLEMENT", "INDIVIDUAL", "FACE", "payeeInfo", "北京天财餐饮有限公司（总部）", "李记小吃店"],
    ["POOLING_AUTH", "POOLING", "ENTERPRISE", "REMITTANCE", "payerInfo", "北京天财餐饮有限公司（总部）", "上海天财门店"],
    ["POOLING_AUTH", "POOLING", "INDIVIDUAL", "REMITTANCE", "payerInfo", "北京天财餐饮有限公司（总部）", "李记小吃店"],
    ["OPEN_PAYMENT", "BATCH_PAYMENT", "ENTERPRISE", "REMITTANCE", "payerInfo", "拉卡拉支付股份有限公司", "北京天财餐饮有限公司（总部）"],
    ["OPEN_PAYMENT", "MEMBER_SETTLEMENT", "ENTERPRISE", "REMITTANCE", "payerInfo", "拉卡拉支付股份有限公司", "北京天财餐饮有限公司（总部）"],
  ] as const)("%s, %s, %s: verified by %s, signed by the %s, agreed by %s and %s", async (processType, scene, signerType, type, side, partyA, partyB) => {
    const body = bodyOf(processType, scene, signerType);
    const signing = await started(body);
    const { protocol, page: texts, smsCode } = await page(signing);
    const agreement = words(protocol.html);
    for (const word of [partyA, partyB, body.fundPurpose, protocol.protocolName]) expect(agreement).toContain(word);
    expect(agreement.includes("80%")).toBe(processType === "POOLING_AUTH");
    expect(`${texts.title}${texts.intro}${texts.consent}`).not.toMatch(/<%|null|undefined/);
    expect(smsCode).toEqual({ required: true });
    const signer = body[side] as Party;
    expect(await invited(signing)).toMatchObject({ mobile: signer.contactInfo!.mobile, content: expect.stringContaining(partyB) });

    await signing.sign();
    await signing.status("VERIFICATION_PENDING");
    expect(await signing.query()).toMatchObject({ verificationInfo: { type, status: "PENDING" } });
    if (type === "FACE") await signing.face();
    else await signing.answer();
    await completed(signing);
    expect(await signing.bank()).toHaveLength(type === "FACE" ? 0 : 1);
  });

  test.each([
    ["a person whose ID number is missing", "INDIVIDUAL", { contactInfo: { name: "李四", mobile: "13900139000" } }, ["payeeInfo.contactInfo.idCardNo"]],
    ["a company without a bank card", "ENTERPRISE", { bankCardInfo: undefined }, ["payeeInfo.bankCardInfo"]],
    ["a company without a contact", "ENTERPRISE", { contactInfo: undefined }, ["payeeInfo.contactInfo"]],
  ])("%s is refused at the door, not days later", async (_, signerType, change, fields) => {
    const body = bodyOf("RELATION_BINDING", "BATCH_PAYMENT", signerType);
    const refused = await initiate({ ...body, payeeInfo: { ...body.payeeInfo, ...change } });
    expect([refused.http, refused.errors?.map(({ field }) => field)]).toEqual([400, fields]);
  });

  test("a person's face check needs no bank card", async () => {
    const body = bodyOf("RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL");
    const signing = await started({ ...body, payeeInfo: { ...body.payeeInfo, bankCardInfo: undefined } });
    expect((await page(signing)).protocol.html).not.toMatch(/null|undefined/);
    await signing.sign();
    await signing.face();
    await completed(signing);
  });

  test("a face that is not recognised ends the signing", async () => {
    const signing = await started(bodyOf("RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL"));
    await signing.sign();
    await signing.face("FAILED");
    await signing.status("FAILED");
    expect(await signing.query()).toMatchObject({ failureCode: "VERIFICATION_FAILED", verificationInfo: { status: "FAILED" } });
  });

  test.each([
    ["RELATION_BINDING", "POOLING", ["scene"]],
    ["POOLING_AUTH", "BATCH_PAYMENT", ["scene"]],
    ["OPEN_PAYMENT", "POOLING", ["scene"]],
  ])("%s in the scene %s does not exist", async (processType, scene, fields) => {
    const refused = await initiate({ ...bodyOf(processType, scene, "ENTERPRISE") });
    expect([refused.http, refused.code, refused.errors?.map(({ field }) => field)]).toEqual([400, "PARAM_INVALID", expect.arrayContaining(fields)]);
  });
});

describe("with every switch turned", () => {
  beforeAll(async () => {
    platform = await PlatformProcess.create({ LOG_LEVEL: "warn", SIGN_SMS_CODE: "off", PAYEE_CONTACT_SIGNS: "on", STRICT_CHECKSUMS: "on", VERIFICATION_QUERY_AFTER: "1s" });
    const rules = join(platform.dataDir, "verification-rules.json");
    writeFileSync(rules, JSON.stringify([{ processType: "POOLING_AUTH", merchantType: "INDIVIDUAL", mode: "FACE" }, { merchantType: "INDIVIDUAL", mode: "REMITTANCE" }, { mode: "FACE" }]));
    await platform.start({ env: { VERIFICATION_RULES_FILE: rules } });
  });
  afterAll(() => platform.dispose());

  /** Numbers whose check digits are right. */
  const right = (party: Party | undefined): Party | undefined =>
    party && {
      ...party,
      ...(party.bankCardInfo && { bankCardInfo: { ...party.bankCardInfo, cardNo: "6222021001116245702" } }),
      ...(party.contactInfo && { contactInfo: { ...party.contactInfo, idCardNo: "11010519491231002X" } }),
    };
  const checked = (body: Body) => ({ ...body, payerInfo: right(body.payerInfo), payeeInfo: right(body.payeeInfo) });

  test("the client's own example is refused for its two check digits alone", async () => {
    const refused: Envelope<unknown> = await initiate(clientExample({ callbackUrl: `${platform.url}/sandbox/gateway/wallet` }));
    expect([refused.http, refused.errors?.map(({ field }) => field).sort()]).toEqual([400, ["payeeInfo.bankCardInfo.cardNo", "payeeInfo.contactInfo.idCardNo"]]);
  });

  test.each([
    ["RELATION_BINDING", "BATCH_PAYMENT", "ENTERPRISE", "FACE"],
    ["RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL", "REMITTANCE"],
    ["RELATION_BINDING", "MEMBER_SETTLEMENT", "INDIVIDUAL", "REMITTANCE"],
    ["POOLING_AUTH", "POOLING", "INDIVIDUAL", "FACE"],
    ["OPEN_PAYMENT", "BATCH_PAYMENT", "ENTERPRISE", "FACE"],
  ])("%s, %s, %s is signed without a code and verified by %s, as the rules file says", async (processType, scene, signerType, type) => {
    const signing = await started(checked(bodyOf(processType, scene, signerType)));
    const { protocol, smsCode } = await page(signing);
    expect(smsCode).toEqual({ required: false });
    expect(words(protocol.html)).not.toContain("验证码");
    expect(words(protocol.html)).toContain(type === "FACE" ? "人脸识别" : "打款验证");
    await signing.sign();
    if (type === "FACE") await signing.face();
    else await signing.answer();
    await completed(signing);
    expect(await signing.query()).toMatchObject({ verificationInfo: { type, status: "SUCCESS" } });
  });

  test("the store signs by the payee's contact, as §2.1.1 has it to the letter", async () => {
    const { payerInfo, payeeInfo, ...rest } = checked(bodyOf("POOLING_AUTH", "POOLING", "ENTERPRISE"));
    const { bankCardInfo, contactInfo, ...store } = payerInfo!;
    const signing = await started({ ...rest, payerInfo: store, payeeInfo: { ...payeeInfo, bankCardInfo, contactInfo } });
    expect(await invited(signing)).toMatchObject({ mobile: contactInfo!.mobile });
    await signing.sign();
    await signing.face();
    await completed(signing);
  });
});

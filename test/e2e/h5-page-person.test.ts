import { strFromU8, unzipSync } from "fflate";
import type { Browser } from "puppeteer-core";
import { SignerPhone } from "../../cli/demo/phone.ts";
import { launchBrowser } from "./browser.ts";
import { PlatformProcess } from "./driver/platform-process.ts";
import { call, Signing } from "./driver/signing.ts";
import { findings } from "./accessibility.ts";

/** A person's flow as its signer lives it: the real platform, the real page, the sandbox's face page. */
jest.setTimeout(120_000);

let browser: Browser;
let platform: PlatformProcess;
let signing: Signing;
let phones: SignerPhone[];

const HALF_AN_HOUR = 30 * 60_000;

beforeAll(async () => {
  browser = await launchBrowser();
  platform = await PlatformProcess.create({ LOG_LEVEL: "warn", SIGN_SMS_CODE: "off", VERIFICATION_QUERY_AFTER: "500ms" });
  await platform.start();
});
afterAll(async () => {
  await browser.close();
  await platform.dispose();
});
beforeEach(async () => {
  phones = [];
  await platform.moveClock(0);
  signing = await start("RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL");
});
afterEach(() => Promise.all(phones.map((phone) => phone.close())));

async function start(processType: string, scene: string, signerType: string): Promise<Signing> {
  const { data } = await call<{ processId: string; h5PageUrl: string }>(`${platform.url}/sandbox/api/start`, { body: { processType, scene, signerType } });
  return new Signing(platform, data.processId, new URL(data.h5PageUrl).searchParams.get("token")!);
}

async function openLink(): Promise<SignerPhone> {
  const phone = await SignerPhone.open(browser, `${platform.url}/h5/sign?token=${signing.token}`);
  phones.push(phone);
  return phone;
}

async function ready(): Promise<SignerPhone> {
  const phone = await openLink();
  await phone.read();
  await phone.acknowledge();
  await phone.ready();
  return phone;
}

async function signed(): Promise<SignerPhone> {
  const phone = await ready();
  await phone.sign();
  await phone.view("face");
  return phone;
}

async function toFacePage(phone: SignerPhone): Promise<string> {
  await phone.tap("#start-face");
  await phone.page.waitForSelector("#pass:not([disabled])");
  return phone.page.url();
}

/** The page asks the platform, as when the phone is online again. */
const look = (phone: SignerPhone): Promise<unknown> => phone.page.evaluate('window.dispatchEvent(new Event("online"))');

test("a person signs, goes to the face page, comes back and ends with the sealed copy, all on one host", async () => {
  const hosts = new Set<string>();
  const phone = await openLink();
  phone.page.on("request", (request) => hosts.add(new URL(request.url()).origin));
  await phone.view("agreement");
  expect(await phone.text(".lead")).toMatch(/邀请您（李四）签署.*请本人.*人脸识别/);
  expect(await phone.text()).not.toMatch(/法定代表人|对公|贵方|短信验证码/);
  await phone.read();
  await phone.acknowledge();
  await phone.ready();
  await phone.sign();
  await phone.view("face");
  await toFacePage(phone);
  await phone.page.tap("#pass");
  await phone.view("completed");
  expect(phone.page.url()).toBe(`${platform.url}/h5/sign`);
  expect((await phone.download()).subarray(0, 5).toString()).toBe("%PDF-");
  expect([...hosts]).toEqual([platform.url]);
});

test("a face that is not recognised ends the signing, and the page says what to mind next time", async () => {
  const phone = await signed();
  await toFacePage(phone);
  await phone.page.tap("#fail");
  await phone.view("failed");
  expect(await phone.text()).toMatch(/已签署的这份协议不会生效.*重新发起.*核对登记的姓名和身份证号/);
});

test("an expired face link is replaced by that of a new attempt, which completes", async () => {
  const phone = await signed();
  const first = await toFacePage(phone);
  await platform.moveClock(HALF_AN_HOUR + 60_000);
  await phone.page.goto(`${platform.url}/h5/sign?return=face`);
  await phone.view("face");
  const second = await toFacePage(phone);
  expect(second).not.toBe(first);
  await phone.page.tap("#pass");
  await phone.view("completed");
});

test("two phones that sign at the same moment make one signature, and the one that stays behind learns of the end", async () => {
  const [one, two] = [await ready(), await ready()];
  await Promise.all([one.sign(), two.sign()]);
  await Promise.all([one.view("face"), two.view("face")]);
  await toFacePage(one);
  await one.page.tap("#pass");
  await one.view("completed");
  await look(two);
  await two.view("completed");
  await signing.status("COMPLETED");
  const { events } = JSON.parse(strFromU8(unzipSync(await signing.bundle())["evidence.json"]!)) as { events: { type: string }[] };
  expect(events.filter(({ type }) => type === "SIGNATURE" || type === "VERIFICATION_REQUEST").map(({ type }) => type)).toEqual(["SIGNATURE", "VERIFICATION_REQUEST"]);
});

test("refusing ends the signing on this phone and on the other", async () => {
  const [one, two] = [await openLink(), await openLink()];
  await Promise.all([one.view("agreement"), two.view("agreement")]);
  await one.tap("#decline-open");
  await one.tap("#decline-1");
  await one.tap("#decline-confirm");
  for (const phone of [one, two]) {
    await look(phone);
    await phone.view("failed");
    expect(await phone.text()).toMatch(/签署人拒绝签署.*没有签署任何内容.*重新发起/);
  }
});

test("a signing cancelled or expired while the agreement is open says so, and a new visit too", async () => {
  const phone = await openLink();
  await phone.view("agreement");
  const cancel = await call(`${platform.url}/api/v1/esign/process/${signing.processId}/cancel`, {
    body: { reason: "信息有误" },
    headers: { "X-System-Code": "WALLET", "X-Business-Id": "BIZ_1" },
  });
  expect(cancel.http).toBe(200);
  await look(phone);
  await phone.view("failed");
  expect(await phone.text()).toMatch(/发起方已取消签约.*没有签署任何内容/);
  await phone.page.reload();
  await phone.view("failed");

  signing = await start("POOLING_AUTH", "POOLING", "INDIVIDUAL");
  const late = await openLink();
  await late.view("agreement");
  await platform.moveClock(24 * 3_600_000 + 1_000);
  await signing.status("EXPIRED");
  await look(late);
  await late.view("expired");
  expect(await late.text()).toMatch(/没有在期限内签署.*重新发起/);
});

test("a signature whose answer is lost on the way back is found out", async () => {
  const phone = await ready();
  const session = await phone.page.createCDPSession();
  await session.send("Fetch.enable", { patterns: [{ urlPattern: "*/h5/api/sign", requestStage: "Response" }] });
  session.on("Fetch.requestPaused", ({ requestId }) => void session.send("Fetch.failRequest", { requestId, errorReason: "ConnectionClosed" }));
  await phone.sign();
  await phone.view("face");
});

test.each([
  ["RELATION_BINDING", "BATCH_PAYMENT", "ENTERPRISE", /付至贵方账户.*法定代表人或者负责人本人.*打款验证/],
  ["RELATION_BINDING", "MEMBER_SETTLEMENT", "ENTERPRISE", /会员结算.*贵方账户.*打款验证/],
  ["RELATION_BINDING", "MEMBER_SETTLEMENT", "INDIVIDUAL", /会员结算.*您的账户.*请本人.*人脸识别/],
  ["POOLING_AUTH", "POOLING", "ENTERPRISE", /每笔订单最高80%.*贵方账户.*打款验证/],
  ["POOLING_AUTH", "POOLING", "INDIVIDUAL", /协议生效后.*每笔订单最高80%.*李记小吃店账户.*请签署人本人.*打款验证/],
  ["OPEN_PAYMENT", "BATCH_PAYMENT", "ENTERPRISE", /拉卡拉支付股份有限公司请.*开通批量付款.*打款验证/],
  ["OPEN_PAYMENT", "MEMBER_SETTLEMENT", "ENTERPRISE", /拉卡拉支付股份有限公司请.*开通会员结算付款.*打款验证/],
])("%s %s %s says who signs what, and has no accessibility finding", async (processType, scene, signerType, words) => {
  signing = await start(processType, scene, signerType);
  const phone = await openLink();
  await phone.view("agreement");
  expect(await phone.text(".lead")).toMatch(words);
  if (signerType === "INDIVIDUAL") expect(await phone.text()).not.toMatch(/法定代表人|对公/);
  expect(await phone.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
  expect(await findings(phone.page)).toEqual([]);
});

test("the pages of the sandbox have no accessibility finding", async () => {
  const phone = await signed();
  const facePage = await toFacePage(phone);
  expect([facePage, await findings(phone.page)]).toEqual([facePage, []]);
  await phone.page.goto(`${platform.url}/sandbox`);
  await phone.until('document.querySelector("#guide").textContent !== "正在载入…"');
  expect(await findings(phone.page)).toEqual([]);
});

import { createHash } from "node:crypto";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import type { Browser } from "puppeteer-core";
import { SignerPhone } from "../../cli/demo/phone.ts";
import { readRoots } from "../../cli/verify/trust.ts";
import { verifyBundle } from "../../cli/verify/verify-bundle.ts";
import { readCaller } from "../../sandbox/caller-keys.ts";
import { checkWebhook } from "../../sandbox/wallet.ts";
import { launchBrowser } from "./browser.ts";
import { PlatformProcess } from "./driver/platform-process.ts";
import { startSigning, type BankLine, type Signing } from "./driver/signing.ts";

/** The company's flow of §4.1.1 as its signer lives it: the real platform, the real page, a phone of 360×740. */
jest.setTimeout(90_000);

const HOUR = 3_600_000;
let browser: Browser;
let platform: PlatformProcess;
let signing: Signing;
let phones: SignerPhone[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  phones = [];
  platform = await PlatformProcess.create({ LOG_LEVEL: "warn", READ_SECONDS: "1s", VERIFICATION_QUERY_AFTER: "500ms", CALLBACK_SCHEDULE: "0s,500ms,1s,2s" });
  await platform.start();
  signing = await startSigning(platform);
  await signing.status("SMS_SENT");
});
afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.close()));
  await platform.dispose();
});

async function openLink(): Promise<SignerPhone> {
  const phone = await SignerPhone.open(browser, `${platform.url}/h5/sign?token=${signing.token}`);
  phones.push(phone);
  await phone.view("agreement");
  return phone;
}

/** Everything before the signature. */
async function prepare(phone: SignerPhone): Promise<void> {
  await phone.read();
  await phone.acknowledge();
  await phone.askForCode();
  await phone.type("#sms-code", await signing.code());
  await phone.ready();
}

async function signed(): Promise<SignerPhone> {
  const phone = await openLink();
  await prepare(phone);
  await phone.sign();
  await phone.view("remittance");
  return phone;
}

const money = (): Promise<BankLine> => platform.ask("the money has arrived", async () => (await signing.bank())[0]);
/** Another amount of the same form. */
const wrong = (amount: string): string => (amount === "0.50" ? "0.51" : "0.50");

/** The one event the wallet has been called back with, its signature checked by the wallet's own reading of the standard. */
async function event(): Promise<{ type: string; payload: Record<string, unknown>; evidence: { chainHead: string } }> {
  const found = await platform.ask("the wallet is called back", async () => {
    const all = (await (await fetch(`${platform.url}/sandbox/api/wallet?processId=${signing.processId}`)).json()) as { headers: Record<string, string>; rawBody: string }[];
    return all.length > 0 && all;
  });
  expect(found).toHaveLength(1);
  const [{ headers, rawBody }] = found as [(typeof found)[number]];
  const { webhookSecrets = [] } = readCaller(join(platform.dataDir, "callers.json"), "WALLET");
  expect(webhookSecrets).toHaveLength(1);
  expect(checkWebhook(headers, rawBody, webhookSecrets, Number(headers["webhook-timestamp"]) * 1000)).toMatchObject({ valid: true });
  expect(checkWebhook(headers, `${rawBody} `, webhookSecrets, Number(headers["webhook-timestamp"]) * 1000)).toMatchObject({ valid: false });
  return JSON.parse(rawBody) as never;
}

/** The bundle holds; its events by type. */
async function evidence(status: string): Promise<{ types: string[]; hashes: string[]; pdfSha256: string | null }> {
  const bytes = await signing.bundle();
  const verdict = verifyBundle(bytes, { roots: readRoots(join(platform.dataDir, "keys", "seal-root.pem")) });
  expect(verdict.problems).toEqual([]);
  expect(verdict.facts).toMatchObject({ status, final: true });
  const { events } = JSON.parse(strFromU8(unzipSync(bytes)["evidence.json"]!)) as { events: { type: string; hash: string }[] };
  return { types: events.map(({ type }) => type), hashes: events.map(({ hash }) => hash), pdfSha256: verdict.facts.pdfSha256 };
}

test("with the right answer the signer ends with the sealed copy, the wallet with a signed event and everyone with evidence that holds", async () => {
  const phone = await signed();
  const { amount, remark } = await money();
  await phone.answer(amount, remark);
  await phone.view("completed");
  await signing.status("COMPLETED");

  const copy = await phone.download();
  expect(copy.subarray(0, 5).toString()).toBe("%PDF-");
  const told = await event();
  expect(told).toMatchObject({ type: "SIGNING_PROCESS_COMPLETED", payload: { processId: signing.processId, status: "COMPLETED" } });
  const { types, hashes, pdfSha256 } = await evidence("COMPLETED");
  // What the wallet holds pins the chain down to the final state; the callback itself is recorded behind it.
  expect(told.evidence.chainHead).toBe(hashes[types.indexOf("STATE")]);
  expect(createHash("sha256").update(copy).digest("hex")).toBe(pdfSha256);
  expect(types.filter((type) => type === "SIGNATURE")).toHaveLength(1);
});

test("after a wrong amount the page says how many attempts are left, and the right one still completes", async () => {
  const phone = await signed();
  const { amount, remark } = await money();
  await phone.answer(wrong(amount), remark);
  await phone.says("还可以提交 2 次");
  expect(await phone.text("#remittance dl")).toContain("还可提交 2 次");

  await phone.answer(amount, remark);
  await phone.view("completed");
  expect(await event()).toMatchObject({ type: "SIGNING_PROCESS_COMPLETED" });
  expect((await evidence("COMPLETED")).types.filter((type) => type === "VERIFICATION_ANSWER")).not.toHaveLength(0);
});

test("after three wrong answers the page says that it is over, and the wallet hears of a failed verification", async () => {
  const phone = await signed();
  const { amount, remark } = await money();
  await phone.answer(wrong(amount), remark);
  await phone.says("还可以提交 2 次");
  await phone.answer(amount, `${remark}错`);
  await phone.says("还可以提交 1 次");
  await phone.says("这是最后一次机会");
  await phone.answer(wrong(amount), remark);
  await phone.view("failed");
  expect(await phone.text("h1, h2")).toContain("本次签约已终止");

  await signing.status("FAILED");
  expect(await event()).toMatchObject({
    type: "SIGNING_PROCESS_FAILED",
    payload: { status: "FAILED", processStatus: "FAILED", failureCode: "VERIFICATION_FAILED" },
  });
  await evidence("FAILED");
});

test.each([
  {
    window: "the signature",
    failureCode: "SIGN_TIMEOUT",
    ahead: 24 * HOUR + 1_000,
    says: "协议没有在期限内签署",
    until: async () => {
      const phone = await openLink();
      await prepare(phone);
      return phone;
    },
    act: (phone: SignerPhone) => phone.sign(),
  },
  {
    window: "the verification",
    failureCode: "VERIFICATION_TIMEOUT",
    ahead: 7 * 24 * HOUR + 1_000,
    says: "身份认证没有在期限内完成",
    until: signed,
    act: async (phone: SignerPhone) => {
      const { amount, remark } = await money();
      await phone.answer(amount, remark);
    },
  },
])("past the window of $window the page says so, a new visit too, and the wallet hears $failureCode", async ({ failureCode, ahead, says, until, act }) => {
  const phone = await until();
  await platform.moveClock(ahead);
  await act(phone);
  await phone.view("expired");
  expect(await phone.text()).toContain(says);

  await signing.status("EXPIRED");
  expect(await event()).toMatchObject({ type: "SIGNING_PROCESS_FAILED", payload: { status: "FAILED", processStatus: "EXPIRED", failureCode } });
  await phone.page.reload();
  await phone.view("expired");
  expect(await phone.text()).toContain(says);
  await evidence("EXPIRED");
});

test("a platform killed under the open page comes back, the page with it, and the signing completes", async () => {
  const phone = await signed();
  const { amount, remark } = await money();
  await platform.kill();
  await phone.answer(amount, remark);
  await phone.says("核对没有得到答复");
  await platform.start();
  await phone.says("确认内容无误后可以再次提交");
  await phone.view("remittance");

  await phone.tap("#submit-answer");
  await phone.view("completed");
  expect(await event()).toMatchObject({ type: "SIGNING_PROCESS_COMPLETED" });
  expect(await signing.bank()).toHaveLength(1);
  await evidence("COMPLETED");
});

test("two pages of one link that sign at once make one signature and one remittance, and both go on", async () => {
  const [one, two] = [await openLink(), await openLink()];
  await prepare(one);
  await two.read();
  await two.acknowledge();
  await two.type("#sms-code", await signing.code());
  await two.ready();
  await Promise.all([one.sign(), two.sign()]);
  await Promise.all([one.view("remittance"), two.view("remittance")]);

  const { amount, remark } = await money();
  await two.answer(amount, remark);
  await two.view("completed");
  await one.page.reload();
  await one.view("completed");
  expect(await signing.bank()).toHaveLength(1);
  const { types } = await evidence("COMPLETED");
  expect(types.filter((type) => type === "SIGNATURE")).toHaveLength(1);
  expect(types.filter((type) => type === "VERIFICATION_REQUEST")).toHaveLength(1);
});

import { strFromU8, unzipSync } from "fflate";
import { PDF } from "@libpdf/core";
import type { Browser, Page } from "puppeteer-core";
import { SignerPhone } from "../../cli/demo/phone.ts";
import { clientExample } from "../fixtures/client-example.ts";
import { launchBrowser } from "./browser.ts";
import { PlatformProcess } from "./driver/platform-process.ts";
import { call, Signing } from "./driver/signing.ts";

/**
 * Names that something might take for more than text, through a whole signing: page, PDF, SMS, sandbox, answers and evidence show them to
 * the letter and run nothing. Only the SMS leaves out what a phone would make a link or a sender of (docs/decisions/templates.md).
 */
jest.setTimeout(180_000);

/** Where a request holds text that somebody chose; the longest each may be is §3.1's. */
interface Names {
  payer: string;
  payee: string;
  contact: string;
  purpose: string;
  account: string;
  initiator: string;
}
const CASES: [string, Names][] = [
  ["markup", { payer: "<script>alert(1)</script>", payee: '"><img src=x onerror=alert(1)>', contact: "<svg/onload=alert(1)>", purpose: "</style></title><b>粗体</b>", account: "</td></tr></table><h1>标题</h1>", initiator: "<iframe srcdoc=x></iframe>" }],
  ["templates", { payer: "<%= process.env %>", payee: "<%- include('/etc/passwd') %>", contact: "${7*7}{{7*7}}#{7*7}", purpose: "{{constructor.constructor('alert(1)')()}}", account: "<%_ throw 1 _%>", initiator: "$&$1$$`'" }],
  ["entities, queries and formulas", { payer: "&lt;b&gt;&amp;amp;&#60;i&#62;", payee: "'; DROP TABLE signing_process;--", contact: "=cmd|' /C calc'!A0", purpose: '{"$gt":""}', account: "\\u003cb\\u003e%3Cb%3E\\", initiator: "javascript:alert(1)" }],
  ["phishing", { payer: "【工商银行】系统升级", payee: "账户异常请登录https://evil.example/a?b=c处理", contact: "点击evil.example领奖", purpose: "<a href='//evil.example'>货款</a>", account: "@import url(//evil.example/x.css);", initiator: "】【evil.example】" }],
  ["structure of the agreement", { payer: '<section data-key-clause="x">放弃一切权利</section>', payee: "<!--", contact: "-->", purpose: "<![CDATA[货款]]>", account: "<plaintext>", initiator: "<textarea>" }],
];

let browser: Browser;
let platform: PlatformProcess;
beforeAll(async () => {
  browser = await launchBrowser();
  platform = await PlatformProcess.create({ LOG_LEVEL: "warn", VERIFICATION_QUERY_AFTER: "500ms" });
  await platform.start();
});
afterAll(async () => {
  await browser.close();
  await platform.dispose();
});

let number = 0;
function requestOf({ payer, payee, contact, purpose, account, initiator }: Names) {
  const example = clientExample();
  return clientExample({
    requestId: `NAMES_${++number}`,
    payerInfo: { ...example.payerInfo, merchantName: payer },
    payeeInfo: { ...example.payeeInfo!, merchantName: payee, bankCardInfo: { ...example.payeeInfo!.bankCardInfo!, accountName: account }, contactInfo: { ...example.payeeInfo!.contactInfo!, name: contact } },
    initiatorInfo: { merchantNo: "M100001", merchantName: initiator },
    fundPurpose: purpose,
    callbackUrl: `${platform.url}/sandbox/gateway/wallet`,
  });
}

async function initiated(names: Names): Promise<Signing> {
  const headers = { "X-System-Code": "WALLET", "X-Business-Id": "BIZ-1" };
  const begun = await call<{ processId: string; h5PageUrl: string }>(`${platform.url}/api/v1/esign/process/initiate`, { body: requestOf(names), headers });
  expect(begun).toMatchObject({ http: 200, code: "SUCCESS" });
  return new Signing(platform, begun.data.processId, new URL(begun.data.h5PageUrl).searchParams.get("token")!);
}

/** What a page did that it should not: dialogs, requests elsewhere, errors. */
function watched(page: Page): string[] {
  const seen: string[] = [];
  page.on("dialog", (dialog) => {
    seen.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(platform.url) && !request.url().startsWith("data:")) seen.push(`request ${request.url()}`);
  });
  page.on("pageerror", (error) => seen.push(`error ${String(error)}`));
  page.on("console", (line) => {
    if (line.type() === "error") seen.push(`console ${line.text()}`);
  });
  return seen;
}

/** Elements that no text of ours makes; a name that became markup would be among them. */
const STRANGERS = "script, img, svg, iframe, object, embed, b, i, a, style, link, title, textarea, plaintext";
const strangers = (page: Page, within: string): Promise<string[]> => page.$$eval(`${within} :is(${STRANGERS})`, (found) => found.map((element) => element.outerHTML));
/** The elements of the page by kind, which names must not change. */
const anatomy = (page: Page): Promise<string> =>
  page.evaluate(`JSON.stringify(Array.from(document.querySelectorAll("#view *"), (element) => element.tagName).sort())`) as Promise<string>;

const PLAIN: Names = { payer: "甲公司", payee: "乙公司", contact: "张三", purpose: "货款", account: "乙公司", initiator: "甲公司" };
let plainAnatomy: string;
beforeAll(async () => {
  const { token } = await initiated(PLAIN);
  const phone = await SignerPhone.open(browser, `${platform.url}/h5/sign?token=${token}`);
  await phone.view("agreement");
  plainAnatomy = await anatomy(phone.page);
  await phone.close();
});

describe.each(CASES)("names made of %s", (_what, names) => {
  let signing: Signing;
  beforeAll(async () => {
    signing = await initiated(names);
  });

  test("stand on the signer's page as they were sent, and nothing of them runs or becomes an element", async () => {
    const phone = await SignerPhone.open(browser, "about:blank");
    const seen = watched(phone.page);
    await phone.page.goto(`${platform.url}/h5/sign?token=${signing.token}`);
    await phone.view("agreement");
    await phone.read();
    const cells = await phone.page.$$eval("#view td", (found) => found.map((cell) => cell.textContent));
    for (const name of [names.payer, names.payee, names.contact, names.account]) expect(cells).toContain(name);
    expect(await phone.text()).toContain(names.purpose);
    expect(await anatomy(phone.page)).toBe(plainAnatomy);
    expect(seen).toEqual([]);
    await phone.close();
  });

  test("are in the wallet's answer to the letter", async () => {
    const query = (await signing.query()) as unknown as ReturnType<typeof requestOf>;
    expect([query.payerInfo.merchantName, query.payeeInfo!.merchantName, query.payeeInfo!.bankCardInfo!.accountName, query.initiatorInfo.merchantName, query.fundPurpose]).toEqual([names.payer, names.payee, names.account, names.initiator, names.purpose]);
  });

  test("are text on the sandbox's phone, with the platform's own link and signature alone", async () => {
    const { mobile, content } = (await signing.phone()).find(({ messageId }) => messageId.includes(signing.processId)) as unknown as { mobile: string; content: string };
    expect(content).not.toMatch(/evil/);
    expect(content.match(/https?:\/\//g)).toHaveLength(1);
    expect(content.match(/[【】]/g)).toEqual(["【", "】"]);
    expect(content.indexOf("【")).toBe(0);
    for (const name of [names.payer, names.payee]) if (!/[【】]|\w\.\w/.test(name)) expect(content).toContain(Array.from(name).length > 40 ? Array.from(name).slice(0, 39).join("") : name);

    const page = await (await browser.createBrowserContext()).newPage();
    const seen = watched(page);
    await page.evaluateOnNewDocument(`sessionStorage.setItem("sandbox.run", ${JSON.stringify(JSON.stringify({ processId: signing.processId, mobile }))})`);
    await page.goto(`${platform.url}/sandbox`);
    await page.waitForFunction(`document.querySelector("#phone .bubble p")`);
    const bubbles = await page.$$eval("#phone .bubble > p:first-child", (found) => found.map((bubble) => bubble.textContent));
    expect(bubbles).toContain(content);
    expect((await strangers(page, "#phone .bubble > p:first-child")).join()).toBe("");
    expect(seen).toEqual([]);
    await page.browserContext().close();
  });

  test("are in the sealed PDF and in the evidence to the letter", async () => {
    await signing.sign();
    await signing.answer();
    await signing.status("COMPLETED");
    const pages = (await PDF.load(await signing.pdf())).getPages().map((page) => page.extractText().text);
    // Lines break where the column ends.
    const printed = pages.join("").replace(/\s+/g, "");
    for (const name of [names.payer, names.payee, names.contact, names.account, names.purpose]) expect(printed).toContain(name.replace(/\s+/g, ""));
    const { events } = JSON.parse(strFromU8(unzipSync(await signing.bundle())["evidence.json"]!)) as { events: { type: string; data: { request: unknown } }[] };
    expect(events.find(({ type }) => type === "REQUEST")!.data.request).toEqual({ ...requestOf(names), requestId: expect.stringMatching(/^NAMES_\d+$/) });
  });
});

/** A signer whose browser calls itself something else. */
class Disguised extends Signing {
  static readonly AGENT = `<script>alert(1)</script><%= 7*7 %> \${7*7} "'&lt;b&gt; </td></tr>`;

  override h5<T = Record<string, unknown>>(path: string, body?: unknown) {
    return call<T>(`${this.platform.url}/h5/api/${path}`, { body, headers: { authorization: `Bearer ${this.token}`, "user-agent": Disguised.AGENT } });
  }
}

test("a browser that calls itself markup is named to the letter on the PDF's signature page and in the evidence", async () => {
  const { processId, token } = await initiated(PLAIN);
  const signing = new Disguised(platform, processId, token);
  await signing.sign();
  await signing.answer();
  await signing.status("COMPLETED");
  const last = (await PDF.load(await signing.pdf())).getPages().at(-1)!.extractText().text;
  expect(last.replace(/\s+/g, "")).toContain(Disguised.AGENT.replace(/\s+/g, ""));
  const { events } = JSON.parse(strFromU8(unzipSync(await signing.bundle())["evidence.json"]!)) as { events: { type: string; data: { userAgent?: string } }[] };
  for (const type of ["LINK_OPENED", "SIGNATURE"]) expect(events.find((event) => event.type === type)!.data.userAgent).toBe(Disguised.AGENT);
});

test("a reason to decline that looks like markup is text on the page that ends there", async () => {
  const reason = "<img src=x onerror=alert(1)>不同意<script>alert(1)</script>";
  const signing = await initiated(PLAIN);
  expect((await signing.h5("decline", { reason })).http).toBe(200);
  const phone = await SignerPhone.open(browser, "about:blank");
  const seen = watched(phone.page);
  await phone.page.goto(`${platform.url}/h5/sign?token=${signing.token}`);
  await phone.view("failed");
  expect((await strangers(phone.page, "#view")).filter((html) => /alert|onerror/.test(html))).toEqual([]);
  expect(seen).toEqual([]);
  await phone.close();
});

import type { Browser, Page } from "puppeteer-core";
import { startGateway, type Gateway } from "../integration/gateway-harness.ts";
import { openApiDocument } from "../../services/gateway/openapi/document.ts";
import { launchBrowser } from "./browser.ts";

/** The page of the API document in a real browser, which reaches loopback and nothing else. */
jest.setTimeout(60_000);

let gateway: Gateway;
let browser: Browser;
let page: Page;
const requested: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  gateway = await startGateway();
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 1600 });
  page.on("request", (request) => requested.push(request.url()));
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.evaluateOnNewDocument("window.violations = []; addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI))");
  await page.goto(`http://127.0.0.1:${gateway.port}/docs`);
  await page.waitForSelector(".opblock");
});
afterAll(async () => {
  await browser.close();
  await gateway.stop();
});

const operations = Object.entries((openApiDocument() as { paths: Record<string, Record<string, { summary: string }>> }).paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { summary }]) => `${method.toUpperCase()} ${path} ${summary}`),
);
const violations = (): Promise<unknown> => page.evaluate("window.violations");
const plain = (text: string): string => text.replaceAll("\u200b", "");

test("the page has a Chinese title and shows every operation of the document", async () => {
  expect(await page.title()).toBe("电子签约平台 · 接口文档");
  const paths = Object.keys((openApiDocument() as { paths: object }).paths);
  await page.waitForFunction(`document.querySelectorAll(".opblock").length >= ${operations.length}`);
  const shown = (await page.evaluate(
    `Array.from(document.querySelectorAll(".opblock"), (block) => [".opblock-summary-method", ".opblock-summary-path", ".opblock-summary-description"].map((part) => block.querySelector(part).textContent.trim()).join(" "))`,
  )) as string[];
  expect(shown.map(plain)).toEqual(expect.arrayContaining(operations));
  expect(paths.length).toBeGreaterThan(20);
});

test("opened, an operation shows its examples, its refusals and nothing to send with", async () => {
  const answers = await page.evaluate(`(async () => {
    document.querySelector("[id$=-initiate] .opblock-summary-control").click();
    while (!document.querySelector("[id$=-initiate] .responses-table")) await new Promise(requestAnimationFrame);
    return document.querySelector("[id$=-initiate]").textContent;
  })()`);
  for (const words of ["REQUEST_DUPLICATED", "归集授权 · 归集 · 企业门店（打款验证）", "WALLET_REQ_202310120001"]) expect(answers).toContain(words);
  // An empty place for a button stays; no button may.
  expect(await page.evaluate(`Array.from(document.querySelectorAll(".try-out__btn, .execute, .authorize")).filter((one) => one.checkVisibility()).length`)).toBe(0);
});

test("nothing on it breaks the policy, is complained of, or comes from elsewhere", async () => {
  expect(await violations()).toEqual([]);
  expect(complaints).toEqual([]);
  const hosts = new Set(requested.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).host));
  expect([...hosts]).toEqual([`127.0.0.1:${gateway.port}`]);
});

test("the policy is in force: an inline script does not run", async () => {
  await page.evaluate(`document.head.appendChild(Object.assign(document.createElement("script"), { textContent: "window.ran = true" }))`);
  expect(await page.evaluate("window.ran")).toBeUndefined();
});

/**
 * `node scripts/console-pictures.ts [folder]`: takes the pictures of docs/console.md anew, on a platform of its own, by default into
 * docs/img. Scale 1, so that a picture stays at some tens of kilobytes.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { eventually } from "../cli/demo/eventually.ts";
import { launchBrowser } from "../cli/demo/phone-browser.ts";
import { startPlatformChild } from "../cli/demo/platform-child.ts";

const folder = process.argv[2] ?? "docs/img";
const work = mkdtempSync(join(tmpdir(), "esign-pictures-"));
const browser = await launchBrowser(process.env["CHROMIUM_PATH"]);
const platform = await startPlatformChild(work, { LOG_LEVEL: "warn" });
const CODE = "RB_BATCH_ENTERPRISE";

/** Starts the client's own flow as the sandbox's wallet does. */
async function started(): Promise<string> {
  const body = JSON.stringify({ processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE" });
  return eventually("签约发起", async () => {
    const response = await fetch(`${platform.url}/sandbox/api/start`, { method: "POST", headers: { "content-type": "application/json" }, body });
    return ((await response.json()) as { data?: { processId: string } }).data?.processId;
  });
}

/** A browser of somebody who has logged in with one of the development keys. */
async function desk(keyFile: string, width: number, height: number): Promise<Page> {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.setViewport({ width, height, deviceScaleFactor: 1 });
  await page.goto(`${platform.url}/admin`);
  await page.waitForSelector("#key");
  await page.type("#key", readFileSync(join(platform.dataDir, "keys", keyFile), "utf8").trim());
  await page.keyboard.press("Enter");
  await page.waitForSelector('#view[data-view="templatesView"][data-ready]');
  return page;
}
async function go(page: Page, hash: string): Promise<void> {
  await page.evaluate(`document.querySelector("#view").removeAttribute("data-ready"); location.hash = ${JSON.stringify(hash)}`);
  await page.waitForSelector("#view[data-ready]");
}
async function picture(page: Page, name: string): Promise<void> {
  const path = join(folder, `console-${name}.webp`) as `${string}.webp`;
  await page.evaluate("document.activeElement?.blur?.(); new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  await page.screenshot({ path, quality: 88 });
  console.log(path);
}
async function write(page: Page, content: string): Promise<void> {
  await page.evaluate(`{ const area = document.querySelector("#content"); area.value = ${JSON.stringify(content)}; area.dispatchEvent(new Event("input", { bubbles: true })); }`);
}
const press = (page: Page, words: string): Promise<unknown> =>
  page.evaluate(`[...(document.querySelector("dialog[open]") ?? document).querySelectorAll("button")].find((each) => each.textContent.trim() === ${JSON.stringify(words)}).click()`);

try {
  const processId = await started();
  const author = await desk("admin-token", 1280, 820);
  await picture(author, "templates");

  await go(author, `#/templates/new/PROTOCOL/${CODE}/1`);
  const text = (await author.evaluate('document.querySelector("#content").value')) as string;
  const changed = text.replace("本授权仅用于收款", "本项授权仅供收款之用");
  const faulty = changed.split("\n");
  faulty.splice(8, 0, "<tr><th>乙方地址</th><td><%= partyBAddress %></td></tr>", '<tr onclick="x()"><th>备注</th><td><font>无</font></td></tr>');
  await write(author, faulty.join("\n"));
  await author.waitForSelector("#flaws .flaw");
  await author.evaluate('document.querySelector(".desk").scrollIntoView()');
  await picture(author, "editor");

  await write(author, changed);
  await author.waitForFunction('/没有发现问题/.test(document.querySelector("#lint-state").textContent)');
  await press(author, "提交审批");
  await author.waitForSelector("dialog[open]");
  await author.type("#reason", "依法务部意见修订第三条");
  await press(author, "提交");
  await author.waitForSelector('#view[data-view="templateView"][data-ready]');
  await go(author, `#/templates/PROTOCOL/${CODE}/2/diff`);
  await picture(author, "diff");

  const approver = await desk("admin-token-second", 1280, 820);
  await go(approver, `#/templates/PROTOCOL/${CODE}/2`);
  await picture(approver, "version");
  await go(approver, `#/processes/${processId}`);
  await approver.evaluate('document.querySelectorAll("#view .columns")[1].scrollIntoView()');
  await picture(approver, "process");

  const phone = await desk("admin-token-second", 390, 760);
  await go(phone, "#/templates/coverage");
  await picture(phone, "phone");
} finally {
  await browser.close();
  await platform.stop();
  rmSync(work, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

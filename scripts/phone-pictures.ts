/**
 * `node scripts/phone-pictures.ts [folder]`: takes the pictures of docs/h5-page.md anew, on a platform of its own, by default into
 * docs/img. 360 px wide at scale 1, so that a picture stays at some tens of kilobytes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../cli/demo/eventually.ts";
import { launchBrowser } from "../cli/demo/phone-browser.ts";
import { SignerPhone } from "../cli/demo/phone.ts";
import { startPlatformChild, type PlatformChild } from "../cli/demo/platform-child.ts";

const folder = process.argv[2] ?? "docs/img";
const work = mkdtempSync(join(tmpdir(), "esign-pictures-"));
const browser = await launchBrowser(process.env["CHROMIUM_PATH"]);
const platforms: PlatformChild[] = [];

async function platform(name: string, settings: Record<string, string>): Promise<PlatformChild> {
  const started = await startPlatformChild(join(work, name), { LOG_LEVEL: "warn", SIGN_SMS_CODE: "off", READ_SECONDS: "1s", ...settings });
  platforms.push(started);
  return started;
}

/** Starts a flow as the sandbox's wallet does and opens its link on a phone. */
async function open(on: PlatformChild, processType: string, scene: string, signerType: string): Promise<SignerPhone> {
  const body = JSON.stringify({ processType, scene, signerType });
  // A platform that has only just come up may still say 503.
  const link = await eventually("签约发起", async () => {
    const response = await fetch(`${on.url}/sandbox/api/start`, { method: "POST", headers: { "content-type": "application/json" }, body });
    return ((await response.json()) as { data?: { h5PageUrl: string } }).data?.h5PageUrl;
  });
  return SignerPhone.open(browser, link, { scale: 1 });
}

/** The screen as it is, scrolled to its top. */
async function picture(phone: SignerPhone, name: string): Promise<void> {
  await phone.page.evaluate("window.scrollTo(0, 0); new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  const path = join(folder, `phone-${name}.webp`) as `${string}.webp`;
  await phone.page.screenshot({ path, quality: 90 });
  console.log(path);
}

try {
  const usual = await platform("usual", {});
  const person = await open(usual, "RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL");
  await person.view("agreement");
  await picture(person, "person-agreement");
  await person.read();
  await person.acknowledge();
  await person.ready();
  await person.sign();
  await person.view("face");
  await picture(person, "person-face");
  await person.tap("#start-face");
  await person.page.waitForSelector("#pass:not([disabled])");
  await person.page.tap("#pass");
  await person.view("completed");
  await picture(person, "person-completed");

  const pooling = await open(usual, "POOLING_AUTH", "POOLING", "INDIVIDUAL");
  await pooling.view("agreement");
  await picture(pooling, "pooling-agreement");
  await pooling.tap("#decline-open");
  await pooling.tap("#decline-0");
  await picture(pooling, "decline");
  await pooling.tap("#decline-confirm");
  await pooling.view("failed");
  await picture(pooling, "declined");

  const offline = await open(usual, "RELATION_BINDING", "MEMBER_SETTLEMENT", "INDIVIDUAL");
  await offline.read();
  await offline.acknowledge();
  await offline.ready();
  await offline.page.setOfflineMode(true);
  await offline.sign();
  await offline.says("暂时不确定签署是否已送达");
  // What happened is said right above the button that was pressed: here the end of the page is the place to look at.
  const path = join(folder, "phone-lost-network.webp") as `${string}.webp`;
  await offline.page.screenshot({ path, quality: 90 });
  console.log(path);

  const hasty = await platform("hasty", { SIGN_WINDOW: "2s", EXPIRY_SCAN_INTERVAL: "200ms" });
  const late = await open(hasty, "RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL");
  await eventually("签约过期", async () => {
    await late.page.reload();
    await late.page.waitForSelector("#view[data-view]");
    return late.page.$('#view[data-view="expired"]');
  });
  await picture(late, "expired");
} finally {
  await browser.close();
  await Promise.all(platforms.map((each) => each.stop()));
  rmSync(work, { recursive: true, force: true });
}

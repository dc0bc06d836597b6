import type { Browser } from "puppeteer-core";
import type { Started } from "./outside.ts";

/** The sandbox's page showing a signing that has ended, on a screen of 1280×900, at three quarters of its size. */
export async function sandboxPicture(browser: Browser, platform: string, started: Started, path: string): Promise<void> {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    await page.setViewport({ width: 1280, height: 900, deviceScaleFactor: 0.75 });
    // The page keeps the signing that was started on it over a reload; this one was started by the demo.
    await page.evaluateOnNewDocument(`window.sessionStorage.setItem("sandbox.run", ${JSON.stringify(JSON.stringify(started))})`);
    await page.goto(`${platform}/sandbox`);
    await page.waitForFunction(`document.querySelector("#states .now[data-state=COMPLETED]") !== null && document.querySelector("#wallet").textContent.includes("SIGNING_PROCESS")`, { timeout: 15_000 });
    await page.screenshot({ path: path as `${string}.png` });
  } finally {
    await context.close();
  }
}

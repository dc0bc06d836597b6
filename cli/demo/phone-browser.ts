import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { sharedFolder } from "../../services/protocol/chromium/shared-folder.ts";
import { unpackChromium } from "../../services/protocol/chromium/unpack.ts";
import { fontconfig } from "../../services/protocol/fonts.ts";

/**
 * A browser that stands for the signer's phone: it may reach loopback and nothing else. Close it with `browser.close()`, which
 * also removes its profile.
 * @param executable CHROMIUM_PATH; absent means the bundled one
 */
export async function launchBrowser(executable?: string): Promise<Browser> {
  const shared = await sharedFolder();
  const files = executable ? { executable, libraries: null } : await unpackChromium(shared);
  const home = await mkdtemp(join(tmpdir(), "esign-phone-"));
  await writeFile(join(home, "fonts.conf"), await fontconfig(shared));
  const cleanUp = () => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  const browser = await puppeteer.launch({
    executablePath: files.executable,
    headless: "shell",
    pipe: true,
    args: [
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--font-render-hinting=none",
      "--lang=zh-CN",
      "--no-first-run",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
      `--user-data-dir=${join(home, "profile")}`,
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
    env: {
      HOME: home,
      TMPDIR: home,
      TZ: "Asia/Shanghai",
      FONTCONFIG_FILE: join(home, "fonts.conf"),
      ...(files.libraries && { LD_LIBRARY_PATH: files.libraries }),
    },
  }).catch(async (error: unknown) => {
    await cleanUp();
    throw error;
  });
  const close = browser.close.bind(browser);
  browser.close = async () => {
    await close();
    await cleanUp();
  };
  return browser;
}

/** A page of its own context (own sessionStorage and cache) that looks like a phone: 360×740, touch, Chinese. */
export async function phonePage(browser: Browser, deviceScaleFactor = 2): Promise<Page> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  await page.setViewport({ width: 360, height: 740, deviceScaleFactor, isMobile: true, hasTouch: true });
  await page.setUserAgent({
    userAgent: "Mozilla/5.0 (Linux; Android 8.1.0; TEST) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36",
  });
  await page.setExtraHTTPHeaders({ "Accept-Language": "zh-CN" });
  return page;
}

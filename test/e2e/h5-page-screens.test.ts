import type { Browser } from "puppeteer-core";
import { launchBrowser } from "./browser.ts";
import { closePhones } from "./h5-page/phone.ts";
import { screens } from "./h5-page/screens.ts";

/** The signer's page as it is seen, heard and loaded. */
jest.setTimeout(60_000);
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(closePhones);
afterAll(async () => {
  await browser.close();
});

describe("the signer's page on every screen", () => screens(() => browser));

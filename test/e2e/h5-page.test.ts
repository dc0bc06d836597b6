import type { Browser } from "puppeteer-core";
import { launchBrowser } from "./browser.ts";
import { agreement } from "./h5-page/agreement.ts";
import { closePhones } from "./h5-page/phone.ts";
import { opening } from "./h5-page/opening.ts";
import { signing } from "./h5-page/signing.ts";
import { verification } from "./h5-page/verification.ts";

/** The signer's page alone (CONTRACT.md §2.4), in a real browser against answers that each test chooses. */
jest.setTimeout(60_000);
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(closePhones);
afterAll(async () => {
  await browser.close();
});

describe("opening the signer's page", () => opening(() => browser));
describe("the agreement on the signer's page", () => agreement(() => browser));
describe("signing on the signer's page", () => signing(() => browser));
describe("the verification on the signer's page", () => verification(() => browser));

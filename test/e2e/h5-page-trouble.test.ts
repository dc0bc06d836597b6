import type { Browser } from "puppeteer-core";
import { launchBrowser } from "./browser.ts";
import { elsewhere } from "./h5-page/elsewhere.ts";
import { face } from "./h5-page/face.ts";
import { network } from "./h5-page/network.ts";
import { closePhones } from "./h5-page/phone.ts";

/** The signer's page when something happens outside it: other pages, other phones, no network. */
jest.setTimeout(60_000);
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(closePhones);
afterAll(async () => {
  await browser.close();
});

describe("the face check", () => face(() => browser));
describe("what happens elsewhere", () => elsewhere(() => browser));
describe("a lost network", () => network(() => browser));

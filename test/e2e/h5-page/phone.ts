import type { Browser, Page } from "puppeteer-core";
import type { PageData } from "../../../services/process/process.api.ts";
import { phonePage } from "../browser.ts";
import { startFakeApi, type FakeApi } from "./fake-api.ts";
import { sampleProcess, withAgreement } from "./sample.ts";

/** A signer's phone with the page open on it, and the platform behind it. */
export interface Phone {
  page: Page;
  api: FakeApi;
  /** Waits until the page shows this view. */
  view(name: string): Promise<void>;
  /** Waits until an expression holds in the page. */
  until(expression: string): Promise<void>;
  text(selector: string): Promise<string>;
  value(expression: string): Promise<unknown>;
  /** Taps by script: at once and twice if told, wherever the element is. */
  tap(selector: string, times?: number): Promise<void>;
  /** The page is put out of sight, or is looked at again. */
  look(visible: boolean): Promise<void>;
  /** How often the platform has been asked for the state. */
  looks(): number;
}

const open = new Set<() => Promise<void>>();

/** Puts every phone of a test away, whether the test passed or not. */
export async function closePhones(): Promise<void> {
  await Promise.all([...open].map((close) => close()));
  open.clear();
}

interface OpenOptions {
  data?: PageData;
  /** Path and query to open instead of the link. */
  at?: string;
  /** Changes the platform before the page is opened. */
  before?: (api: FakeApi) => void;
  /** A platform that is there already: this is one more phone on it. */
  api?: FakeApi;
  /** Screen in px; 360×740 when absent. */
  screen?: { width: number; height: number };
  /** Prepares the page before it is opened. */
  prepare?: (page: Page) => Promise<unknown>;
  /** Makes the page's timers run fifty times faster, or as many times as it says; clocks stay as they are. */
  hurried?: boolean | number;
}

export async function openPhone(browser: Browser, options: OpenOptions = {}): Promise<Phone> {
  const api = options.api ?? (await startFakeApi(options.data ?? shortAgreement()));
  options.before?.(api);
  const page = await phonePage(browser);
  open.add(async () => {
    await page.browserContext().close();
    if (!options.api) await api.close();
  });
  if (options.screen) await page.setViewport({ ...options.screen, deviceScaleFactor: 1, isMobile: true, hasTouch: true });
  await options.prepare?.(page);
  const faster = options.hurried === true ? 50 : options.hurried;
  if (faster) await page.evaluateOnNewDocument(`{ const real = window.setTimeout; window.setTimeout = (f, ms) => real(f, (ms || 0) / ${faster}); }`);
  await page.goto(options.at === undefined ? api.link : api.origin + options.at);
  await page.waitForSelector("#view[data-view]");
  return {
    page,
    api,
    view: async (name) => void (await page.waitForSelector(`#view[data-view="${name}"]`)),
    until: async (expression) => void (await page.waitForFunction(expression)),
    text: async (selector) => String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`)),
    value: (expression) => page.evaluate(expression),
    tap: async (selector, times = 1) => {
      await page.evaluate(`for (let n = 0; n < ${times}; n += 1) document.querySelector(${JSON.stringify(selector)}).click()`);
    },
    look: async (visible) => {
      const state = `{ configurable: true, get: () => ${!visible} }`;
      await page.evaluate(`Object.defineProperty(document, "hidden", ${state}); document.dispatchEvent(new Event("visibilitychange"))`);
    },
    looks: () => api.to("/process").length,
  };
}

/** An agreement that fits on one screen, with two key clauses. */
export const shortAgreement = (): PageData =>
  withAgreement(
    sampleProcess(),
    '<h1>测试协议</h1><section data-key-clause="scope"><p>1.1　只用于收款。</p></section><section data-key-clause="disputes"><p>1.2　由法院管辖。</p></section>',
    [
      { id: "scope", text: "1.1 只用于收款。" },
      { id: "disputes", text: "1.2 由法院管辖。" },
    ],
  );

/** Does everything that comes before the signature. */
export async function getReady(phone: Phone): Promise<void> {
  await phone.page.evaluate("window.scrollTo(0, document.body.scrollHeight)");
  await phone.until('document.querySelector("#agreement-end.is-reached") !== null');
  for (const box of await phone.page.$$("#view .tick input[type=checkbox]")) await box.evaluate((node) => (node as unknown as { click(): void }).click());
  if (phone.api.data.smsCode.required) {
    await phone.tap("#ask-code");
    await phone.until('/秒后重发/.test(document.querySelector("#ask-code").textContent)');
    await phone.page.type("#sms-code", "123456");
  }
  await phone.until('!document.querySelector("#sign").classList.contains("is-waiting")');
}

/** A promise and the function that fulfils it, for answers that a test holds back. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

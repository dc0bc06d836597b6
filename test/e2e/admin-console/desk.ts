import type { Browser, ElementHandle, Page } from "puppeteer-core";
import { PEOPLE, type Person } from "./people.ts";

export const SCREENS = { desk: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } } as const;

/** What the page may never do, whatever it is shown. */
export interface Trouble {
  /** Of the page's policy, script errors and refused loads. */
  violations: string[];
  /** Requests that leave the platform's origin. */
  strangers: string[];
}

/** Somebody at the console: a browser context of their own, driven by what they see (words of buttons, labels of fields). */
export class Desk {
  readonly page: Page;
  readonly url: string;
  readonly trouble: Trouble = { violations: [], strangers: [] };

  private constructor(page: Page, url: string) {
    this.page = page;
    this.url = url;
  }

  static async open(browser: Browser, url: string, { hash = "", screen = SCREENS.desk, before }: { hash?: string; screen?: { width: number; height: number }; before?: (page: Page) => Promise<unknown> } = {}): Promise<Desk> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport({ ...screen, deviceScaleFactor: 1 });
    const desk = new Desk(page, url);
    page.on("pageerror", (error) => desk.trouble.violations.push(String(error)));
    page.on("console", (message) => {
      // A refused call is reported by the browser too; what the page makes of it is looked at by the tests.
      if (message.type() === "error" && !/Failed to load resource: the server responded/.test(message.text())) desk.trouble.violations.push(message.text());
    });
    page.on("request", (request) => {
      // The browser's own controls draw themselves by data: addresses.
      if (/^(https?|wss?|ftp):/.test(request.url()) && new URL(request.url()).origin !== url) desk.trouble.strangers.push(request.url());
    });
    await before?.(page);
    await page.goto(`${url}/admin${hash}`);
    await page.waitForSelector("#view[data-ready]");
    return desk;
  }

  async close(): Promise<void> {
    await this.page.browserContext().close();
  }

  /** Waits until the view is there with its data. */
  async view(name: string): Promise<void> {
    await this.page.waitForSelector(`#view[data-view="${name}"][data-ready]`);
  }

  async logIn(person: Person): Promise<void> {
    await this.view("login");
    await this.fill("管理密钥", PEOPLE[person].key);
    await this.press("登录");
    await this.page.waitForSelector("#view[data-ready]:not([data-view=login])");
  }

  /** Goes to an address within the console. */
  async go(hash: string, view: string): Promise<void> {
    // The same address again would change nothing: the view is left first.
    await this.page.evaluate(`document.querySelector("#view").removeAttribute("data-ready"); location.hash === ${JSON.stringify(hash)} ? window.dispatchEvent(new HashChangeEvent("hashchange")) : (location.hash = ${JSON.stringify(hash)})`);
    await this.view(view);
  }

  /** The one visible button, link or summary with these words (or this aria-label), of the open dialog if there is one. */
  async #control(words: string): Promise<ElementHandle> {
    const found = await this.page.waitForFunction(
      `(() => {
        const root = document.querySelector("dialog[open]") ?? document;
        const all = [...root.querySelectorAll("button, a[href], summary")].filter((each) => each.offsetParent && each.getAttribute("aria-disabled") !== "true");
        const named = (each) => each.getAttribute("aria-label") ?? each.textContent.trim();
        return all.find((each) => named(each) === ${JSON.stringify(words)}) ?? all.find((each) => named(each).startsWith(${JSON.stringify(words)}));
      })()`,
    );
    return found as unknown as ElementHandle;
  }

  async press(words: string): Promise<void> {
    const control = await this.#control(words);
    await control.evaluate("(node) => node.scrollIntoView({ block: 'center' })" as never);
    await control.click();
  }

  async has(words: string): Promise<boolean> {
    return Boolean(await this.page.evaluate(`[...document.querySelectorAll("button, a[href]")].some((each) => each.offsetParent && (each.getAttribute("aria-label") ?? each.textContent.trim()).startsWith(${JSON.stringify(words)}))`));
  }

  /** The control that a label names. */
  async #labelled(label: string): Promise<ElementHandle> {
    const found = await this.page.waitForFunction(
      `(() => {
        const root = document.querySelector("dialog[open]") ?? document;
        const named = [...root.querySelectorAll("label")].find((each) => each.offsetParent && each.textContent.trim() === ${JSON.stringify(label)});
        return named ? document.getElementById(named.htmlFor) : root.querySelector('[aria-label=${JSON.stringify(label)}]');
      })()`,
    );
    return found as unknown as ElementHandle;
  }

  /** Types over what stands in the field. */
  async fill(label: string, text: string): Promise<void> {
    const control = await this.#labelled(label);
    await control.evaluate(((node: { value: string; focus(): void; dispatchEvent(event: unknown): void }) => {
      node.focus();
      node.value = "";
    }) as never);
    if (text.length < 200) await control.type(text);
    else await this.page.keyboard.sendCharacter(text);
    await control.evaluate("(node) => node.dispatchEvent(new Event('input', { bubbles: true }))" as never);
  }

  async choose(label: string, value: string): Promise<void> {
    await (await this.#labelled(label)).select(value);
  }

  /** Answers the open dialog: its reason, and the button that does it; waits until it is gone. */
  async confirm(words: string, reason: string): Promise<void> {
    await this.fill("理由", reason);
    await this.press(words);
    await this.page.waitForFunction('!document.querySelector("dialog[open]")');
  }

  /** Waits until the page shows these words, anywhere outside a closed fold. */
  async sees(words: string | RegExp): Promise<void> {
    const test = typeof words === "string" ? `document.body.innerText.includes(${JSON.stringify(words)})` : `${words}.test(document.body.innerText)`;
    await this.page.waitForFunction(test);
  }
  text(selector = "body"): Promise<string> {
    return this.page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`) as Promise<string>;
  }
  value(expression: string): Promise<unknown> {
    return this.page.evaluate(expression);
  }
  async until(expression: string): Promise<void> {
    await this.page.waitForFunction(expression);
  }
}

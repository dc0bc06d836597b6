import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { phonePage } from "./phone-browser.ts";

/** The views of the page, by `#view[data-view]` (docs/h5-page.md). */
export type View =
  | "preparing" | "agreement" | "starting" | "remittance" | "face" | "confirming" | "sealing" | "completed"
  | "failed" | "expired" | "unlinked" | "invalid" | "tampered" | "unreachable";

/**
 * A signer with a phone: opens the link of the SMS, reads, ticks, types and taps as a person does, by touch where something is
 * touched. Every wait is for something the page shows; one that does not come fails after `patience`.
 */
export class SignerPhone {
  readonly page: Page;
  #patience: number;

  private constructor(page: Page, patience: number) {
    this.page = page;
    this.#patience = patience;
  }

  /**
   * @param link as it stands in the SMS
   * @param patience longest wait for anything the page is to show, milliseconds
   */
  static async open(browser: Browser, link: string, { scale = 2, patience = 30_000 } = {}): Promise<SignerPhone> {
    const page = await phonePage(browser, scale);
    await page.goto(link);
    return new SignerPhone(page, patience);
  }

  /** Waits until the page shows this view. */
  async view(name: View): Promise<void> {
    await this.page.waitForSelector(`#view[data-view="${name}"]`, { timeout: this.#patience });
  }

  /** Waits until an expression holds in the page. */
  async until(expression: string): Promise<void> {
    await this.page.waitForFunction(expression, { timeout: this.#patience });
  }

  /** Waits until the page says this anywhere. */
  says(text: string): Promise<void> {
    return this.until(`document.querySelector("main").textContent.includes(${JSON.stringify(text)})`);
  }

  /** All that the view says, white space folded. */
  async text(selector = "#view"): Promise<string> {
    const text = String(await this.page.evaluate(`document.querySelector(${JSON.stringify(selector)}).textContent`));
    return text.replace(/\s+/g, " ").trim();
  }

  /** Touches a control where a finger would, clear of the bar over the lower edge. */
  async tap(selector: string): Promise<void> {
    await this.page.waitForSelector(selector, { visible: true, timeout: this.#patience });
    await this.page.evaluate(`document.querySelector(${JSON.stringify(selector)}).scrollIntoView({ block: "center" })`);
    await this.page.tap(selector);
  }

  /** Types into a field that may hold something. */
  async type(selector: string, text: string): Promise<void> {
    await this.page.waitForSelector(selector, { visible: true, timeout: this.#patience });
    await this.page.evaluate(`document.querySelector(${JSON.stringify(selector)}).value = ""`);
    await this.page.type(selector, text);
  }

  /** Pages through the agreement to its end, a screen at a time. */
  async read(): Promise<void> {
    await this.view("agreement");
    await this.page.evaluate(`new Promise((done) => {
      (function turn() {
        if (document.querySelector("#agreement-end.is-reached")) return done();
        window.scrollBy(0, window.innerHeight / 2);
        window.requestAnimationFrame(turn);
      })();
    })`);
  }

  /** Ticks the key clauses one by one and the consent. */
  async acknowledge(): Promise<void> {
    const clauses = await this.page.$$eval("[id^=clause-]", (boxes) => boxes.map((box) => box.id));
    for (const id of [...clauses, "consent"]) {
      await this.tap(`#${id}`);
      await this.until(`document.getElementById(${JSON.stringify(id)}).checked`);
    }
  }

  /** Asks for the code; resolves when the page says that one is on its way. */
  async askForCode(): Promise<void> {
    await this.tap("#ask-code");
    await this.until(`/秒后重发/.test(document.querySelector("#ask-code").textContent)`);
  }

  /** Waits until nothing is missing any more (the reading time too). */
  ready(): Promise<void> {
    return this.until(`!document.querySelector("#sign").classList.contains("is-waiting")`);
  }

  /** The signature alone, once `ready`; resolves with the tap, not with its outcome. */
  async sign(): Promise<void> {
    await this.page.tap("#sign");
  }

  /** Types in what is on the bank statement and submits it; resolves with the tap. */
  async answer(amount: string, remark: string): Promise<void> {
    await this.view("remittance");
    await this.type("#amount", amount);
    await this.type("#remark", remark);
    await this.tap("#submit-answer");
  }

  /** Taps the download button and waits for the file. */
  async download(): Promise<Buffer> {
    const folder = await mkdtemp(join(tmpdir(), "esign-download-"));
    const session = await this.page.browser().target().createCDPSession();
    try {
      const browserContextId = this.page.browserContext().id;
      await session.send("Browser.setDownloadBehavior", { behavior: "allowAndName", downloadPath: folder, eventsEnabled: true, ...(browserContextId && { browserContextId }) });
      const arrived = new Promise<string>((resolve, reject) => {
        session.on("Browser.downloadProgress", ({ guid, state }) => {
          if (state === "completed") resolve(guid);
          if (state === "canceled") reject(new Error("the download was cancelled"));
        });
      });
      const tooLate = once(AbortSignal.timeout(this.#patience), "abort").then(() => Promise.reject(new Error("no file was downloaded")));
      await this.tap("#download");
      return await readFile(join(folder, await Promise.race([arrived, tooLate])));
    } finally {
      await session.detach();
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Puts the phone away. */
  async close(): Promise<void> {
    await this.page.browserContext().close();
  }
}

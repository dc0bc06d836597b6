import type { Page } from "puppeteer-core";
import { Explained } from "../explained.ts";
import type { LaunchedBrowser } from "./launch.ts";

/** One browser with its pages. It goes from use to retired (no new work) to gone. */
export interface Press {
  print(html: string): Promise<Buffer>;
  readonly connected: boolean;
  /** PDFs begun so far. */
  readonly begun: number;
  /** Calls back once when the browser goes away by itself. */
  onLost(listener: () => void): void;
  /** Lets running prints end, then closes. */
  retire(): Promise<void>;
  /** Ends the browser now; running prints fail. */
  destroy(): Promise<void>;
}

/**
 * @param launched a fresh browser, owned from here on
 * @param size pages that print at the same time; callers must not ask for more
 * @param timeoutMs longest one print may take
 */
export async function openPress(launched: LaunchedBrowser, size: number, timeoutMs: number): Promise<Press> {
  const { browser } = launched;
  let begun = 0;
  let running = 0;
  let gone: Promise<void> | null = null;
  let idleNow: (() => void) | null = null;

  const close = (how: () => Promise<void>) => (gone ??= how().catch(() => undefined).then(launched.cleanUp));
  const destroy = () =>
    close(async () => {
      browser.process()?.kill("SIGKILL");
      await browser.close();
    });

  let idle: Page[];
  try {
    idle = await Promise.all(Array.from({ length: size }, () => browser.newPage().then((page) => harden(page, timeoutMs))));
  } catch (error) {
    await destroy();
    throw error;
  }

  return {
    get connected() {
      return browser.connected;
    },
    get begun() {
      return begun;
    },
    async print(html) {
      const page = idle.pop();
      if (!page) throw new Error("more prints at a time than pages");
      begun += 1;
      running += 1;
      let usable = true;
      try {
        return await printOn(page, html);
      } catch (error) {
        usable = error instanceof MalformedDocument;
        throw error;
      } finally {
        if (usable) idle.push(page);
        running -= 1;
        if (running === 0) idleNow?.();
      }
    },
    onLost(listener) {
      browser.once("disconnected", () => {
        if (gone) return;
        void close(() => browser.close());
        listener();
      });
    },
    async retire() {
      if (running > 0) await new Promise<void>((resolve) => (idleNow = resolve));
      await close(() => browser.close());
    },
    destroy,
  };
}

/** A page that runs nothing and loads nothing, whatever the template says. */
async function harden(page: Page, timeoutMs: number): Promise<Page> {
  page.setDefaultTimeout(timeoutMs);
  await page.setJavaScriptEnabled(false);
  await page.setRequestInterception(true);
  page.on("request", (request) => void request.abort("blockedbyclient").catch(() => undefined));
  return page;
}

async function printOn(page: Page, html: string): Promise<Buffer> {
  await page.setContent(html, { waitUntil: "load" });
  // An unclosed comment or element of the agreement would swallow what follows it: the signature page must have arrived.
  const whole = await page.evaluate(
    `document.body.children.length === 2 && document.body.lastElementChild.className === "signature-page"`,
  );
  if (!whole) throw new MalformedDocument();
  // Without tags and outline Chromium writes the same bytes each time, but for the two dates.
  return Buffer.from(await page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: false, outline: false }));
}

/** The document came apart in the browser; printing it again would not help. */
export class MalformedDocument extends Explained {
  constructor() {
    super("TEMPLATE_BROKEN", "the agreement's markup swallows the signature page");
  }
}

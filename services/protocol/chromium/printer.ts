import { faultOf } from "../../../mixins/fault.ts";
import type { LaunchedBrowser } from "./launch.ts";
import { MalformedDocument, openPress, type Press } from "./press.ts";

export interface Printer {
  /** Starts the browser in the background if there is none; never fails. */
  warm(): void;
  /** A4 PDF of a whole document; waits for a browser and for a free page. */
  print(html: string): Promise<Buffer>;
  /** True while a browser is ready to print. */
  isUp(): boolean;
  /** Lets running prints end and closes the browser; prints asked for later fail. */
  close(): Promise<void>;
}
export interface PrinterOptions {
  launch: () => Promise<LaunchedBrowser>;
  logger: Record<"info" | "warn" | "error", (message: string, facts?: object) => void>;
  /** Pages that print at the same time. Two keep two cores busy. */
  pages: number;
  /** A browser is replaced after so many PDFs, before its memory grows. */
  recycleAfter: number;
  /** Longest one print may take, milliseconds. */
  timeoutMs: number;
}

/**
 * Prints with one browser at a time. A browser that dies or hangs is replaced and its prints are done once more; a second
 * failure is the caller's to retry.
 */
export function createPrinter(options: PrinterOptions): Printer {
  let current: Promise<Press> | null = null;
  let ready: Press | null = null;
  let closed = false;
  let free = options.pages;
  const waiting: (() => void)[] = [];
  const retiring = new Set<Promise<void>>();

  async function open(): Promise<Press> {
    const press = await openPress(await options.launch(), options.pages, options.timeoutMs);
    ready = press;
    press.onLost(() => {
      options.logger.warn("the printing browser is gone, starting another");
      forget(press);
      warm();
    });
    options.logger.info("the printing browser is ready");
    return press;
  }

  function press(): Promise<Press> {
    if (closed) return Promise.reject(new Error("the printer is closed"));
    if (ready && ready.begun >= options.recycleAfter) {
      const worn = ready;
      forget(worn);
      const end = worn.retire().finally(() => retiring.delete(end));
      retiring.add(end);
    }
    if (!current) {
      const opening = open();
      current = opening;
      opening.catch(() => {
        if (current === opening) current = null;
      });
    }
    return current;
  }

  function forget(press: Press): void {
    if (ready !== press) return;
    ready = null;
    current = null;
  }

  function warm(): void {
    if (closed) return;
    press().catch((error: Error) => options.logger.error(`the printing browser does not start: ${error.message}`, { alert: "CHROMIUM_DOWN" }));
  }

  async function attempt(html: string): Promise<Buffer> {
    const used = await press();
    try {
      return await used.print(html);
    } catch (error) {
      if (!(error instanceof MalformedDocument)) {
        forget(used);
        await used.destroy();
      }
      throw error;
    }
  }

  async function takeTurn(): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function giveTurn(): void {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  return {
    warm,
    async print(html) {
      await takeTurn();
      try {
        return await attempt(html).catch((error: Error) => {
          if (error instanceof MalformedDocument || closed) throw error;
          // Not the message: it could quote the agreement.
          options.logger.warn("a print failed and is done again", { fault: faultOf(error) });
          return attempt(html);
        });
      } finally {
        giveTurn();
      }
    },
    isUp: () => ready?.connected ?? false,
    async close() {
      closed = true;
      const last = await current?.catch(() => null);
      await last?.retire();
      await Promise.all(retiring);
    },
  };
}

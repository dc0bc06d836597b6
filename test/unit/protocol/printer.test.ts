import { EventEmitter } from "node:events";
import type { Browser } from "puppeteer-core";
import type { LaunchedBrowser } from "../../../services/protocol/chromium/launch.ts";
import { createPrinter, type Printer } from "../../../services/protocol/chromium/printer.ts";

/** How a print ends: with the document's own text, by a crash of the browser, or apart in the browser. */
type Fate = "ok" | "crash" | "malformed";

class FakeBrowser extends EventEmitter {
  connected = true;
  cleaned = false;
  readonly prints: string[] = [];
  readonly #print: (html: string) => Promise<Fate>;
  constructor(print: (html: string) => Promise<Fate>) {
    super();
    this.#print = print;
  }
  async newPage() {
    let html = "";
    let fate: Fate = "ok";
    return {
      setDefaultTimeout() {},
      async setJavaScriptEnabled() {},
      async setRequestInterception() {},
      on() {},
      setContent: async (text: string) => {
        html = text;
        this.prints.push(text);
        fate = await this.#print(text);
      },
      evaluate: async () => fate !== "malformed",
      pdf: async () => {
        if (fate === "crash") this.die();
        if (!this.connected) throw new Error("the browser is gone");
        return Buffer.from(html);
      },
    };
  }
  process() {
    return { kill: () => this.die() };
  }
  async close() {
    this.die();
  }
  die(): void {
    if (!this.connected) return;
    this.connected = false;
    this.emit("disconnected");
  }
}

let browsers: FakeBrowser[];
let fates: Fate[];
let printer: Printer;
let errors: string[];
/** Prints wait here when a test wants them to overlap. */
let gate: Promise<void>;
let failures: number;

const launch = async (): Promise<LaunchedBrowser> => {
  if (failures-- > 0) throw new Error("no browser today");
  const browser = new FakeBrowser(async () => {
    await gate;
    return fates.shift() ?? "ok";
  });
  browsers.push(browser);
  return { browser: browser as unknown as Browser, cleanUp: async () => void (browser.cleaned = true) };
};
const logger = { info() {}, warn() {}, error: (message: string) => void errors.push(message) };

beforeEach(() => {
  [browsers, fates, errors, gate, failures] = [[], [], [], Promise.resolve(), 0];
  printer = createPrinter({ launch, logger, pages: 2, recycleAfter: 3, timeoutMs: 1_000 });
});
afterEach(() => printer.close());

const print = async (text: string) => (await printer.print(text)).toString();

test("the first print waits for the browser and the next ones share it", async () => {
  expect(printer.isUp()).toBe(false);
  expect(await Promise.all(["a", "b"].map(print))).toEqual(["a", "b"]);
  expect(printer.isUp()).toBe(true);
  expect(browsers).toHaveLength(1);
});

test("no more prints run at a time than there are pages, and all get done in order", async () => {
  let open = () => {};
  await print("warm-up");
  gate = new Promise((resolve) => (open = resolve));
  const all = Promise.all(["1", "2", "3", "4"].map(print));
  await new Promise(setImmediate);
  expect(browsers[0]!.prints).toEqual(["warm-up", "1", "2"]);
  open();
  expect(await all).toEqual(["1", "2", "3", "4"]);
});

test("a browser that dies at work is replaced and its prints are done again", async () => {
  fates = ["crash"];
  expect(await print("a")).toBe("a");
  expect(browsers.map((browser) => browser.prints)).toEqual([["a"], ["a"]]);
  expect(browsers[0]!.cleaned).toBe(true);
});

test("a print that fails twice is the caller's to retry", async () => {
  fates = ["crash", "crash"];
  await expect(print("a")).rejects.toThrow();
  expect(await print("b")).toBe("b");
});

test("a browser that dies at rest is replaced before anybody asks", async () => {
  await print("a");
  browsers[0]!.die();
  await new Promise(setImmediate);
  expect(browsers).toHaveLength(2);
  expect(printer.isUp()).toBe(true);
  expect(browsers[0]!.cleaned).toBe(true);
});

test("a browser is replaced after its share of prints, and its running print ends first", async () => {
  let open = () => {};
  await print("1");
  await print("2");
  gate = new Promise((resolve) => (open = resolve));
  const third = print("3");
  await new Promise(setImmediate);
  const fourth = print("4");
  open();
  expect(await Promise.all([third, fourth])).toEqual(["3", "4"]);
  expect(browsers.map((browser) => browser.prints)).toEqual([["1", "2", "3"], ["4"]]);
  await printer.close();
  expect(browsers.map((browser) => browser.cleaned)).toEqual([true, true]);
});

test("a document that comes apart is refused at once, and the browser goes on", async () => {
  fates = ["malformed"];
  await expect(print("a")).rejects.toThrow("swallows the signature page");
  expect(await Promise.all(["b", "c"].map(print))).toEqual(["b", "c"]);
  expect(browsers).toHaveLength(1);
});

test("a browser that does not start is said so, and tried again with the next print", async () => {
  failures = 1;
  printer.warm();
  await new Promise(setImmediate);
  expect(errors).toEqual(["the printing browser does not start: no browser today"]);
  expect(printer.isUp()).toBe(false);
  expect(await print("a")).toBe("a");
});

test("closing lets the running print end and refuses what comes later", async () => {
  let open = () => {};
  await print("a");
  gate = new Promise((resolve) => (open = resolve));
  const running = print("b");
  await new Promise(setImmediate);
  const closing = printer.close();
  open();
  expect(await running).toBe("b");
  await closing;
  expect(browsers[0]).toMatchObject({ connected: false, cleaned: true });
  await expect(print("c")).rejects.toThrow("closed");
});

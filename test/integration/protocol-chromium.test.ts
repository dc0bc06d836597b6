import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PDF } from "@libpdf/core";
import { launchBrowser, type LaunchedBrowser } from "../../services/protocol/chromium/launch.ts";
import { createPrinter, type Printer } from "../../services/protocol/chromium/printer.ts";
import { sharedFolder } from "../../services/protocol/chromium/shared-folder.ts";
import { unpackChromium } from "../../services/protocol/chromium/unpack.ts";
import { printAgreement, type PrintJob } from "../../services/protocol/print.ts";
import { until } from "../until.ts";

const logger = { info() {}, warn() {}, error() {} };
const job = (change: Partial<PrintJob> = {}): PrintJob => ({
  html: '<h1>天财分账业务授权协议</h1><h2>第一条　定义</h2><p>正文。</p><section data-key-clause="scope"><p>重点。</p></section>',
  protocolId: "PROTO_20261124ABC",
  protocolName: "天财分账业务授权协议",
  protocolHash: "a".repeat(64),
  sm3: "b".repeat(64),
  signedAt: new Date("2026-11-24T07:30:00Z"),
  lines: [{ label: "签署人", value: "张三" }],
  ...change,
});

let home: string;
let launched: LaunchedBrowser[];
const launch = async () => {
  const one = await launchBrowser({ workDir: join(home, "browser"), timeoutMs: 20_000 });
  launched.push(one);
  return one;
};
let printers: Printer[];
const newPrinter = (timeoutMs = 20_000): Printer => {
  const printer = createPrinter({ launch, logger, pages: 2, recycleAfter: 1_000, timeoutMs });
  printers.push(printer);
  return printer;
};
const profiles = () => readdirSync(join(home, "browser")).filter((name) => name.startsWith("profile-"));
const textOf = async (pdf: Buffer) => (await PDF.load(pdf)).getPages().map((page) => page.extractText().text);

jest.setTimeout(60_000);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "esign-chromium-test-"));
  launched = [];
  printers = [];
});
afterEach(async () => {
  await Promise.all(printers.map((printer) => printer.close()));
  rmSync(home, { recursive: true, force: true });
});

test("an agreement prints on A4 with its signature page last, numbered pages and the same bytes after a restart", async () => {
  const first = newPrinter();
  const pdf = await printAgreement(first, job());
  await first.close();
  const second = newPrinter();
  const [again, elsewhere] = await Promise.all([printAgreement(second, job()), printAgreement(second, job())]);
  await second.close();
  expect(again.equals(pdf)).toBe(true);
  expect(elsewhere.equals(pdf)).toBe(true);
  const [body, signature, ...more] = await textOf(pdf);
  expect(more).toEqual([]);
  expect(body).toContain("重点条款");
  expect(body!.replace(/\s+/g, "")).toContain("第1页/共2页");
  expect(signature).toContain("电子签名页");
  expect(signature).toContain("b".repeat(64));
  expect(profiles()).toEqual([]);
});

describe("a hostile template", () => {
  let server: Server;
  let hits: string[];
  let origin: string;
  beforeEach(async () => {
    hits = [];
    server = createServer((req, res) => {
      hits.push(req.url!);
      res.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.close());

  test("reaches no address, runs nothing and styles nothing", async () => {
    const printer = newPrinter();
    const html = `<h1>协议</h1><img src="${origin}/img"><link rel="stylesheet" href="${origin}/css"><script src="${origin}/js"></script>
      <script>fetch("${origin}/fetch");document.body.textContent="脚本改写"</script><iframe src="${origin}/frame"></iframe>
      <style>@import "${origin}/import"; .clause{display:none}</style><object data="${origin}/object"></object><video src="${origin}/video"></video>
      <link rel="prefetch" href="${origin}/prefetch"><link rel="dns-prefetch" href="//leak.example"><form action="${origin}/form"><input autofocus></form>
      <p class="clause" style="display:none;background:url(${origin}/bg)">不能隐藏的条款</p><img src="http://localhost:${new URL(origin).port}/name" onerror="fetch('${origin}/on')">
      <iframe srcdoc="<img src='${origin}/srcdoc'>"></iframe><svg><image href="${origin}/svg"/></svg>`;
    const pdf = await printAgreement(printer, job({ html }));
    await printer.close();
    expect(hits).toEqual([]);
    const text = (await textOf(pdf)).join("");
    expect(text).toContain("不能隐藏的条款");
    expect(text).not.toContain("脚本改写");
  });

  test("that sends the page elsewhere reaches nothing, and the next agreement prints as ever", async () => {
    const printer = newPrinter();
    await printAgreement(printer, job({ html: `<meta http-equiv="refresh" content="0;url=${origin}/refresh"><p>跳转</p>` })).catch(() => undefined);
    const next = await Promise.all([1, 2, 3].map(() => printAgreement(printer, job())));
    await printer.close();
    expect(hits).toEqual([]);
    for (const pdf of next) expect((await textOf(pdf)).at(-1)).toContain("电子签名页");
  });

  test.each([
    ["an open comment", "<p>正文</p><!-- "],
    ["an open template", "<p>正文</p><template>"],
    ["an open text field", "<p>正文</p><textarea>"],
    ["a main that it closes itself", "<p>正文</p></main><p>以外</p>"],
  ])("with %s cannot swallow the signature page", async (_, html) => {
    const printer = newPrinter();
    await expect(printAgreement(printer, job({ html }))).rejects.toMatchObject({ alert: "TEMPLATE_BROKEN" });
    expect((await textOf(await printAgreement(printer, job()))).at(-1)).toContain("电子签名页");
    await printer.close();
  });
});

test.each([
  ["a file that may not be executed", () => { const file = join(home, "not-executable"); writeFileSync(file, "#!/bin/sh\n", { mode: 0o644 }); return file; }],
  ["a folder", () => home],
])("%s in the browser's place fails the launch and nothing else", async (_what, executable) => {
  await expect(launchBrowser({ executable: executable(), workDir: join(home, "none"), timeoutMs: 20_000 })).rejects.toThrow();
});

test("a browser that is killed at work is replaced and the print is done again", async () => {
  const printer = newPrinter();
  const expected = await printAgreement(printer, job());
  const printing = Promise.all([1, 2, 3, 4].map(() => printAgreement(printer, job())));
  launched[0]!.browser.process()!.kill("SIGKILL");
  for (const pdf of await printing) expect(pdf.equals(expected)).toBe(true);
  expect(launched).toHaveLength(2);
  await printer.close();
  expect(profiles()).toEqual([]);
});

test("a browser that hangs is ended and the print is done again", async () => {
  const printer = newPrinter(3_000);
  const expected = await printAgreement(printer, job());
  launched[0]!.browser.process()!.kill("SIGSTOP");
  expect((await printAgreement(printer, job())).equals(expected)).toBe(true);
  expect(launched).toHaveLength(2);
  await printer.close();
});

test("a browser does not outlive a platform that was killed, and its profile is cleared away by the next start", async () => {
  const workDir = join(home, "browser");
  const owner = spawn(process.execPath, [resolve(__dirname, "protocol-browser-owner.ts"), workDir], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(owner.stdout, "data")) as [Buffer];
  const exited = once(owner, "exit");
  owner.kill("SIGKILL");
  await exited;
  const pid = Number(line.toString());
  expect(pid).toBeGreaterThan(0);
  await until("the browser is gone", () => !isRunning(pid));
  expect(profiles()).toHaveLength(1);
  const printer = newPrinter();
  await printAgreement(printer, job());
  expect(profiles()).toHaveLength(1);
  expect(profiles()[0]).toContain(`profile-${process.pid}-`);
  await printer.close();
});

/** A process whose parent is gone may stay as a zombie; it runs no more. */
function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]![0] !== "Z";
  } catch {
    return false;
  }
}

describe("unpacking", () => {
  test("platforms that start at once share one whole copy, and one that lost a file is unpacked anew", async () => {
    const folder = await sharedFolder(join(home, "shared"));
    const all = await Promise.all([unpackChromium(folder), unpackChromium(folder)]);
    expect(new Set(all.map((files) => files.executable)).size).toBe(1);
    expect(readdirSync(folder)).toHaveLength(1);
    rmSync(join(all[0]!.libraries!, "libnss3.so"));
    await unpackChromium(folder);
    expect(readdirSync(all[0]!.libraries!)).toContain("libnss3.so");
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("a folder that others may write to is not trusted", async () => {
    const folder = join(home, "open");
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    await expect(sharedFolder(folder)).rejects.toThrow("only this user can write to");
  });
});

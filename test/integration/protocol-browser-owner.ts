import { launchBrowser } from "../../services/protocol/chromium/launch.ts";

/** Run as a process of its own by protocol-chromium.test.ts: owns a browser, says its pid and waits to be killed. */
const { browser } = await launchBrowser({ workDir: process.argv[2]!, timeoutMs: 15_000 });
await browser.newPage();
process.stdout.write(`${browser.process()!.pid}\n`);

/**
 * `npm run demo`: starts the platform, signs once by every flow of the table with a real browser as the signer, leaves the sealed
 * agreements, evidence bundles, pictures and callbacks in ./demo-output and verifies them. Exit code 0 only when all is right.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { hostEnvironment } from "../config/host.ts";
import { FLOWS } from "./demo/flows.ts";
import { launchBrowser } from "./demo/phone-browser.ts";
import { startPlatformChild, type PlatformChild } from "./demo/platform-child.ts";
import { sandboxPicture } from "./demo/sandbox-picture.ts";
import { signOne } from "./demo/sign-one.ts";

const output = resolve("demo-output");
let platform: PlatformChild | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void (platform?.stop() ?? Promise.resolve()).finally(() => process.exit(1)));
process.exitCode = await demo().catch((error: Error) => {
  console.error(`✗ ${error.message}`);
  return 1;
});

async function demo(): Promise<number> {
  const begun = performance.now();
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  console.log("正在启动平台和签署人的手机浏览器（首次需解压 Chromium，约几秒）…");
  // Shorter than in earnest, so that nobody has to watch a countdown.
  platform = await startPlatformChild(output, { READ_SECONDS: "3s" });
  let failures: number;
  try {
    console.log(`  ✓ 平台已启动：${platform.url}`);
    failures = await signAll(platform);
  } finally {
    await platform.stop();
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(`\n结果在 ${relative(".", output)}/：已签署的协议、证据包、各步截图、钱包收到的通知、平台日志`);
  console.log(failures ? `有 ${failures} 个流程没有走通（共 ${FLOWS.length} 个，${seconds} 秒）` : `全部 ${FLOWS.length} 个流程走通并核验成立（${seconds} 秒）`);
  return failures ? 1 : 0;
}

/** @returns how many flows failed */
async function signAll(on: PlatformChild): Promise<number> {
  const browser = await launchBrowser(hostEnvironment()["CHROMIUM_PATH"]);
  let failures = 0;
  try {
    for (const flow of FLOWS) {
      console.log(`\n${flow.title}`);
      const folder = join(output, flow.name);
      try {
        const started = await signOne(flow, on, browser, folder);
        await sandboxPicture(browser, on.url, started, join(folder, "sandbox.png"));
      } catch (error) {
        failures += 1;
        console.error(`  ✗ ${(error as Error).message}`);
      }
    }
  } finally {
    await browser.close();
  }
  return failures;
}

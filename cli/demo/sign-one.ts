import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import type { Browser } from "puppeteer-core";
import { printed } from "../verify/output.ts";
import { readRoots } from "../verify/trust.ts";
import { verifyBundle } from "../verify/verify-bundle.ts";
import { eventually } from "./eventually.ts";
import type { Flow, Step } from "./flows.ts";
import { outside, type Started, type WalletCall } from "./outside.ts";
import { SignerPhone } from "./phone.ts";
import type { PlatformChild } from "./platform-child.ts";

/** A picture is for people to look at: one pixel a CSS pixel, 360 wide. */
const SCALE = 1;

/**
 * Drives one signing of a flow from the wallet's call to its callback and leaves everything it yields in `folder`.
 * @returns what was started
 * @throws Error at the first thing that is not as it should be
 */
export async function signOne(flow: Flow, platform: PlatformChild, browser: Browser, folder: string): Promise<Started> {
  mkdirSync(folder, { recursive: true });
  const keep = (name: string, bytes: string | Buffer): void => writeFileSync(join(folder, name), bytes);
  const systems = outside(platform.url);
  let phone: SignerPhone | undefined;
  let pictures = 0;
  const step: Step = async (title, name, act) => {
    const begun = performance.now();
    let note: string | void;
    try {
      note = await act();
    } catch (error) {
      console.log(`  ✗ ${title}`);
      await phone?.page.screenshot({ path: join(folder, "where-it-failed.png") });
      throw error;
    }
    console.log(`  ✓ ${title}${note ? `：${note}` : ""}（${((performance.now() - begun) / 1000).toFixed(1)} 秒）`);
    if (!phone || !name) return;
    pictures += 1;
    keep(`${String(pictures).padStart(2, "0")}-${name}.png`, Buffer.from(await phone.page.screenshot()));
  };

  try {
    const started = await systems.start(flow);
    console.log(`  ✓ 行业钱包发起签约：${started.processId}`);
    const { link } = await systems.invitation(started);
    console.log("  ✓ 签约短信到达签署人手机");
    phone = await SignerPhone.open(browser, link!, { scale: SCALE });
    const signer = phone;

    await step("打开短信中的链接", "opened", () => signer.view("agreement"));
    await step("读完协议", "read", () => signer.read());
    await step("逐条确认重点条款，确认意愿", "acknowledged", () => signer.acknowledge());
    await step("获取并填写短信验证码", "code", async () => {
      await signer.askForCode();
      await signer.type("#sms-code", await systems.code(started));
    });
    await step("满足阅读时间，签署", "", async () => {
      await signer.ready();
      await signer.sign();
      await signer.until(`document.querySelector("#view").dataset.view !== "agreement"`);
    });
    await flow.verify({ phone: signer, outside: systems, started, step });
    let pdf: Buffer = Buffer.alloc(0);
    await step("下载已签署的协议", "downloaded", async () => {
      pdf = await signer.download();
      keep("agreement.pdf", pdf);
      return `${(pdf.length / 1024).toFixed(0)} kB`;
    });
    await phone.close();
    phone = undefined;

    await step("平台状态 COMPLETED", "", async () => void (await eventually("COMPLETED", async () => (await systems.status(started)) === "COMPLETED")));
    let call!: WalletCall;
    await step("行业钱包收到结果通知并验签", "", async () => {
      call = await systems.callback(started);
      keep("wallet-callback.json", `${JSON.stringify(call, null, 2)}\n`);
      if (!call.signature.valid) throw new Error(`结果通知的签名不成立：${call.signature.reason}`);
      if (call.body.payload.status !== "COMPLETED") throw new Error(`结果通知说的是 ${call.body.payload.status}`);
      return `${call.body.type}，${call.signature.reason}`;
    });
    await step("证据包离线核验", "", async () => {
      const bundle = await systems.bundle(started);
      keep("evidence.zip", bundle);
      const verdict = verifyBundle(bundle, { roots: readRoots(join(platform.dataDir, "keys", "seal-root.pem")) });
      console.log(printed("evidence.zip", verdict, []).replace(/^/gm, "      "));
      if (!verdict.ok) throw new Error("证据包核验不成立");
      if (createHash("sha256").update(pdf).digest("hex") !== verdict.facts.pdfSha256) throw new Error("下载的协议不是封签的那一份");
      if (!hashesOf(bundle).includes(call.body.evidence.chainHead)) throw new Error("结果通知中的链头不在证据链上");
      return `成立；下载的协议即封签的那一份，结果通知中的链头在证据链上`;
    });
    return started;
  } finally {
    await phone?.close();
  }
}

/** The hashes of a bundle's events. */
function hashesOf(bundle: Buffer): string[] {
  const { events } = JSON.parse(strFromU8(unzipSync(bundle)["evidence.json"]!)) as { events: { hash: string }[] };
  return events.map(({ hash }) => hash);
}

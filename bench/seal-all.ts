import { PDF } from "@libpdf/core";
import type { ServiceBroker } from "moleculer";
import { config } from "../config/index.ts";
import type { Printer } from "../services/protocol/chromium/printer.ts";
import { printAgreement } from "../services/protocol/print.ts";
import type { MarkSignedParams, PdfFile, SealParams, Shown } from "../services/protocol/protocol.api.ts";
import { loadSeal } from "../services/protocol/seal-identity.ts";
import { sealPdf } from "../services/protocol/seal.ts";
import type { Agreement } from "./platform.ts";

/** As many and as long lines as the signature page of a real signing has. */
const SIGNATURE_PAGE = [
  ["甲方", "北京天财餐饮有限公司（总部）"],
  ["乙方（签署方）", "上海天财门店"],
  ["签署人", "张三"],
  ["签署人身份证号", "110101199001011234"],
  ["签署人手机号", "13800138000"],
  ["签约流程编号", "ESIGN_PROC_20261124AAAAAAAAAAAAA"],
  ["协议展示时间", "2026年11月24日 15:24:51（北京时间）"],
  ["签署时间", "2026年11月24日 15:25:08（北京时间）"],
  ["阅读时长", "17 秒，已阅读至末尾并逐项确认 6 条重点条款"],
  ["签署方式", "短信验证码确认签署"],
  ["验证码短信编号", "CODE_ESIGN_PROC_20261124AAAAAAAAAAAAA_1"],
  ["签署网络地址（IP）", "203.0.113.25"],
  ["签署设备", "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"],
  ["身份认证方式", "打款验证"],
  ["认证编号", "VERIFY_20261124AAAAAAAAAAAAAAAAA"],
  ["认证通过时间", "2026年11月24日 15:27:31（北京时间）"],
].map(([label, value]) => ({ label: label!, value: value! }));
const SIGNED_AT = "2026-11-24T07:25:08Z";
const CALL = { timeout: 60_000 };

export interface SealedAll {
  sealed: number;
  seconds: number;
  pages: number;
}

/**
 * Signs, prints, seals and stores each agreement through the protocol service, `parallel` at once; only the sealing is timed.
 * @throws whatever the service refuses
 */
export async function sealAll(broker: ServiceBroker, agreements: Agreement[], parallel: number): Promise<SealedAll> {
  for (const agreement of agreements) {
    const signed: MarkSignedParams = { ...agreement, signedAt: SIGNED_AT, signIp: "127.0.0.1", signUserAgent: "bench" };
    await broker.call("protocol.markSigned", signed);
  }
  const seal = (agreement: Agreement) => broker.call<unknown, SealParams>("protocol.seal", { ...agreement, signaturePage: SIGNATURE_PAGE }, CALL);

  // The first ones wait for the browser and are not counted.
  const warming = agreements.slice(0, parallel);
  const waiting = agreements.slice(parallel);
  await Promise.all(warming.map(seal));
  const sealed = waiting.length;
  const begun = performance.now();
  const worker = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await seal(next);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const seconds = (performance.now() - begun) / 1000;

  const { base64 } = await broker.call<PdfFile, { protocolId: string }>("protocol.read", { protocolId: agreements[0]!.protocolId });
  const document = await PDF.load(Buffer.from(base64, "base64"));
  return { sealed, seconds, pages: document.getPages().length };
}

/**
 * Prints and seals a two-page document `count` times, `parallel` at once, with the protocol service's own browser and seal: the
 * first clauses of a real agreement on one page, the signature page on the other. Nothing is stored.
 */
export async function sealTwoPages(broker: ServiceBroker, { protocolId }: Agreement, count: number, parallel: number): Promise<SealedAll> {
  const { printer } = broker.getLocalService("protocol") as unknown as { printer: Printer };
  const shown = await broker.call<Shown, { protocolId: string }>("protocol.show", { protocolId });
  const html = shown.html.slice(0, shown.html.indexOf("<h2>", shown.html.indexOf("<h2>") + 1));
  const signedAt = new Date(SIGNED_AT);
  const identity = await loadSeal(config.sealKeyFile, config.sealCertFile, Date.now());
  const one = async () => sealPdf(await printAgreement(printer, { ...shown, html, lines: SIGNATURE_PAGE, signedAt }), identity, { reason: "bench", location: "bench", sealedAt: new Date() });

  const [sample] = await Promise.all(Array.from({ length: parallel * 4 }, one));
  let left = count;
  const begun = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const seconds = (performance.now() - begun) / 1000;
  const document = await PDF.load(sample!);
  return { sealed: count, seconds, pages: document.getPages().length };
}

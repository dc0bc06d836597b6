import { failure } from "../../contract/errors.ts";
import { readAgreement } from "./agreement.ts";
import type { Printer } from "./chromium/printer.ts";
import { printAgreement } from "./print.ts";
import type { Previewed, PreviewParams } from "./protocol.api.ts";

/** Words that a reader of the paper cannot miss. */
const WATERMARK = "预览，无法律效力";
const NUMBER = "预览";
/** Previews that wait for the one that is printed; whoever comes then is sent away. */
const MOST_WAITING = 4;

/** Prints previews one after the other, so that there is always a page left for a contract that is to be sealed. */
export class Previewer {
  readonly #printer: Printer;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(printer: Printer) {
    this.#printer = printer;
  }

  /**
   * @param now milliseconds; the dates of the PDF
   * @throws PARAM_INVALID for markup that is no agreement; SERVICE_UNAVAILABLE when too many wait or the browser is away
   */
  async preview({ html, protocolName, signaturePage, pdf }: PreviewParams, now: number): Promise<Previewed> {
    const { keyClauses, protocolHash, sm3 } = read(html);
    if (!pdf) return { keyClauses };
    const job = { html, protocolId: NUMBER, protocolName, protocolHash, sm3, lines: signaturePage, signedAt: new Date(now), watermark: WATERMARK };
    const bytes = await this.#inTurn(() => printAgreement(this.#printer, job));
    return { keyClauses, base64: bytes.toString("base64") };
  }

  async #inTurn(print: () => Promise<Buffer>): Promise<Buffer> {
    if (this.#waiting >= MOST_WAITING) throw failure("SERVICE_UNAVAILABLE", { retryAfter: 5 });
    this.#waiting += 1;
    const turn = this.#last.then(print);
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } catch {
      throw failure("SERVICE_UNAVAILABLE", { message: "暂时无法生成 PDF，请稍后重试", retryAfter: 5 });
    } finally {
      this.#waiting -= 1;
    }
  }
}

function read(html: string): ReturnType<typeof readAgreement> {
  try {
    return readAgreement(html);
  } catch {
    throw failure("PARAM_INVALID", { errors: [{ field: "content", message: "重点条款的编号缺失或重复" }] });
  }
}

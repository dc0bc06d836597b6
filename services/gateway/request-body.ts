import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { failure } from "../../contract/errors.ts";

/** CONTRACT.md §2.2: more is PAYLOAD_TOO_LARGE. */
export const BODY_LIMIT = 64 * 1024;
/** How much of a body that is too large is still read, so that the caller gets to see the answer. */
const DISCARD_LIMIT = 1024 * 1024;
const DEEPEST = 32;

/**
 * The body's bytes, not yet read as JSON: size and signature are judged first (CONTRACT.md §2.1).
 * @param limit bytes it may have
 * @throws PAYLOAD_TOO_LARGE; PARAM_INVALID when the caller goes away in the middle
 */
export function readBody(req: IncomingMessage, limit = BODY_LIMIT): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else if (size > limit + DISCARD_LIMIT) {
        req.pause();
        reject(failure("PAYLOAD_TOO_LARGE"));
      }
    });
    req.on("end", () => {
      if (size > limit) reject(failure("PAYLOAD_TOO_LARGE"));
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    // `close` comes after `end` as well: no error is made then, making one costs a tenth of a request.
    const gone = (): void => {
      if (!req.readableEnded) reject(failure("PARAM_INVALID", { message: "请求体未完整到达" }));
    };
    req.on("close", gone);
    req.on("error", gone);
  });
}

/**
 * The body as a JSON object; no body counts as `{}`.
 * @throws PARAM_INVALID for another content type or encoding, for malformed JSON and for anything that is not an object
 */
export function parseBody(req: IncomingMessage, raw: Buffer): Record<string, unknown> {
  if (raw.length === 0) return {};
  if (!isJsonType(req.headers["content-type"]) || (req.headers["content-encoding"] ?? "identity") !== "identity") {
    throw failure("PARAM_INVALID", { message: "请求体必须是 UTF-8 编码的 application/json" });
  }
  const body = isUtf8(raw) ? parse(raw.toString("utf8")) : undefined;
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw failure("PARAM_INVALID", { message: "请求体不是有效的 JSON 对象" });
  if (!isShallow(body, DEEPEST)) throw failure("PARAM_INVALID", { message: "请求体嵌套过深" });
  return body as Record<string, unknown>;
}

function isJsonType(type: string | undefined): boolean {
  const [media = "", ...parameters] = (type ?? "").toLowerCase().split(";");
  if (media.trim() !== "application/json") return false;
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("charset="));
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset);
}

/** JSON without `__proto__` members, which would become a prototype as soon as somebody copies the object; undefined when malformed. */
function parse(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    const mayHold = text.includes("__proto__") || text.includes("\\u");
    if (!mayHold || !isShallow(body, DEEPEST)) return body;
    return JSON.parse(text, (name, value) => (name === "__proto__" ? undefined : value));
  } catch {
    return undefined;
  }
}

function isShallow(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return left > 0 && Object.values(value).every((member) => isShallow(member, left - 1));
}

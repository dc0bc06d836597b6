import type { ServerResponse } from "node:http";
import type { Books } from "./books.ts";
import { faulty } from "./faults.ts";
import { handlerOf, type End, type RouteHandler } from "./http-exchange.ts";
import { operatorApi } from "./operator-api.ts";
import { pages } from "./pages.ts";
import { smsEnd, type SendReceipt } from "./sms-gateway.ts";
import { startEnd } from "./start-flow.ts";
import { verificationEnds } from "./verification-ends.ts";
import type { VerificationSystem } from "./verification-system.ts";
import { walletEnd } from "./wallet.ts";

export interface Parts {
  books: Books;
  system: VerificationSystem;
  sendReceipt: SendReceipt;
  callersFile: string;
  /** Address under which this process reaches itself. */
  host: string;
  /** Aborted when the sandbox stops. */
  closing: AbortSignal;
  /** Connections that are held without an answer. */
  held: Set<ServerResponse>;
}

/** `"GET a"` under `prefix` becomes `"GET prefix/a"`. */
const under = (prefix: string, ends: Record<string, End>): [string, End][] =>
  Object.entries(ends).map(([path, end]) => [path.replace(" ", ` ${prefix}/`).replace(/\/$/, ""), end]);

/** The one moleculer-web route of everything below `/sandbox`. */
export function sandboxRoute(parts: Parts) {
  const { books, system, closing } = parts;
  const ends: [string, End][] = [
    ...Object.entries(pages()),
    ...under("api", { ...operatorApi(books, system), "POST start": startEnd(parts.host, parts.callersFile) }),
    ["POST gateway/sms", faulty(books, "sms", closing, smsEnd(books, parts.sendReceipt))],
    ...under("gateway/api/v1/verification", verificationEnds(books, system)).map(
      ([path, end]): [string, End] => [path, faulty(books, "verification", closing, end)],
    ),
    ["POST gateway/wallet", faulty(books, "wallet", closing, walletEnd(books, parts.callersFile))],
  ];
  const aliases: Record<string, RouteHandler> = Object.fromEntries(ends.map(([path, end]) => [path, handlerOf(end, parts.held)]));
  return {
    name: "sandbox",
    path: "/sandbox",
    aliases,
    // Raw bytes: a webhook's signature covers them as they came.
    bodyParsers: { raw: { type: () => true, limit: "1mb", inflate: false } },
    mergeParams: false,
    mappingPolicy: "restrict",
    // The URL of the phone's messages holds a mobile, which no log may have.
    logging: false,
  };
}

import { sendAnswer } from "../services/gateway/envelope.ts";
import type { GatewayRequest, GatewayResponse } from "../services/gateway/exchange.ts";
import { parseBody, readBody } from "../services/gateway/request-body.ts";

export const NOOP_PATH = "/bench/noop";

/** Reads and parses the body like every POST of the gateway, and answers SUCCESS: what any call costs before it does anything. */
export const noopRoute = (): Record<string, unknown> => ({
  name: "bench",
  path: "/bench",
  bodyParsers: false,
  mappingPolicy: "restrict",
  mergeParams: false,
  logging: false,
  aliases: {
    "POST noop": (req: GatewayRequest, res: GatewayResponse, next: (error: unknown) => void) => {
      readBody(req)
        .then((raw) => sendAnswer(res, { message: "无操作", data: { members: Object.keys(parseBody(req, raw)).length } }))
        .catch(next);
    },
  },
});

import { performance } from "node:perf_hooks";
import type { Logger } from "moleculer";
import type { GatewayRequest, GatewayResponse } from "./exchange.ts";

/**
 * One line a request, when it is over. The route's pattern stands in place of the address, which may hold a token.
 */
export function logWhenOver(req: GatewayRequest, res: GatewayResponse, logger: Logger): void {
  const begun = performance.now();
  res.on("close", () => {
    logger.info("request", {
      method: req.method,
      route: req.$alias?.fullPath ?? req.$route?.path ?? "-",
      status: res.statusCode,
      ms: Math.round((performance.now() - begun) * 10) / 10,
      traceId: res.traceId,
      // The caller went away before the answer was out.
      ...(res.writableFinished ? undefined : { aborted: true }),
    });
  });
}

import { setTimeout as wait } from "node:timers/promises";
import type { Logger, Middleware, Service } from "moleculer";
import { ConfigProblems } from "../../config/index.ts";
import { faultOf } from "../fault.ts";

/** Between two tries at a database that does not answer, in milliseconds. */
const PAUSE_MS = 1_000;

/**
 * A middleware for a database that is another process and may be late: no service starts before the keys of FIELD_ENCRYPTION_KEY are
 * admitted, however long the database takes, and each try that fails is a line in the log. Only `open` ones start at once: the gateway,
 * which says meanwhile that the platform is not ready. Keys that are refused end the start.
 * @param admit lists what is wrong with the keys; rejects when the database cannot be had
 */
export function keyAdmission(admit: () => Promise<string[]>, open: readonly string[]): Middleware {
  let admitted: Promise<void> | undefined;
  return {
    name: "KeyAdmission",
    async serviceStarting(service: Service) {
      if (service.name.startsWith("$") || open.includes(service.name)) return;
      admitted ??= untilAdmitted(admit, service.broker.logger);
      await admitted;
    },
  };
}

async function untilAdmitted(admit: () => Promise<string[]>, logger: Logger): Promise<void> {
  for (;;) {
    try {
      const problems = await admit();
      if (problems.length) throw new ConfigProblems(problems);
      return;
    } catch (error) {
      if (error instanceof ConfigProblems) throw error;
      logger.error("the start waits for the database", { alert: "DATABASE_LOST", fault: faultOf(error) });
      await wait(PAUSE_MS);
    }
  }
}

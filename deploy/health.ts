/**
 * Is the node of this container well? Ends with 0 when it is, and says why not otherwise.
 * `node deploy/health.ts http://127.0.0.1:3000/health/live` asks a gateway, `node deploy/health.ts /data/health.json` reads what any
 * other node writes every three seconds (mixins/health-file.ts).
 */
import { readFileSync, statSync } from "node:fs";

const OLDEST_MS = 15_000;

async function problem(where: string): Promise<string | null> {
  if (/^https?:/.test(where)) return (await fetch(where, { signal: AbortSignal.timeout(3_000) })).ok ? null : "it refuses";
  const age = Date.now() - statSync(where).mtimeMs;
  if (age > OLDEST_MS) return `silent for ${Math.round(age / 1_000)} s`;
  const { bus, database } = JSON.parse(readFileSync(where, "utf8")) as { bus?: unknown; database?: unknown };
  const down = Object.entries({ bus, database }).filter(([, state]) => state !== "UP" && state !== "OFF");
  return down.length ? `${down.map(([part]) => part).join(" and ")} DOWN` : null;
}

const found = await problem(process.argv[2]!).catch((error: Error) => error.message);
if (found) process.stdout.write(`${found}\n`);
process.exit(found ? 1 : 0);

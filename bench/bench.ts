/**
 * `npm run bench [-- --json FILE] [-- --seconds N]`: what one platform process does on this machine, as ratios to a route that does
 * nothing (docs/benchmarks.md). Exit code 1 when any answer was not the right one.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { atRate, closedLoop, type Call, type Measured } from "./load.ts";
import { NOOP_PATH } from "./noop-route.ts";
import { Platform } from "./platform.ts";
import { Table } from "./table.ts";
import { initiateBodies } from "./requests.ts";
import { Signer, signingsPerSecond } from "./signings.ts";

const CONNECTIONS = [1, 32, 128];
const RATE = 200;
const SIGNERS = 8;
/** The printer keeps two pages; one more keeps it busy while the others are sealed and stored. */
const SEALERS = 3;
const PDFS_PER_SECOND = 20;

const { values: options } = parseArgs({ options: { json: { type: "string" }, seconds: { type: "string", default: "6" } } });
const seconds = Number(options.seconds);
if (!(seconds > 0)) throw new Error("--seconds expects a positive number");

const table = new Table();
const platform = await Platform.start();
let failures = 0;
try {
  const body = initiateBodies(platform.url);
  const noop: Call = { path: NOOP_PATH, body };
  const initiate: Call = { path: "/api/v1/esign/process/initiate", body };
  const loop = async (call: Call, connections: number): Promise<Measured & { cpu: number }> => {
    let cpu = 0;
    const measured = await closedLoop(platform.url, call, connections, seconds, async (part) => {
      const before = await platform.cpu();
      const result = await part();
      cpu = (await platform.cpu()) - before;
      return result;
    });
    failures += measured.failures;
    return { ...measured, cpu: cpu / measured.answers };
  };

  // Browser, caches and compiler are warm before anything is measured, as in a platform that has run for a while.
  await (await Signer.invite(platform.url)).complete();
  await closedLoop(platform.url, initiate, 32, Math.min(3, seconds));

  const byConnections = [];
  for (const connections of CONNECTIONS) {
    const base = await loop(noop, connections);
    const full = await loop(initiate, connections);
    const ratioToNoop = full.perSecond / base.perSecond;
    byConnections.push({ connections, perSecond: full.perSecond, p50: full.p50, p99: full.p99, ratioToNoop });
    table.row(`no-op, ${connections} connections`, base);
    table.row(`initiate, ${connections} connections`, full, ratioToNoop);
  }

  const steady = await atRate(platform.url, initiate, RATE, seconds * 1.5);
  failures += steady.failures;
  table.row(`initiate at ${RATE}/s`, steady);

  // The stand-ins list all they ever received; the bench is not about them.
  await fetch(`${platform.url}/sandbox/api`, { method: "DELETE" });
  const signings = await signingsPerSecond(platform.url, SIGNERS, seconds * 1.5);
  table.row(`whole signings, ${SIGNERS} at once`, { perSecond: signings });

  const agreements = [];
  for (let count = SEALERS + Math.ceil(PDFS_PER_SECOND * seconds); count > 0; count -= 1) {
    agreements.push((await (await Signer.invite(platform.url)).page()).protocol);
  }
  const real = await platform.sealAll(agreements, SEALERS);
  table.row(`sealed and stored PDFs of ${real.pages} pages, ${SEALERS} at once`, { perSecond: real.sealed / real.seconds });
  const short = await platform.sealTwoPages(agreements[0]!, Math.ceil(PDFS_PER_SECOND * seconds * 2), SEALERS);
  const sealedPdfPerSecond = short.sealed / short.seconds;
  table.row(`sealed PDFs of ${short.pages} pages, ${SEALERS} at once`, { perSecond: sealedPdfPerSecond });

  table.print();
  if (options.json) {
    const atFixedRate = { perSecond: RATE, p50: steady.p50, p99: steady.p99 };
    writeFileSync(options.json, `${JSON.stringify({ initiate: byConnections, atRate: atFixedRate, signingsPerSecond: signings, sealedPdfPerSecond }, null, 2)}\n`);
  }
} finally {
  await platform.stop();
}
if (failures > 0) {
  console.error(`${failures} answers were not 200 SUCCESS`);
  process.exitCode = 1;
}

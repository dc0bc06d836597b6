/**
 * `npm run bench:scale [-- --sizes 1000,1000000] [-- --operations query,sign] [-- --rounds N] [-- --keep DIR] [-- --engine mongo [--mongo URI]]
 * [-- --json FILE]`: what an operation costs in stores of so many processes (docs/scaling.md). The platforms run side by side and take
 * turns, so that whatever else the machine does meets all of them.
 */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startMongo } from "../scripts/servers/start.ts";
import { figuresOf, printFigures } from "./scale-figures.ts";
import { OPERATIONS, type Measured, type Operation } from "./scale-operations.ts";
import { ScaleStore } from "./scale-store.ts";

/** How often an operation is done in one turn. */
const TIMES: Record<Operation, number> = {
  initiate: 20, query: 200, "query any": 200, page: 20, sign: 20,
  "sweep process": 1_500, "sweep expiry": 1_500, "sweep verification-bridge": 1_500, "sweep notifier": 1_500,
  "wake 20": 6, list: 10, "list by merchant": 10, "list stuck": 20,
};
/** What goes before: a page is opened of a process that was initiated, and signed once it is open. */
const BEFORE: Partial<Record<Operation, Operation[]>> = { page: ["initiate"], sign: ["initiate", "page"] };
/** The stand-in for MongoDB reads the whole collection for any query but one by `_id`: of the others only a real one can tell. */
const OF_THE_STAND_IN: Operation[] = ["query", "query any"];

const { values: options } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,1000000" }, operations: { type: "string" }, rounds: { type: "string", default: "12" },
    engine: { type: "string", default: "sqlite" }, mongo: { type: "string" }, keep: { type: "string" }, json: { type: "string" },
  },
});
const sizes = options.sizes.split(",").map(Number);
if (sizes.length < 2 || !sizes.every((size) => Number.isInteger(size) && size >= 1_000)) throw new Error("--sizes expects two whole numbers or more, from 1000 up");
const rounds = Number(options.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error("--rounds expects a positive number");
if (!["sqlite", "mongo"].includes(options.engine)) throw new Error("--engine expects sqlite or mongo");
const onMongo = options.engine === "mongo";
if (options.mongo && !onMongo) throw new Error("--mongo goes with --engine mongo");
if (options.keep && onMongo) throw new Error("--keep goes with sqlite");
const standIn = onMongo && !options.mongo;
const wanted = options.operations?.split(",") ?? (standIn ? OF_THE_STAND_IN : OPERATIONS);
const unknown = wanted.find((name) => !(OPERATIONS as readonly string[]).includes(name));
if (unknown) throw new Error(`--operations: ${unknown} is none of ${OPERATIONS.join(",")}`);
const operations = OPERATIONS.filter((one) => wanted.some((name) => name === one || BEFORE[name as Operation]?.includes(one)));

const engine = !onMongo ? "SQLite" : standIn ? "mongo-java-server, the stand-in for MongoDB" : "MongoDB";
console.error(`${engine}; ${sizes.join(", ")} processes; ${rounds} rounds`);
const server = standIn ? await startMongo() : null;
/** A database of this run's own at the server that was named, with what else its URI says. */
const databaseAt = (total: number): string | undefined => {
  if (!onMongo) return undefined;
  const uri = new URL(server?.url ?? options.mongo!);
  uri.pathname = `/esign_scale_${total}_${randomUUID().slice(0, 8)}`;
  return uri.href;
};
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;

const stores: ScaleStore[] = [];
try {
  for (const total of sizes) {
    const begun = performance.now();
    const mongoUri = databaseAt(total);
    stores.push(await ScaleStore.of(total, { keepIn: options.keep, ...(mongoUri && { mongoUri }) }));
    console.error(`${total} processes are stored after ${((performance.now() - begun) / 1000).toFixed(0)} s${onMongo ? "" : `, ${megabytes(stores.at(-1)!.fileSize)}`}`);
  }
  for (const store of stores) await store.serve();
  const measured = new Map(stores.map((store) => [store, new Map<Operation, Measured[]>(operations.map((one) => [one, []]))]));
  const resident = new Map<ScaleStore, number[]>(stores.map((store) => [store, []]));
  // The first round warms compilers, caches and statements and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const operation of operations) {
      for (const store of round % 2 ? stores : stores.toReversed()) {
        const one = await store.measure(operation, TIMES[operation]);
        if (round > 0) measured.get(store)!.get(operation)!.push(one);
        if (operation === operations.at(-1)) resident.get(store)!.push(one.rss);
      }
    }
  }
  const base = measured.get(stores[0]!)!;
  const tables = stores.map((store) => ({
    processes: store.plan.total,
    rows: Object.values(store.rows).reduce((sum, count) => sum + count, 0),
    resident: resident.get(store)!,
    figures: operations.filter((one) => wanted.includes(one)).map((one) => figuresOf(one, base.get(one)!, measured.get(store)!.get(one)!)),
  }));
  console.log(`${engine}; CPU is that of the platform's process, with what goes on behind the answer; a ratio is the median of ${rounds} rounds' own`);
  for (const { processes, figures } of tables) printFigures(processes, figures);
  console.log("");
  for (const { processes, rows, resident: all } of tables) {
    console.log(`${processes} processes, ${rows} rows: resident ${[all[0]!, all[Math.floor(all.length / 2)]!, all.at(-1)!].map(megabytes).join(", ")} after the first round, in the middle, after the last`);
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ engine, rounds, tables }, null, 2)}\n`);
} finally {
  for (const store of stores) await store.stop();
  await server?.stop();
}

/** `npm run soak -- --minutes N --seed S [--fault TEXT|TEXT…] [--topology small|wide] [--redis]`: faults by chance on a real cluster, one line each. A seed gives the same order again. */
import { parseArgs } from "node:util";
import { seeded } from "../../integration/seeded.ts";
import { Cluster, TOPOLOGIES } from "./cluster.ts";
import { course, reportLines, type Report } from "./course.ts";
import { faultsFor } from "./faults.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    fault: { type: "string", default: "" },
    topology: { type: "string", default: "small" },
    parallel: { type: "string", default: "4" },
    redis: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const random = seeded(seed);
const cluster = await Cluster.start(TOPOLOGIES[values.topology as keyof typeof TOPOLOGIES], { redis: values.redis });
const end = performance.now() + Number(values.minutes) * 60_000;
const print = (line: string) => process.stdout.write(`${line}\n`);
const reports: Report[] = [];
try {
  const rows = faultsFor(cluster).filter(({ name }) => values.fault.split("|").some((text) => name.includes(text)));
  // Each once in an order by chance, then again, until the time is over.
  for (let order: typeof rows = []; performance.now() < end; order = order.slice(1)) {
    if (order.length === 0) order = rows.map((row) => ({ row, at: random() })).sort((a, b) => a.at - b.at).map(({ row }) => row);
    const report = await course(cluster, [order[0]!], Math.floor(random() * 2 ** 31), { parallel: Number(values.parallel), say: (line) => print(`    ${line}`) });
    reports.push(report);
    for (const line of reportLines(report)) print(line);
  }
  for (const { id, deaths } of cluster.nodes) if (deaths.length) print(`${id} died by itself: ${deaths}`);
} finally {
  await cluster.stop();
}
process.exitCode = reports.length > 0 && reports.every((report) => !report.void && report.problems.length === 0) ? 0 : 1;

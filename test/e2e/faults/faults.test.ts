import { describeWithOwn } from "../../servers/available.ts";
import { Cluster, TOPOLOGIES } from "./cluster.ts";
import { course, reportLines } from "./course.ts";
import { FAULTS } from "./faults.ts";

/**
 * The fault suite, scaled down: a cluster of real servers and two nodes of each service, signings in parallel, faults, and the
 * promises checked on what the outside saw and on what is stored. `npm run soak` does all the faults in any order for as long as wanted.
 */
// Longer than any course on a busy machine: a signing may take its 300 s, and then it comes to rest.
jest.setTimeout(900_000);

/** Fixed: what was seen once is seen again. */
const SEED = 20_261_124;
/** Each is one course, whose faults come one after the other: most of a course is its beginning, its way to rest and its judgement. */
const COURSES: Record<string, string[]> = {
  "nodes killed, paused and restarted": ["SIGKILL of a node with gateway", "SIGKILL of a node with process", "SIGSTOP of a node with process", "rolling restart"],
  "a node killed at every effect": ["SIGKILL at every effect"],
  "every service killed at its work": ["SIGKILL of every service at its work"],
  "clocks, callbacks and deadlines": ["clock of a node with gateway +10 min", "clock of a node with process -10 min", "a hundred verification callbacks at once", "signatures within 50 ms of the deadline"],
  "the bus away and cut": ["nats killed", "a node with process cut from NATS, held", "a node with gateway cut from NATS, reset"],
  "the database away, slow and cut": ["mongo killed", "slow MongoDB", "a node with process cut from MongoDB, held"],
  "Redis flushed, the outside failing": ["redis FLUSHALL", "everybody outside at once"],
};

describeWithOwn(["mongo", "nats", "redis"], "a cluster under signings", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start(TOPOLOGIES.small, { redis: true });
  }, 180_000);
  afterAll(() => cluster?.stop(), 60_000);

  test.each(Object.entries(COURSES))("%s: nothing promised is lost and nothing happens twice", async (_, names) => {
    const rows = names.map((name) => FAULTS.find((one) => one.name === name)!);
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = await course(cluster, rows, SEED, { parallel: 3, before: 1, after: 2, say });
    reportLines(report).forEach(say);
    expect({ ...report, deaths: cluster.nodes.flatMap(({ deaths }) => deaths) }).toMatchObject({ void: false, problems: [], givenUp: [], deaths: [] });
  });
});

import { describeWithOwn } from "../../servers/available.ts";
import { Cluster, TOPOLOGIES } from "./cluster.ts";
import { course } from "./course.ts";
import { FAULTS } from "./faults.ts";

/**
 * The fault suite, scaled down: a cluster of real servers and two nodes of each service, signings in parallel, one fault, and the
 * promises checked on what the outside saw and on what is stored. `npm run soak` does all the faults in any order for as long as wanted.
 */
jest.setTimeout(400_000);

/** Fixed: what was seen once is seen again. */
const SEED = 20_261_124;
const CHOSEN = [
  "SIGKILL of a node with gateway",
  "SIGKILL of a node with process",
  "SIGSTOP of a node with process",
  "rolling restart",
  "clock of a node with gateway +10 min",
  "a hundred verification callbacks at once",
  "signatures within 50 ms of the deadline",
  "nats killed",
  "mongo killed",
  "sms ACT_THEN_FAIL",
  "verification FAIL",
];

describeWithOwn(["mongo", "nats"], "a cluster under signings", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start(TOPOLOGIES.small);
  }, 180_000);
  afterAll(() => cluster?.stop(), 60_000);

  test.each(CHOSEN)("%s: nothing promised is lost and nothing happens twice", async (name) => {
    const row = FAULTS.find((one) => one.name === name)!;
    const report = await course(cluster, [row], SEED, { parallel: 3, before: 1, after: 3 });
    expect({ ...report, deaths: cluster.nodes.flatMap(({ deaths }) => deaths) }).toMatchObject({ void: false, problems: [], givenUp: [], deaths: [] });
  });
});

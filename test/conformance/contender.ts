import { ENGINES, type EngineName } from "./engines.ts";
import { cipher, sampleModel, type Sample } from "./sample.ts";

/**
 * A process of its own that writes to the same database: `node contender.ts <engine> <location> <job> <name>`.
 * Says `ready`, waits for any message, then does its job and reports over IPC what was answered.
 */
const [, , engineName, location, job, name] = process.argv as [string, string, EngineName, string, keyof typeof JOBS, string];
const engine = await ENGINES[engineName].open(location);
const samples = engine.collection<Sample>(sampleModel, cipher);
const tell = (message: unknown) => new Promise<void>((resolve) => void process.send!(message, () => resolve()));

const JOBS = {
  /** Claims every document at version 1. */
  async claim() {
    const found = await samples.find({ version: 1 }, { sort: ["number"] });
    const claimed = await Promise.all(found.map((doc) => samples.replaceIfVersion({ ...doc, system: name })));
    await tell(claimed.filter((doc) => doc !== null).map((doc) => doc._id));
  },
  /** Takes the numbers 0 to 99, ten at a time, in competition with the others. */
  async number() {
    const won: string[] = [];
    for (let tens = 0; tens < 10; tens += 1) {
      const numbers = Array.from({ length: 10 }, (_, i) => String(tens * 10 + i));
      const outcomes = await Promise.allSettled(numbers.map((number) => samples.insert({ _id: `${name}-${number}`, number })));
      won.push(...outcomes.filter((outcome) => outcome.status === "fulfilled").map(({ value }) => value.number));
    }
    await tell(won);
  },
  /** Inserts and replaces until it is killed, telling each answer. */
  async write() {
    for (let i = 0; ; i += 1) {
      const group = await Promise.all(
        [0, 1, 2, 3].map((k) => samples.insert({ _id: `w${i}-${k}`, number: `n${i}-${k}`, body: "x".repeat(500), mobile: "13800138000" })),
      );
      const replaced = await samples.replaceIfVersion({ ...group[0]!, status: i });
      await tell([...group.slice(1), replaced!].map(({ _id, version }) => ({ _id, version })));
    }
  },
  /** Compare-and-sets and inserts that all contenders want, through outages and until it is told to stop; tells what was acknowledged. */
  async contend() {
    let stopped = false;
    process.once("message", () => (stopped = true));
    for (let i = 0; !stopped; i += 1) {
      const answers = await Promise.allSettled([
        samples.get(`d${i % 5}`).then((doc) => samples.replaceIfVersion({ ...doc!, system: name, status: i })),
        samples.insert({ _id: `${name}-${i}`, number: `${i}`, system: name }),
      ]);
      const acknowledged = answers.flatMap((answer) => (answer.status === "fulfilled" && answer.value ? [answer.value] : []));
      await tell(acknowledged.map(({ _id, version, number }) => ({ _id, version, number, by: name })));
    }
  },
};

await tell("ready");
process.once("message", () => {
  void JOBS[job]().then(async () => {
    await engine.close();
    process.disconnect();
  });
});

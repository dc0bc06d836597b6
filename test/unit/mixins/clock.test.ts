import { clock } from "../../../mixins/clock.ts";
import { MongoClock, type Command } from "../../../mixins/storage/mongo-clock.ts";

const HOST = Date.parse("2026-11-24T02:00:00Z");
const SERVER = HOST + 600_000;

/** The host's clock and how long the process has run, both the test's. */
let host: number;
let ran: number;
const started: MongoClock[] = [];
const pass = (ms: number): void => {
  host += ms;
  ran += ms;
};
beforeEach(() => {
  [host, ran] = [HOST, 1_000];
  clock.useHost(() => host);
  jest.spyOn(performance, "now").mockImplementation(() => ran);
});
afterEach(() => {
  for (const following of started.splice(0)) following.stop();
  clock.useHost(Date.now);
  jest.restoreAllMocks();
});

/** A server that answers after so long, with the time of the middle. */
const server = (tookMs: number, time: () => number = () => SERVER): Command => async () => {
  pass(tookMs / 2);
  const localTime = new Date(time());
  pass(tookMs / 2);
  return { localTime };
};
const follow = async (command: Command): Promise<boolean[]> => {
  const told: boolean[] = [];
  const following = await MongoClock.start(command, (right) => told.push(right));
  started.push(following);
  return told;
};

test("without a database it is the host's time", () => {
  expect([clock.now(), clock.right()]).toEqual([HOST, true]);
});

test("it is the database's time from the middle of question and answer on, however long the answer took", async () => {
  expect(await follow(server(200))).toEqual([false]);
  expect([clock.now(), clock.right()]).toEqual([SERVER + 100, false]);
});

test("a host's clock that jumps moves nothing, and is found wrong", async () => {
  expect(await follow(server(2, () => HOST + 1))).toEqual([]);
  pass(1_000);
  host += 600_000;
  expect([clock.now(), clock.right()]).toEqual([HOST + 1_002, false]);
  host -= 600_000;
  expect(clock.right()).toBe(true);
});

test.each([
  ["2 s is no matter", 2_000, true],
  ["2.001 s is", 2_001, false],
  ["2.001 s the other way is", -2_001, false],
])("%s", async (_, off, right) => {
  await follow(server(0, () => HOST + off));
  expect(clock.right()).toBe(right);
});

test("a measurement within its own error changes nothing", async () => {
  await follow(server(0, () => HOST));
  await follow(server(100, () => HOST + 50 + 40));
  expect(clock.now()).toBe(HOST + 100);
  await follow(server(100, () => HOST + 150 + 60));
  expect(clock.now()).toBe(HOST + 260);
});

test.each<[string, Command]>([
  ["fails", async () => Promise.reject(new Error("down"))],
  ["does not tell the time", async () => ({ ok: 1 })],
])("an answer that %s is not followed", async (_, command) => {
  await follow(command);
  expect(clock.now()).toBe(host);
});

test("an answer slower than half a second is followed only while nothing better is known", async () => {
  jest.useFakeTimers({ doNotFake: ["performance"] });
  try {
    const answers = [server(3_000), server(600, () => SERVER + 90_000), server(100, () => SERVER + 5_000)];
    await follow((command) => answers.shift()!(command));
    expect(clock.now()).toBe(SERVER + 1_500);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(clock.now()).toBe(SERVER + 2_100);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(clock.now()).toBe(SERVER + 5_050);
  } finally {
    jest.useRealTimers();
  }
});

test("a server that knows only the command's old name is asked by that", async () => {
  await follow(async (command) => ("hello" in command ? Promise.reject(Object.assign(new Error("no such command"), { code: 59 })) : { localTime: new Date(SERVER) }));
  expect(clock.now()).toBe(SERVER);
});

test("a test's clock counts whatever the database says", async () => {
  await follow(server(0));
  clock.use(() => 5);
  expect(clock.now()).toBe(5);
});

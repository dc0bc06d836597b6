import type { LookupAddress } from "node:dns";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { issueDevelopmentSeal } from "../../config/development-certificates.ts";
import type { Resolve } from "../../services/notifier/drivers/lookup.ts";
import { listCallers, notifierWorld, outcomeFor } from "./notifier-node.ts";
import type { RecordParams } from "../../services/notifier/notifier.api.ts";

/** A wallet's host is judged where it is connected: as production does it, on loopback. */
let world: Awaited<ReturnType<typeof notifierWorld>>;
let guarded: typeof world.node;
beforeAll(async () => {
  world = await notifierWorld();
  guarded = await world.start({ guardAddresses: true });
});
afterEach(() => {
  guarded.service.resolve = undefined;
  world.wallet.script.length = 0;
  world.at(0);
  listCallers({});
});
afterAll(async () => {
  await guarded.stop();
  await world.end();
});

const LOOPBACK = ["127.0.0.0/8"];
const callsOf = ({ event }: RecordParams) => world.wallet.calls.filter((call) => call.headers["webhook-id"] === event.eventId);
const tried = ({ event }: RecordParams, times: number) => world.delivery(event.eventId, (delivery) => delivery.attempts.length === times);

/** A name server that gives these answers one after the other, the last for ever, and keeps what it was asked. */
function answering(...answers: (string | string[])[]): Resolve & { asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (hostname, _options, callback) => {
    asked.push(hostname);
    const now = [answers.length > 1 ? answers.shift()! : answers[0]!].flat();
    callback(null, now.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 })));
  };
  return Object.assign(resolve, { asked });
}
async function sent(host: string, allow: string[], resolve: Resolve): Promise<RecordParams> {
  listCallers({ callbackHosts: [{ host, allow }] });
  guarded.service.resolve = resolve;
  const params = outcomeFor(`http://${host}:${world.wallet.port}/callback`);
  await world.record(params, guarded);
  return params;
}

test.each<[string, string, string[], string | string[], string]>([
  ["a name that resolves to loopback is not called", "wallet.test", [], "127.0.0.1", "ADDRESS_NOT_ALLOWED"],
  ["a name listed with that range is called at the address that was checked", "wallet.test", LOOPBACK, "127.0.0.1", "DELIVERED"],
  ["a private address in the URL is not called", "127.0.0.1", [], "127.0.0.1", "ADDRESS_NOT_ALLOWED"],
  ["a private address listed with its range is called", "127.0.0.1", LOOPBACK, "127.0.0.1", "DELIVERED"],
  ["a private address hidden in IPv6 is not called", "wallet.test", [], "::ffff:127.0.0.1", "ADDRESS_NOT_ALLOWED"],
  ["the metadata service is not called under a listed name", "wallet.test", LOOPBACK, "169.254.169.254", "ADDRESS_NOT_ALLOWED"],
  ["one private address among public ones refuses the host", "wallet.test", [], ["8.8.8.8", "127.0.0.1"], "ADDRESS_NOT_ALLOWED"],
  ["one forbidden address behind an allowed one refuses the host", "wallet.test", LOOPBACK, ["127.0.0.1", "10.0.0.1"], "ADDRESS_NOT_ALLOWED"],
  ["a name without any address is not called", "wallet.test", LOOPBACK, [], "ADDRESS_NOT_ALLOWED"],
])("%s", async (_, host, allow, addresses, expected) => {
  const logged = jest.spyOn(guarded.service.logger, "error").mockClear().mockImplementation(() => undefined);
  const params = await sent(host, allow, answering(addresses));
  expect(await tried(params, 1)).toMatchObject({ attempts: [{ outcome: expected, status: expected === "DELIVERED" ? 200 : null }] });
  expect(callsOf(params)).toHaveLength(expected === "DELIVERED" ? 1 : 0);
  await guarded.service.lanes.idle();
  const alerts = logged.mock.calls.map(([, facts]) => (facts as { alert?: string } | undefined)?.alert);
  expect(alerts.includes("CALLBACK_HOST_REFUSED")).toBe(expected !== "DELIVERED");
});

test("a name that changes its answer between two looks is looked up once a try, and the address that was judged is the one called", async () => {
  // Were the name asked again for the connection, it would lead there by the second answer.
  const resolve = answering("127.0.0.1", "10.0.0.1");
  const params = await sent("wallet.test", ["127.0.0.1/32"], resolve);
  expect(await tried(params, 1)).toMatchObject({ attempts: [{ outcome: "DELIVERED" }] });
  expect(resolve.asked).toEqual(["wallet.test"]);
  expect(callsOf(params)[0]!.headers.host).toBe(`wallet.test:${world.wallet.port}`);
});

test("a name that turns private after the first try is not called at the second", async () => {
  world.wallet.script.push((response) => void response.writeHead(503).end());
  const params = await sent("wallet.test", ["127.0.0.1/32"], answering("127.0.0.1", "10.0.0.1"));
  await tried(params, 1);
  world.at(5_000);
  await world.sweep(guarded);
  expect((await tried(params, 2)).attempts.map((attempt) => attempt.outcome)).toEqual(["FAILED", "ADDRESS_NOT_ALLOWED"]);
  expect(callsOf(params)).toHaveLength(1);
});

test("a range that is taken away holds for the next try of a delivery under way", async () => {
  world.wallet.script.push((response) => void response.writeHead(503).end());
  const params = await sent("wallet.test", LOOPBACK, answering("127.0.0.1"));
  await tried(params, 1);
  listCallers({ callbackHosts: [{ host: "wallet.test", allow: ["10.0.0.0/8"] }] });
  world.at(5_000);
  await world.sweep(guarded);
  expect((await tried(params, 2)).attempts.map((attempt) => attempt.outcome)).toEqual(["FAILED", "ADDRESS_NOT_ALLOWED"]);
  listCallers({ callbackHosts: [{ host: "wallet.test", allow: ["10.0.0.0/8"] }, { host: "wallet.test", allow: LOOPBACK }] });
  world.at(35_000);
  await world.sweep(guarded);
  expect((await tried(params, 3)).state).toBe("DELIVERED");
});

test("many deliveries to one name whose name server is silent ask it once", async () => {
  const waiting: Parameters<Resolve>[2][] = [];
  let asked = 0;
  jest.resetModules();
  jest.doMock("node:dns", () => ({ ...jest.requireActual<object>("node:dns"), lookup: (_host: string, _options: object, callback: Parameters<Resolve>[2]) => (asked++, waiting.push(callback)) }));
  const { resolveOnce } = await import("../../services/notifier/drivers/lookup.ts");
  const answers = Array.from({ length: 5 }, () => new Promise((resolve) => resolveOnce("dead.test", { all: true }, (_error, addresses) => resolve(addresses))));
  const other = new Promise((resolve) => resolveOnce("alive.test", { all: true }, (_error, addresses) => resolve(addresses)));
  expect(asked).toBe(2);
  const found = [{ address: "127.0.0.1", family: 4 }];
  for (const tell of waiting.splice(0)) tell(null, found);
  expect(await Promise.all([...answers, other])).toEqual(Array(6).fill(found));
  resolveOnce("dead.test", { all: true }, () => undefined);
  expect(asked).toBe(3);
  jest.dontMock("node:dns");
});

describe("https", () => {
  const port = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

  test("with a certificate nobody vouches for is a failure, and nothing of the event has left", async () => {
    const { key, certificate, root } = await issueDevelopmentSeal(Date.now());
    const requests: string[] = [];
    const server = createServer({ key, cert: certificate + root }, (request) => requests.push(request.url!));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    expect(await triedAt(`https://wallet.test:${port(server)}/callback`)).toMatchObject({ state: "PENDING", attempts: [{ outcome: "FAILED", status: null }] });
    expect(requests).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  test("towards a host that speaks plain HTTP is a failure", async () => {
    expect(await triedAt(`https://wallet.test:${world.wallet.port}/callback`)).toMatchObject({ attempts: [{ outcome: "FAILED", status: null }] });
  });

  async function triedAt(url: string) {
    listCallers({ callbackHosts: [{ host: "wallet.test", allow: LOOPBACK }] });
    guarded.service.resolve = answering("127.0.0.1");
    const params = outcomeFor(url);
    await world.record(params, guarded);
    return tried(params, 1);
  }
});

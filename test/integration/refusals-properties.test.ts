import fc from "fast-check";
import type { sampleRequest } from "../../sandbox/sample-requests.ts";
import type { Collection, Doc } from "../../mixins/collection-types.ts";
import { ADMIN_KEYS } from "./refusals/arranging.ts";
import { administering, receipt, resending } from "./refusals/other-targets.ts";
import { visibleNames } from "./refusals/hostile-json.ts";
import { processPath } from "./refusals/signer.ts";
import { runs, SEED, shoot, Tally, type Target } from "./refusals/shooting.ts";
import { callback, cancellation, initiation, signerRoutes } from "./refusals/targets.ts";
import { wholePlatform, type WholePlatform } from "./refusals/whole-platform.ts";

/**
 * Hostile bodies for every POST route: refused by name and without a trace, or taken exactly; never a 5xx, never a connection that
 * breaks. Another seed or more bodies: FC_SEED=…, FC_RUNS=10 (times as many).
 */
jest.setTimeout(600_000);

let platform: WholePlatform;
beforeAll(async () => {
  platform = await wholePlatform({ env: { H5_RATE: "off", WALLET_RATE: "off", ADMIN_KEYS } });
});
afterAll(() => platform.stop());

const told: string[] = [];
afterAll(() => void process.stdout.write(`Seed ${SEED}; answers by HTTP status:\n${told.join("\n")}\n`));

/** Names, purpose and account holder: what a person chose. */
function named(example: ReturnType<typeof sampleRequest>, [payer, payee, initiator, fundPurpose, contact, accountName]: string[]) {
  const { payerInfo, payeeInfo, initiatorInfo } = example;
  return {
    ...example,
    fundPurpose,
    payerInfo: { ...payerInfo, merchantName: payer },
    payeeInfo: { ...payeeInfo!, merchantName: payee, contactInfo: { ...payeeInfo!.contactInfo!, name: contact }, bankCardInfo: { ...payeeInfo!.bankCardInfo!, accountName } },
    initiatorInfo: { ...initiatorInfo, merchantName: initiator },
  };
}

/** Fires at a route and searches for what was refused. */
async function fireAt(route: string, target: Target, bodies: number): Promise<Tally> {
  const tally = new Tally();
  await shoot(target, tally, bodies);
  await platform.quiet();
  told.push(`${route}: ${tally.total} bodies, ${tally}`);
  await expectNoTrace(tally.refused);
  return tally;
}

test("no body can break an initiation: it is refused by name and leaves nothing, or it is stored exactly", async () => {
  const accepted: string[] = [];
  const tally = await fireAt("POST initiate and sms/send", initiation(platform, accepted), 1_000);
  expect(tally.statuses.get(200)).toBeGreaterThan(20);
  const idsIn = (table: string): Set<unknown> => new Set(platform.stored().get(table)!.map((row) => (JSON.parse((JSON.parse(row) as { doc: string }).doc) as { processId: string }).processId));
  for (const table of ["signing_process", "evidence_chain", "protocol_record", "sms_record"]) expect(idsIn(table)).toEqual(new Set(accepted));
});

test("text that looks like code but can be seen and printed is taken, and stored and answered to the letter", async () => {
  const tally = new Tally();
  const target = initiation(platform, []);
  await fc.assert(
    fc.asyncProperty(visibleNames, async (names) => {
      const [example] = (await target.bases()) as [ReturnType<typeof sampleRequest>];
      const body = named(example, names);
      const answer = await target.fire(Buffer.from(JSON.stringify(body)));
      expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
      const { data } = JSON.parse(answer.text) as { data: { processId: string } };
      await target.then!(answer, Buffer.from(JSON.stringify(body)), { data } as never);
      const query = JSON.parse((await platform.http.call("GET", processPath(data.processId))).text) as { data: typeof body };
      expect([query.data.payerInfo.merchantName, query.data.payeeInfo!.merchantName, query.data.initiatorInfo.merchantName, query.data.fundPurpose]).toEqual(names.slice(0, 4));
      tally.count(answer.status, "", true);
    }),
    runs(60),
  );
  told.push(`POST initiate with visible names: ${tally.total} bodies, ${tally}`);
});

test("no body can break any of the signer's calls", async () => {
  for (const [route, target] of signerRoutes(platform)) await fireAt(route, target, 160);
});

test("no body can break a cancellation", async () => {
  await fireAt("POST cancel", cancellation(platform), 160);
});

test("no body can break the verification system's callback, and what it takes is stored exactly", async () => {
  await fireAt("POST callback/verification", callback(platform), 240);
});

test("no body can break the SMS gateway's receipt", async () => {
  await fireAt("POST callback/sms", receipt(platform), 240);
});

test("no body can break a resend", async () => {
  await fireAt("POST sms/resend", resending(platform), 120);
});

test("no body can break an operator's call", async () => {
  for (const path of ["processes/ESIGN_PROC_1/retry", "deliveries/EVT_SIGN_1/replay"]) await fireAt(`POST ${path}`, administering(platform, `/api/admin/v1/${path}`), 100);
});

/** No marker of what was refused: in no stored row, in no decrypted document, in no line of the log. */
async function expectNoTrace(markers: string[]): Promise<void> {
  const marks = new Set(markers);
  const found = (where: string, text: string): string[] => (text.match(/k7q\d{6}x/g) ?? []).filter((mark) => marks.has(mark)).map((mark) => `${where}: ${mark}`);
  const owners = ["process", "evidence", "protocol", "sms", "verification-bridge", "notifier", "expiry"];
  const collections = owners.flatMap((name) => Object.entries((platform.broker.getLocalService(name) as unknown as { collections: Record<string, Collection<Doc>> }).collections));
  const documents = await Promise.all(collections.map(async ([name, collection]) => (await collection.find({})).flatMap((doc) => found(name, JSON.stringify(doc)))));
  const rows = [...platform.stored()].flatMap(([table, all]) => all.flatMap((row) => found(table, row)));
  expect([...rows, ...documents.flat()]).toEqual([]);
  expect(platform.logged.filter((line) => /k7q\d{6}x/.test(line))).toEqual([]);
}

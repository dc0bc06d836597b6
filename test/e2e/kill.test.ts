import { createHash } from "node:crypto";
import { join } from "node:path";
import { readRoots } from "../../cli/verify/trust.ts";
import { verifyBundle } from "../../cli/verify/verify-bundle.ts";
import { PlatformProcess } from "./driver/platform-process.ts";
import { startSigning, type Signing } from "./driver/signing.ts";

/**
 * The kill test: the real platform, as a child process, is killed with SIGKILL before every effect, after it but before its
 * strike-off, and after the strike-off. Started again, the signing ends COMPLETED and the outside has seen everything once.
 */

jest.setTimeout(120_000);

let platform: PlatformProcess;

beforeEach(async () => {
  platform = await PlatformProcess.create({ LOG_LEVEL: "warn", VERIFICATION_QUERY_AFTER: "500ms", CALLBACK_SCHEDULE: "0s,500ms,1s,2s" });
});
afterEach(() => platform.dispose());

/** Every effect of the company's flow, by the key it is owed under. An answer's key holds a random id. */
const EFFECTS = [
  "wake:signature",
  "agree",
  "invite",
  "record:LINK_OPENED",
  "record:SMS_RECORD:CODE",
  "wake:verification",
  "markSigned",
  "startVerification:1",
  "record:VERIFICATION_REQUEST",
  "record:VERIFICATION_ANSWER",
  "record:VERIFICATION_ANSWER:OUTCOME",
  "record:VERIFICATION_RESULT",
  "seal",
  "announce",
];
const MOMENTS = ["before", "after", "struck"];

async function signToTheEnd(signing: Signing): Promise<void> {
  await signing.status("SMS_SENT");
  await signing.sign();
  await signing.status("VERIFICATION_PENDING");
  await signing.answer();
  await signing.status("COMPLETED");
}

/** What the outside has seen of the signing, and whether it holds together. */
async function checkOutside(signing: Signing): Promise<void> {
  const invitations = (await signing.phone()).filter((message) => message.link);
  expect(invitations.map((message) => message.messageId)).toEqual([`INV_${signing.processId}`]);
  expect(await signing.bank()).toHaveLength(1);

  const callbacks = await signing.callbacks();
  expect(new Set(callbacks.map((callback) => callback.headers["webhook-id"])).size).toBe(1);
  expect(new Set(callbacks.map((callback) => callback.body)).size).toBe(1);

  const verdict = verifyBundle(await signing.bundle(), { roots: readRoots(join(platform.dataDir, "keys", "seal-root.pem")) });
  expect(verdict.problems).toEqual([]);
  expect(verdict.facts.status).toBe("COMPLETED");
  expect(createHash("sha256").update(await signing.pdf()).digest("hex")).toBe(verdict.facts.pdfSha256);
}

test("without a crash the flow passes every effect of the list, and no other", async () => {
  await platform.start();
  const signing = await startSigning(platform);
  await signToTheEnd(signing);
  await checkOutside(signing);
  await platform.kill("SIGTERM");
  const effects = platform.points.filter((point) => point.startsWith("after ")).map((point) => point.slice("after ".length));
  expect(new Set(effects)).toEqual(new Set(EFFECTS));
});

test.each(EFFECTS.flatMap((effect) => MOMENTS.map((moment) => `${moment} ${effect}`)))("killed %s, the signing ends COMPLETED and nothing happens twice", async (point) => {
  await platform.start({ crashAt: point });
  const signing = await startSigning(platform);
  await signToTheEnd(signing);
  await checkOutside(signing);
  expect(platform.starts).toBe(2);
});

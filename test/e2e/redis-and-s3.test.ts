import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { S3_BUCKET, S3_KEY, S3_REGION, startS3 } from "../../scripts/servers/s3.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { startRedis } from "../../scripts/servers/start.ts";
import { describeWithOwn, describeWithOwnS3 } from "../servers/available.ts";
import { PlatformProcess } from "./driver/platform-process.ts";
import { startSigning, type Signing } from "./driver/signing.ts";

const CALM = { LOG_LEVEL: "warn", VERIFICATION_QUERY_AFTER: "500ms", CALLBACK_SCHEDULE: "0s,500ms,1s,2s" };

let platform: PlatformProcess;
let server: ServerProcess;

afterEach(async () => {
  await platform.dispose();
  await server.stop();
});

async function signToTheEnd(signing: Signing): Promise<void> {
  await signing.status("SMS_SENT");
  await signing.sign();
  await signing.status("VERIFICATION_PENDING");
  await signing.answer();
  await signing.status("COMPLETED");
}

/** The sandbox is emptied first, so that what it shows is of this signing. */
async function signedAndToldOnce(): Promise<void> {
  await fetch(`${platform.url}/sandbox/api`, { method: "DELETE" });
  const signing = await startSigning(platform);
  await signToTheEnd(signing);
  expect(await signing.callbacks()).toHaveLength(1);
}

const check = (part: string, state: string): Promise<unknown> =>
  platform.ask(`${part} is ${state}`, async () => {
    const answer = await fetch(`${platform.url}/health/ready`);
    expect(answer.status).toBe(200);
    const { checks } = (await answer.json()) as { checks: Record<string, string> };
    return checks[part] === state;
  });

describeWithOwn(["redis"], "a platform whose wake-ups go through Redis", () => {
  test("signs and calls back with Redis, with a dead one and with one that came back, and says how it is", async () => {
    server = await startRedis();
    platform = await PlatformProcess.create({ ...CALM, REDIS_URL: server.url });
    await platform.start();
    await check("queue", "UP");
    await signedAndToldOnce();

    await server.kill();
    await check("queue", "DOWN");
    await signedAndToldOnce();

    await server.restart();
    await check("queue", "UP");
    await signedAndToldOnce();
    // Once for each of the two services with a queue.
    expect(platform.log.match(/QUEUE_DOWN/g)).toHaveLength(2);

    await platform.kill("SIGTERM");
    expect(platform.log).not.toMatch(/unhandled|UnhandledPromise/i);
  });
});

describeWithOwnS3("a platform whose files are in S3", () => {
  test("keeps the sealed copy there and nowhere else, and hands it out with the hash that is in evidence", async () => {
    server = await startS3();
    const settings = { STORAGE_DRIVER: "s3", S3_ENDPOINT: server.url, S3_REGION, S3_BUCKET, S3_ACCESS_KEY_ID: S3_KEY.accessKeyId, S3_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey, S3_FORCE_PATH_STYLE: "on" };
    platform = await PlatformProcess.create({ ...CALM, ...settings });
    await platform.start();
    await check("storage", "UP");
    const signing = await startSigning(platform);
    await signToTheEnd(signing);
    const sha256 = createHash("sha256").update(await signing.pdf()).digest("hex");
    const kept = readdirSync(join(server.dataDir, "buckets", S3_BUCKET)).filter((name) => name.endsWith(".pdf"));
    expect(kept).toEqual([expect.stringMatching(new RegExp(`-${sha256}\\.pdf$`))]);
    expect(existsSync(join(platform.dataDir, "files"))).toBe(false);
    expect(platform.log).not.toContain(S3_KEY.secretAccessKey);
  });
});

import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { readRoots } from "../../cli/verify/trust.ts";
import { verifyBundle } from "../../cli/verify/verify-bundle.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { startMongo } from "../../scripts/servers/start.ts";
import { describeWithOwn } from "../servers/available.ts";
import { PlatformProcess } from "./driver/platform-process.ts";
import { call, startSigning, type Signing } from "./driver/signing.ts";

jest.setTimeout(180_000);
const KEYS = ["k1", "k2"].map((kid, at) => `${kid}:${Buffer.alloc(32, at + 1).toString("base64")}`) as [string, string];

/** The tests are stations of one story, in this order. */
describeWithOwn(["mongo"], "the platform on MongoDB", () => {
  let server: ServerProcess;
  let platform: PlatformProcess;
  let signing: Signing;
  const ready = async () => (await fetch(`${platform.url}/health/ready`)).status;
  const restart = async (keys: string): Promise<void> => {
    await platform.kill("SIGTERM");
    await platform.start({ env: { FIELD_ENCRYPTION_KEY: keys } });
  };

  beforeAll(async () => {
    server = await startMongo();
    platform = await PlatformProcess.create({
      MONGO_URI: `${server.url}/esign`,
      LOG_LEVEL: "warn",
      VERIFICATION_QUERY_AFTER: "500ms",
      CALLBACK_SCHEDULE: "0s,500ms,1s,2s",
      FIELD_ENCRYPTION_KEY: KEYS[0],
    });
    await platform.start();
    signing = await startSigning(platform);
    await signing.status("SMS_SENT");
  });
  afterAll(async () => {
    await platform?.dispose();
    await server.stop();
  });

  test("is not ready while the database is down, answers 503, and goes on by itself when it is back", async () => {
    expect(await ready()).toBe(200);
    await server.kill();
    await platform.ask("readiness says so", async () => (await ready()) === 503);
    const refused = await call(`${platform.url}/api/v1/esign/process/${signing.processId}`);
    expect(refused).toMatchObject({ http: 503, code: "SERVICE_UNAVAILABLE" });
    await server.restart();
    await platform.ask("readiness says so", async () => (await ready()) === 200);
    await signing.sign();
    await signing.status("VERIFICATION_PENDING");
  });

  test("a signing ends as it should although database and platform are killed on its way", async () => {
    await server.kill();
    await server.restart();
    await signing.answer();
    await platform.kill();
    await signing.status("COMPLETED");
    // The event of the end stands in the chain before the wallet is called back.
    expect(new Set((await signing.callbacks()).map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const verdict = verifyBundle(await signing.bundle(), { roots: readRoots(join(platform.dataDir, "keys", "seal-root.pem")) });
    expect(verdict.problems).toEqual([]);
    expect(verdict.facts.status).toBe("COMPLETED");
    expect((await signing.phone()).filter((message) => message.link)).toHaveLength(1);
    expect(await signing.bank()).toHaveLength(1);
  });

  test("a key of the personal fields is rotated there as well: a start without it is refused until all is moved", async () => {
    await platform.kill("SIGTERM");
    await expect(platform.start({ env: { FIELD_ENCRYPTION_KEY: KEYS[1] } })).rejects.toThrow("key k1 is missing and data is encrypted under it");
    await restart(`${KEYS[1]},${KEYS[0]}`);
    const { stdout } = await promisify(execFile)(resolve("node_modules/.bin/node"), ["cli/rekey.ts"], {
      env: { PATH: process.env["PATH"], MONGO_URI: `${server.url}/esign`, DATA_DIR: platform.dataDir, FIELD_ENCRYPTION_KEY: `${KEYS[1]},${KEYS[0]}` },
    });
    expect(stdout).toContain("移除：k1");
    await restart(KEYS[1]);
    expect(await signing.query()).toMatchObject({ status: "COMPLETED" });
  });
});

import { createHash } from "node:crypto";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { S3_BUCKET, S3_KEY, S3_REGION, startS3 } from "../../scripts/servers/s3.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { createS3Storage, type S3Settings } from "../../services/protocol/storage/s3.ts";
import { describeWithOwnS3 } from "../servers/available.ts";
import { fileStorageSuite } from "./file-storage-suite.ts";

const bytes = Buffer.from("%PDF-1.4 协议");
const nameOf = (number: number): string => `PROTO_S3_${number}-${createHash("sha256").update(bytes).digest("hex")}.pdf`;
const settingsOf = (endpoint: string): S3Settings => ({ endpoint, region: S3_REGION, bucket: S3_BUCKET, ...S3_KEY, forcePathStyle: true });

describeWithOwnS3("files on an S3-compatible server", () => {
  let server: ServerProcess;
  const fileOf = (name: string) => join(server.dataDir, "buckets", S3_BUCKET, name);
  const storage = (change: Partial<S3Settings> = {}) => createS3Storage({ ...settingsOf(server.url), ...change });

  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server.stop());

  fileStorageSuite("s3", async () => ({
    open: () => storage(),
    tamper: (name, content) => writeFile(fileOf(name), content),
    remove: (name) => rm(fileOf(name)),
  }));

  test.each<[string, Partial<S3Settings>, string | null]>([
    ["a wrong secret", { secretAccessKey: "wrong" }, "S3_SECRET_ACCESS_KEY"],
    // This server has a word of its own for it; Amazon's is in the script below.
    ["an unknown key", { accessKeyId: "nobody" }, null],
    ["a bucket that is not there", { bucket: "no-such-bucket" }, "S3_BUCKET"],
  ])("with %s nothing is kept, found or said to work; a setting the server names is named, and no error holds the secret", async (_what, change, setting) => {
    const wrong = storage(change);
    await storage().put(nameOf(1), bytes);
    await expect(wrong.check()).rejects.toThrow();
    for (const call of [wrong.put(nameOf(2), bytes), wrong.get(nameOf(1))]) {
      const error: unknown = await call.then(() => null, (reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      if (setting) expect(error).toMatchObject({ alert: "STORAGE_UNAVAILABLE", message: expect.stringContaining(setting) });
      expect(inspect(error, { depth: 9 })).not.toContain(change.secretAccessKey ?? S3_KEY.secretAccessKey);
    }
    await expect(storage().get(nameOf(2))).rejects.toMatchObject({ alert: "STORED_FILE_MISSING" });
  });

  test("what was put is there after the server was killed, and while it is away nothing is said to be missing", async () => {
    const kept = storage();
    await kept.put(nameOf(3), bytes);
    await server.kill();
    for (const call of [kept.check(), kept.get(nameOf(3)), kept.put(nameOf(4), bytes)]) {
      const error: unknown = await call.then(() => null, (reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect((error as { alert?: string }).alert).toBeUndefined();
    }
    await server.restart();
    expect(await kept.get(nameOf(3))).toEqual(bytes);
    await kept.put(nameOf(4), bytes);
    expect(await kept.get(nameOf(4))).toEqual(bytes);
  });

  test("a server that says nothing keeps nobody waiting for ever", async () => {
    const kept = storage();
    await kept.check();
    server.pause();
    for (const call of [kept.check(), kept.get(nameOf(3)), kept.put(nameOf(5), bytes)]) await expect(call).rejects.toThrow();
    server.resume();
    await expect(kept.check()).resolves.toBeUndefined();
  });
});

describe("files on a server that answers by a script", () => {
  let server: Server;
  let script: ((method: string) => { status: number; code?: string; body?: Buffer })[];
  let asked: string[];

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      request.resume().on("end", () => {
        asked.push(`${request.method} ${request.headers["if-none-match"] ?? ""}`.trim());
        const { status, code, body } = script.shift()!(request.method!);
        response.writeHead(status, { "content-type": "application/xml" }).end(code ? `<Error><Code>${code}</Code></Error>` : body);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const storage = () => createS3Storage(settingsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  const answer = (status: number, code?: string, body?: Buffer) => () => ({ status, ...(code && { code }), ...(body && { body }) });

  test.each<[string, ReturnType<typeof answer>[], string[]]>([
    ["another writer is in the middle of the same file and gives up", [answer(409, "ConditionalRequestConflict"), answer(404, "NoSuchKey"), answer(200)], ["PUT *", "GET", "PUT *"]],
    ["another writer was first", [answer(412, "PreconditionFailed"), answer(200, undefined, bytes)], ["PUT *", "GET"]],
    ["the server stumbles twice", [answer(503, "SlowDown"), answer(500, "InternalError"), answer(200)], ["PUT *", "PUT *", "PUT *"]],
  ])("a file is kept although %s", async (_what, answers, expected) => {
    script = answers;
    await storage().put(nameOf(6), bytes);
    expect(asked).toEqual(expected);
  });

  test.each<[string, ReturnType<typeof answer>[], object]>([
    ["what lies there is something else", [answer(412, "PreconditionFailed"), answer(200, undefined, Buffer.from("other"))], { alert: "STORED_FILE_CHANGED" }],
    ["nobody knows the key", [answer(403, "InvalidAccessKeyId")], { alert: "STORAGE_UNAVAILABLE", message: expect.stringContaining("S3_ACCESS_KEY_ID") }],
    ["it is refused", [answer(403, "AccessDenied")], { alert: "STORAGE_UNAVAILABLE", message: expect.stringContaining("S3_ACCESS_KEY_ID") }],
    ["it is neither taken nor there", Array.from({ length: 3 }, () => [answer(409, "ConditionalRequestConflict"), answer(404, "NoSuchKey")]).flat(), { alert: "STORAGE_UNAVAILABLE" }],
    ["the server fails three times", Array.from({ length: 3 }, () => answer(500, "InternalError")), { name: "InternalError" }],
  ])("a file counts as not kept when %s", async (_what, answers, error) => {
    script = answers;
    await expect(storage().put(nameOf(7), bytes)).rejects.toMatchObject(error);
    expect(script).toEqual([]);
  });
});

import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./install.ts";
import { ServerProcess, type ServerOptions } from "./server-process.ts";

const MODULE = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
const FOLDER = join(CACHE, "versitygw-1.8.0");
const PROGRAM = join(FOLDER, "versitygw");

/** What whoever calls the server signs with; it believes nobody else. */
export const S3_KEY = { accessKeyId: "esign-test", secretAccessKey: "esign-test-secret" };
/** The bucket that is there from the start. */
export const S3_BUCKET = "esign-files";
export const S3_REGION = "us-east-1";

/** What keeps the S3 server from being started; empty when it can be. */
export function missingS3(): string[] {
  try {
    accessSync(PROGRAM, constants.X_OK);
    return [];
  } catch {
    return ["versitygw"];
  }
}

/** Builds the server by Go, aside and then renamed. @throws with Go's own words */
export function installS3(): void {
  if (missingS3().length === 0) return;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, "building-"));
  try {
    const { status, stderr, error } = spawnSync("go", ["install", MODULE], { env: { ...process.env, GOBIN: work }, encoding: "utf8" });
    if (status !== 0) throw new Error(`go install ${MODULE} failed: ${error?.message ?? stderr.slice(-2_000)}`);
    renameSync(work, FOLDER);
  } catch (error) {
    if (missingS3().length > 0) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** An S3-compatible server whose buckets are folders of its data folder, `buckets`, and whose objects are files in them. */
export const startS3 = (options?: ServerOptions): Promise<ServerProcess> =>
  ServerProcess.start(
    {
      kind: "s3",
      scheme: "http",
      command: (port, dataDir) => {
        const [buckets, sidecar] = [join(dataDir, "buckets"), join(dataDir, "sidecar")];
        mkdirSync(join(buckets, S3_BUCKET), { recursive: true });
        mkdirSync(sidecar, { recursive: true });
        const { accessKeyId, secretAccessKey } = S3_KEY;
        // What belongs to an object beside its bytes lies in a folder: not every temporary file system has attributes.
        return [PROGRAM, "--port", `127.0.0.1:${port}`, "--access", accessKeyId, "--secret", secretAccessKey, "--region", S3_REGION, "--quiet", "posix", "--sidecar", sidecar, buckets];
      },
    },
    options,
  );

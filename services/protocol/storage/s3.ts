import type * as Sdk from "@aws-sdk/client-s3";
import { Explained } from "../explained.ts";
import { assertContent, assertName, sha256Hex, type FileStorage } from "./file-storage.ts";

export interface S3Settings {
  /** Absent: Amazon's of the region, by TLS. */
  endpoint?: string | undefined;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  forcePathStyle: boolean;
}

/** Tries of one call; what fails for good (no such key, no right) is not tried again. */
const TRIES = 3;
const CONNECT_MS = 1_500;
const TRY_MS = 5_000;
/** All tries of one call together. Readiness waits 1.5 s, a bundle 8 for its PDF, a sealing 60, of which printing may take 30. */
const CALL_MS = 6_000;
const CHECK_MS = 1_200;

/** How often a writer that lost against another looks whether the file is there now. */
const LOOKS = 3;

/** What the server says of settings that are wrong; an operator is told which. */
const WRONG_SETTINGS: Readonly<Record<string, string>> = {
  NoSuchBucket: "S3_BUCKET names a bucket that is not there",
  InvalidAccessKeyId: "the S3 server does not know S3_ACCESS_KEY_ID",
  SignatureDoesNotMatch: "S3_SECRET_ACCESS_KEY does not belong to S3_ACCESS_KEY_ID",
  AccessDenied: "the key S3_ACCESS_KEY_ID may not do this in S3_BUCKET",
  AuthorizationHeaderMalformed: "S3_REGION is not the bucket's",
  PermanentRedirect: "S3_REGION or S3_ENDPOINT is not the bucket's",
};

/** Without a cause: the server's answer names the key. */
function explained(error: unknown): unknown {
  const said = Object.hasOwn(WRONG_SETTINGS, (error as Error).name) ? WRONG_SETTINGS[(error as Error).name] : undefined;
  return said === undefined ? error : new Explained("STORAGE_UNAVAILABLE", said);
}

/**
 * Files as objects of one bucket, written only where there is none of the name (`If-None-Match: *`). A server that does not know
 * this condition overwrites: with the same bytes, since the name is their hash. S3 answers a write when it is durable, and a
 * read after it sees it.
 */
export function createS3Storage(settings: S3Settings): FileStorage {
  const { bucket: Bucket } = settings;
  let opened: Promise<Opened> | null = null;
  // Loaded with the first file: it is large, and not there where files are kept on the disk.
  const open = (): Promise<Opened> => (opened ??= connect(settings));

  async function read(Key: string): Promise<Buffer | null> {
    const { sdk, client } = await open();
    const abortSignal = AbortSignal.timeout(CALL_MS);
    try {
      const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket, Key }), { abortSignal });
      // The time counts for the bytes as well, which come after the answer's head.
      return assertContent(Key, Buffer.from(await within(abortSignal, Body!.transformToByteArray())));
    } catch (error) {
      if (error instanceof sdk.NoSuchKey) return null;
      throw explained(error);
    }
  }

  /** @returns false when there is an object of the name already, or another writer was first */
  async function write(Key: string, bytes: Buffer): Promise<boolean> {
    const { sdk, client } = await open();
    const object: Sdk.PutObjectCommandInput = {
      Bucket,
      Key,
      Body: bytes,
      ContentLength: bytes.length,
      ContentType: "application/pdf",
      ChecksumSHA256: Buffer.from(sha256Hex(bytes), "hex").toString("base64"),
      IfNoneMatch: "*",
    };
    try {
      await client.send(new sdk.PutObjectCommand(object), { abortSignal: AbortSignal.timeout(CALL_MS) });
      return true;
    } catch (error) {
      if (["PreconditionFailed", "ConditionalRequestConflict"].includes((error as Error).name)) return false;
      throw explained(error);
    }
  }

  return {
    async put(name, bytes) {
      assertName(name);
      assertContent(name, bytes);
      for (let looks = 0; looks < LOOKS; looks++) {
        if (await write(name, bytes)) return;
        if (await read(name)) return;
      }
      throw new Explained("STORAGE_UNAVAILABLE", "a file was neither written nor found");
    },
    async get(name) {
      assertName(name);
      const bytes = await read(name);
      if (!bytes) throw new Explained("STORED_FILE_MISSING", "a stored file is missing");
      return bytes;
    },
    async check() {
      const { sdk, client } = await open();
      await client.send(new sdk.HeadBucketCommand({ Bucket }), { abortSignal: AbortSignal.timeout(CHECK_MS) });
    },
  };
}

interface Opened {
  sdk: typeof Sdk;
  client: Sdk.S3Client;
}

async function connect({ endpoint, region, accessKeyId, secretAccessKey, forcePathStyle }: S3Settings): Promise<Opened> {
  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client({
    region,
    forcePathStyle,
    ...(endpoint && { endpoint }),
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: TRIES,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: TRY_MS, throwOnRequestTimeout: true },
    // We send and check SHA-256 ourselves; other checksums are not known to every compatible server.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  return { sdk, client };
}

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => ended.reject(signal.reason), { once: true });
  return Promise.race([work, ended.promise]);
}

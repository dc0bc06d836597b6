import { createHash } from "node:crypto";
import { Explained } from "../explained.ts";

/**
 * Where sealed PDFs are kept. Names say the content (`<protocolId>-<sha256>.pdf`), so a file is written once and never changes.
 * Every driver passes test/conformance/file-storage-suite.ts.
 */
export interface FileStorage {
  /**
   * Resolves when the file is durable. The same name again is without effect.
   * Rejects with an Explained when the name does not say the content, or when a changed file lies there already.
   */
  put(name: string, bytes: Buffer): Promise<void>;
  /** The bytes, hashed on this read. Rejects with an Explained when the file is missing or is not what its name says. */
  get(name: string): Promise<Buffer>;
  /** Rejects when files can at present not be kept. */
  check(): Promise<void>;
}

export const sha256Hex = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** The one name under which these bytes may be kept. */
export const contentName = (protocolId: string, bytes: Buffer): string => `${protocolId}-${sha256Hex(bytes)}.pdf`;

const NAME = /^[A-Za-z0-9_]{1,32}-([0-9a-f]{64})\.pdf$/;

/**
 * @returns `bytes`, if they are what the name says
 * @throws Explained: whoever calls says it aloud and serves nothing
 */
export function assertContent(name: string, bytes: Buffer): Buffer {
  if (NAME.exec(name)?.[1] !== sha256Hex(bytes)) throw new Explained("STORED_FILE_CHANGED", "a stored file is not what its name says");
  return bytes;
}

/** A name that is not of the known form never reaches a path or a bucket. */
export function assertName(name: string): void {
  if (!NAME.test(name)) throw new Explained("STORED_FILE_NAME", "the name of a stored file is not of the known form");
}

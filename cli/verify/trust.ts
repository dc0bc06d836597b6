import type { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isAuthority } from "./certificates.ts";
import { certificatesOf } from "./manifest.ts";

/**
 * The roots of a trust directory (every .pem, .crt and .cer in it), or of one file. Certificates that are no authorities are passed over,
 * so that a folder with keys and leaf certificates does not turn a leaf into an anchor.
 * @throws when the path cannot be read
 */
export function readRoots(path: string): X509Certificate[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path).filter((name) => /\.(pem|crt|cer)$/i.test(name)).sort().map((name) => join(path, name))
    : [path];
  const found = files.flatMap((file) => certificatesOf(readFileSync(file, "latin1"), file));
  return found.filter((certificate) => certificate.subject === certificate.issuer && isAuthority(certificate));
}

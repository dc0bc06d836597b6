import { execFileSync } from "node:child_process";
import { createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../../config/read.ts";
import type { SigningKey } from "../../contract/request-signature.ts";
import { compose, filled, nodes, valuesOf } from "./deployment-compose.ts";

/** The stations of one preparation, in this order. */
describe("deploy/prepare.sh", () => {
  let folder: string;
  const at = (...names: string[]): string => join(folder, ...names);
  const prepare = (more: Record<string, string> = {}): string =>
    execFileSync("sh", ["deploy/prepare.sh"], { encoding: "utf8", env: { PATH: process.env["PATH"], SECRETS: at("secrets"), SETTINGS: at(".env.production"), ...more } });
  const secret = (name: string): string => readFileSync(at("secrets", name), "utf8");
  const everything = () => Object.fromEntries([".env.production", ...globSync("secrets/**/*.*", { cwd: folder })].map((name) => [name, readFileSync(at(name), "utf8")]));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "esign-prepare-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("says what only people can give", () => {
    const told = prepare({ BUS_NAMES: "DNS:bus.example.com" });
    for (const file of ["callers/callers.json", "seal/key.pem", "seal/cert.pem"]) expect(told).toContain(`to do: ${at("secrets", file)}`);
    for (const setting of ["PUBLIC_BASE_URL", "SMS_HTTP_URL", "VERIFICATION_BASE_URL", "ADMIN_KEYS"]) expect(told).toContain(setting);
  });

  test("gives each password and key a value of its own, with which every container's settings hold", () => {
    const text = readFileSync(at(".env.production"), "utf8");
    const values = valuesOf(text);
    const example = valuesOf(readFileSync("deploy/env.example", "utf8"));
    expect(text).not.toMatch(/=REPLACE$/m);
    expect(Object.keys(values)).toEqual(Object.keys(example));
    const made = Object.keys(values).filter((name) => example[name] === "REPLACE").map((name) => values[name]!);
    expect(new Set(made).size).toBe(made.length);
    // Letters and digits stand in addresses as they are; MinIO takes no more than forty.
    for (const value of made) expect(value).toMatch(/^(?:[0-9a-f]{40}|\d{4}a:[A-Za-z0-9+/]{43}=)$/);
    for (const [, { environment }] of nodes) readConfig({ NODE_ENV: "production", ...Object.fromEntries(Object.entries(environment!).map(([name, value]) => [name, filled(value, values)])) });
  });

  test("makes the files that the containers are given and that it says nothing about, readable by one user", () => {
    const files = Object.values(compose.secrets).map(({ file }) => file.replace("${SECRETS:?}/", ""));
    for (const file of files) expect([file, existsSync(at("secrets", file)), statSync(at("secrets", file)).mode & 0o777]).toEqual([file, true, 0o400]);
    expect(statSync(at("secrets")).mode & 0o077).toBe(0);
    expect(files).not.toContain("nats-ca-key.pem");
  });

  test("signs the bus's certificate by an authority that signs nothing else for others to find", () => {
    const [authority, certificate] = [new X509Certificate(secret("nats-ca.pem")), new X509Certificate(secret("nats-cert.pem"))];
    expect([authority.ca, certificate.ca, certificate.verify(authority.publicKey), certificate.subjectAltName]).toEqual([true, false, true, "DNS:nats, DNS:bus.example.com"]);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  test("makes a key for outbound calls whose public half the others get", () => {
    const { privateKey, ...rest } = JSON.parse(secret("outbound.json")) as SigningKey;
    expect(rest).toEqual({ keyId: expect.stringMatching(/^esign-\d{4}a$/), signType: "ED25519" });
    const text = Buffer.from("a call");
    expect(verify(null, text, createPublicKey(secret("outbound-public.pem")), sign(null, text, privateKey!))).toBe(true);
  });

  test("run again changes nothing, and is quiet about what has been given", () => {
    writeFileSync(at("secrets", "callers", "callers.json"), "{}");
    const before = everything();
    expect(prepare()).not.toContain("callers.json");
    expect(everything()).toEqual(before);
  });

  test("renews the bus's certificate by the same authority and for the same names, in the very files that containers have mounted", () => {
    const before = everything();
    const inode = statSync(at("secrets", "nats-cert.pem")).ino;
    prepare({ RENEW: "bus" });
    const changed = Object.entries(everything()).filter(([name, text]) => before[name] !== text).map(([name]) => name);
    expect(changed.toSorted()).toEqual(["secrets/nats-cert.pem", "secrets/nats-key.pem"]);
    expect(statSync(at("secrets", "nats-cert.pem")).ino).toBe(inode);
    expect(new X509Certificate(secret("nats-cert.pem")).subjectAltName).toBe("DNS:nats, DNS:bus.example.com");
    expect(new X509Certificate(secret("nats-cert.pem")).verify(new X509Certificate(secret("nats-ca.pem")).publicKey)).toBe(true);
  });
});

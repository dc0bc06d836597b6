import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "nats";
import { natsTransporter } from "../../config/nats-address.ts";
import { startNats } from "../../scripts/servers/start.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { describeWithOwn } from "../servers/available.ts";
import { until } from "../until.ts";
import { withPasswords } from "./nats-world.ts";

let folder: string;
const pathOf = (name: string): string => join(folder, name);
const certificate = (name: string): void =>
  void execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=nats",
    "-addext", "subjectAltName=DNS:localhost", "-keyout", pathOf(`${name}-key.pem`), "-out", pathOf(`${name}-cert.pem`)], { stdio: "ignore" });

describeWithOwn(["nats"], "the bus of deploy/nats/nats.conf", () => {
  let server: ServerProcess;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "esign-nats-tls-"));
    for (const name of ["nats", "other"]) certificate(name);
    // The file itself, but for its folders, its passwords and the fixed ports.
    const conf = readFileSync("deploy/nats/nats.conf", "utf8").replaceAll("/run/secrets/", `${folder}/`).replace(/^port:.*|^http:.*/gm, "");
    server = await startNats({ config: conf.replace('include "./users.conf"', () => withPasswords(readFileSync("deploy/nats/users.conf", "utf8"))) });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  const reaching = (scheme: string, credentials: string, query: string, port = server.port) =>
    connect({ ...natsTransporter(`${scheme}://${credentials}localhost:${port}${query}`).options, reconnect: false, maxReconnectAttempts: 0 });
  const ca = (name: string): string => `?ca=${pathOf(`${name}-cert.pem`)}`;
  const GATEWAY = "gateway:password%20of%20gateway@";

  test.each(["tls", "nats+tls", "nats"])("%s:// with user, password and the authority's certificate is in", async (scheme) => {
    const client = await reaching(scheme, GATEWAY, ca("nats"));
    expect([client.info?.tls_required, client.info?.max_payload]).toEqual([true, 8 * 1024 * 1024]);
    await client.close();
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ["another authority", () => reaching("tls", GATEWAY, ca("other")), /self-signed|certificate/i],
    ["the public authorities", () => reaching("tls", GATEWAY, ""), /self-signed|certificate/i],
    ["a wrong password", () => reaching("tls", "gateway:wrong@", ca("nats")), /authorization/i],
    ["no user", () => reaching("tls", "", ca("nats")), /authorization/i],
  ])("%s is refused", async (_, attempt, reason) => {
    await expect(attempt()).rejects.toThrow(reason);
  });

  test.each(["tls", "nats+tls"])("%s:// tells no password to a server without TLS", async (scheme) => {
    const got: Buffer[] = [];
    const plain = createServer((socket) => {
      socket.on("data", (data) => got.push(data)).on("error", () => undefined);
      socket.write('INFO {"server_id":"x","version":"2.9.10","max_payload":1048576,"proto":1,"auth_required":true}\r\n');
    }).listen(0, "127.0.0.1");
    await new Promise((listening) => plain.once("listening", listening));
    await expect(reaching(scheme, GATEWAY, "", (plain.address() as { port: number }).port)).rejects.toThrow(/tls/);
    expect(Buffer.concat(got).toString()).toBe("");
    await new Promise((closed) => plain.close(closed));
  });

  test("a renewed certificate is taken up beside connections that go on", async () => {
    const before = await reaching("tls", GATEWAY, ca("nats"));
    certificate("nats");
    process.kill(server.pid, "SIGHUP");
    const after = await until("the new certificate is shown", () => reaching("tls", GATEWAY, ca("nats")).catch(() => null), { pauseMs: 50 });
    await before.flush();
    expect([before.isClosed(), after.isClosed()]).toEqual([false, false]);
    await Promise.all([before.close(), after.close()]);
  });
});

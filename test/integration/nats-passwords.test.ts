import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose, filled, outside } from "../unit/deployment-compose.ts";
import { describeWithOwn } from "../servers/available.ts";

describeWithOwn(["nats"], "the bus's users", () => {
  // All of these are made by `openssl rand -hex`, and none of them is a text to the server unless it is quoted.
  test.each(["5e12", "12e5", "942e86", "12345678", "1eb", "0b1"])("may have the password %s", (password) => {
    const folder = mkdtempSync(join(tmpdir(), "esign-nats-passwords-"));
    const environment = { ...compose.services["nats"]!.environment, ...outside.services["nats"]!.environment };
    const values = Object.fromEntries(Object.keys(environment).map((name) => [name, password]));
    const given = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value, values)]));
    const file = join(folder, "nats.conf");
    writeFileSync(file, `authorization { ${readFileSync("deploy/nats/users-outside.conf", "utf8")} }\n`);
    const { status, stderr } = spawnSync("nats-server", ["-t", "-c", file], { env: { PATH: process.env["PATH"], ...given }, encoding: "utf8" });
    rmSync(folder, { recursive: true });
    expect([status, stderr]).toEqual([0, expect.stringContaining("is valid")]);
  });
});

import "./fresh-data-dir.ts";
import { readdirSync, readFileSync } from "node:fs";
import { expectCleanAnswer, startGateway, type Gateway } from "./gateway-harness.ts";

/** The console's files as the gateway serves them (issue 7 point 5); what they do is tested in a browser. */
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ adminKeys: [{ name: "ann", sha256: "0".repeat(64), roles: ["auditor"] }] });
});
afterAll(() => gateway.stop());

const shell = readFileSync("public-admin/index.html");
const assets = readdirSync("public-admin/assets");

test.each(["/admin", "/admin?x=<script>"])("%s is the same bytes for everyone, under a policy without inline code, frames or other hosts", async (target) => {
  const answer = await gateway.call("GET", target);
  expect(answer.status).toBe(200);
  expect(answer.bytes.equals(shell)).toBe(true);
  expect(answer.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-store", "cross-origin-opener-policy": "same-origin" });
  const policy = answer.headers["content-security-policy"] as string;
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types esign-preview"]) expect(policy.split("; ")).toContain(part);
  expect(policy).not.toMatch(/unsafe-|https?:|blob:|data:|\*/);
  expect(gateway.taken).toEqual([]);
  expectCleanAnswer(answer);
});

test("the shell has no inline code or style", () => {
  expect(shell.toString()).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
});

test.each([...shell.toString().matchAll(/(?:href|src)="(\/[^"]+)"/g)].map((match) => match[1]!))("%s, which the shell names, is there", async (path) => {
  expect((await gateway.call("GET", path)).status).toBe(200);
});

test.each(assets)("%s is served with its type and asked for again each time", async (file) => {
  const answer = await gateway.call("GET", `/admin/assets/${file}`);
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({ "cache-control": "no-cache", "x-content-type-options": "nosniff" });
  expect(answer.headers["content-type"]).toMatch(file.endsWith(".js") ? /javascript/ : /css/);
  const again = await gateway.call("GET", `/admin/assets/${file}`, { "If-None-Match": answer.headers.etag as string });
  expect([again.status, again.bytes.length]).toEqual([304, 0]);
});

test("every script that a script names is there, and none is left over", () => {
  const scripts = assets.filter((file) => file.endsWith(".js"));
  const named = new Set(scripts.flatMap((file) => [...readFileSync(`public-admin/assets/${file}`, "utf8").matchAll(/from "\.\/([^"]+)"/g)].map((match) => match[1]!)));
  expect([...named, "main.js"].sort()).toEqual(scripts.sort());
});

test.each(["/admin/", "/admin/assets/", "/admin/assets/../index.html", "/admin/assets/%2e%2e/%2e%2e/package.json", "/admin/assets/none.js", "/admin/index.html", "/Admin"])("%s is a clean 404", async (path) => {
  const answer = await gateway.call("GET", path);
  expect([answer.status, answer.json["code"]]).toEqual([404, "NOT_FOUND"]);
  expectCleanAnswer(answer);
});

test("where nobody administers there is no console and no file of it", async () => {
  const off = await startGateway({ adminKeys: [] });
  try {
    for (const path of ["/admin", "/admin/assets/main.js"]) expect((await off.call("GET", path)).status).toBe(404);
  } finally {
    await off.stop();
  }
});

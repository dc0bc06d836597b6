import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { MEMBER } from "../../../services/evidence/bundle-format.ts";
import { root } from "./authority.ts";
import { honestBundle, madeKey, membersOf, sealedPdf, signedRequest, story, type Fact } from "./sample.ts";

let folder: string;
let pdf: Buffer;
beforeAll(async () => {
  pdf = await sealedPdf();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "esign-readme-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const has = (command: string, argument: string): boolean => spawnSync(command, [argument], { timeout: 60_000 }).status === 0;
const tools = has("python3", "--version") && has("openssl", "version");
const withRequest = (data: object): Fact[] => story(pdf).map((fact) => (fact.type === "REQUEST" ? { ...fact, data: { ...fact.data, ...data } } : fact));

async function unpacked(facts: Fact[], redacted = false): Promise<string> {
  const members = membersOf(await honestBundle(facts, pdf, { redacted }));
  for (const [path, bytes] of members) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return Buffer.from(members.get(MEMBER.readme)!).toString();
}
const run = (command: string) => spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8", timeout: 60_000 });

/** The commands stand in the text indented by seven blanks. */
const commands = (readme: string): string[] => readme.split("\n").filter((line) => /^ {7}(openssl|sha256sum) /.test(line)).map((line) => line.trim());

(tools ? describe : describe.skip)("whoever follows README.txt to the letter, with openssl and Python alone,", () => {
  test.each([
    ["ED25519", signedRequest()],
    ["RSA-SHA256", signedRequest({ signType: "RSA-SHA256", key: madeKey("rsa") })],
  ])("finds bundle, chain and a request signed by %s good", async (_type, signed) => {
    const readme = await unpacked(withRequest({ signed }));
    writeFileSync(join(folder, "root.pem"), root.certificate.toString());
    writeFileSync(join(folder, "check.py"), readme.slice(readme.indexOf("import base64")));
    expect(run("python3 check.py")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^OK 11 [0-9a-f]{64}\n$/) });
    expect(readFileSync(join(folder, "request.txt"), "utf8").split("\n")).toHaveLength(8);
    for (const command of commands(readme)) {
      // Judged at the time of the last event, as the text advises for a certificate that has run out.
      const asked = command.replace("openssl verify ", `openssl verify -attime ${Date.parse("2026-11-24T08:22:00Z") / 1000} `);
      expect({ command, status: run(asked).status }).toEqual({ command, status: 0 });
    }
    writeFileSync(join(folder, "request.txt"), `${readFileSync(join(folder, "request.txt"), "utf8")} `);
    expect(run(commands(readme).find((command) => command.includes("request.sig"))!).status).not.toBe(0);
  });
});

test.each<[string, () => Promise<string>, string]>([
  ["a shared secret", () => unpacked(withRequest({ signed: signedRequest({ signType: "HMAC-SHA256" }) })), "共享密钥"],
  ["no signature", () => unpacked(withRequest({ signed: undefined })), "未经业务系统签名"],
  ["a redacted request", () => unpacked(story(pdf), true), "已遮盖"],
])("README.txt says what %s leaves unproved", async (_what, made, words) => {
  const step = (await made()).split("\n").find((line) => line.startsWith("6. "));
  expect(step).toContain(words);
});

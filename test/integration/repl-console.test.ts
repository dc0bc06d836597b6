import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../../cli/free-port.ts";

/** The real platform with its console, as `npm run repl` starts it; lines go in by stdin as an operator types them. */
let child: ChildProcess;
let output = "";
let log = "";
let folder: string;
let url: string;
const waiting: (() => void)[] = [];
const SECRET = `h5:${Buffer.alloc(32, 5).toString("base64")}`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "esign-console-"));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  child = spawn(resolve("node_modules/.bin/node"), ["main.ts", "--repl"], {
    env: { PATH: process.env["PATH"], HOME: folder, DATA_DIR: join(folder, "data"), PORT: String(port), PUBLIC_BASE_URL: url, METRICS_PORT: "off", H5_TOKEN_SECRET: SECRET },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdout!.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    for (const look of waiting) look();
  });
  child.stderr!.on("data", (chunk: Buffer) => (log += chunk.toString()));
  await printed(/esign> /);
}, 60_000);
afterAll(async () => {
  if (child.exitCode === null) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves when the console has printed it. */
function printed(what: RegExp): Promise<void> {
  if (what.test(output)) return Promise.resolve();
  return new Promise((done, failed) => {
    const ended = () => failed(new Error(`the console ended: ${output.slice(-500)} ${log.slice(-2000)}`));
    waiting.push(() => {
      if (!what.test(output)) return;
      child.off("exit", ended);
      done();
    });
    child.once("exit", ended);
  });
}
let lines = 0;
/** Types a line; what the console prints until it has run. */
async function type(line: string): Promise<string> {
  const end = `end-${++lines}`;
  output = "";
  child.stdin!.write(`${line}\nprocess ${end}\n`);
  await printed(new RegExp(`没有子命令“${end}”`));
  return output.slice(0, output.indexOf("错误 PARAM_INVALID：process 没有子命令"));
}
async function started(): Promise<string> {
  const response = await fetch(`${url}/sandbox/api/start`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE" }) });
  return ((await response.json()) as { data: { processId: string } }).data.processId;
}

test("an operator looks, cancels, takes the evidence out and checks it, all by typed lines", async () => {
  const processId = await started();
  expect(await type(`process show ${processId}`)).toMatch(/状态：SMS_SENT\n[^]*等待：签署人打开短信链接（截止/);
  expect(await type("process stuck")).toContain("没有停滞的流程");
  expect(await type(`process cancel ${processId} --by ann --reason "客户来电，要求 0123 号工单取消"`)).toContain("状态：FAILED CANCELLED");
  const story = await type(`process timeline ${processId}`);
  for (const word of ["证据 1 REQUEST", "INCIDENT", "状态 FAILED（cancel）", "STATE"]) expect(story).toContain(word);

  const file = join(folder, "out of the chain.zip");
  expect(await type(`evidence export ${processId} "${file}" --by ann --reason 法院调证`)).toMatch(/证据包已写入/);
  expect(await type(`evidence verify "${file}"`)).toContain("结论：成立");
  expect(await type(`evidence export ${processId} "${file}" --by ann --reason 法院调证`)).toContain("文件已存在，不会覆盖");
  expect(await type("delivery list --state DELIVERED")).toContain(processId);

  // The same audit as the administration's, which opens with the development's token.
  const token = readFileSync(join(folder, "data", "keys", "admin-token"), "utf8").trim();
  const audit = await fetch(`${url}/api/admin/v1/audit?target=${processId}`, { headers: { authorization: `Bearer ${token}` } });
  const { data } = (await audit.json()) as { data: { items: { action: string; name: string; via: string; reason: string | null }[] } };
  expect(data.items.slice(1).map(({ action, name, via }) => `${action} ${name} ${via}`)).toEqual([
    "evidence.export ann CONSOLE",
    "evidence.export ann CONSOLE",
    "process.timeline console CONSOLE",
    "process.cancel ann CONSOLE",
    "process.show console CONSOLE",
  ]);
  expect(data.items[4]!.reason).toBe("客户来电，要求 0123 号工单取消");
}, 60_000);

test.each(["call process.get", "dcall a b", "emit x", "broadcast x", "load x.js", "destroy process", "env", "bench x", "listener add x", "cache keys", "metrics", "process.exit(1)", "1+1"])(
  "%s is not offered, since it would pass the audit by or print what is secret",
  async (line) => {
    const told = await type(line);
    expect(told).toMatch(/错误 PARAM_INVALID：没有命令“.+”/);
    expect(told).not.toContain(SECRET);
  },
);

test.each(["help", "process", "process --help", "process retry --help", "delivery help replay", "evidence -h"])("%s explains in Chinese", async (line) => {
  expect(await type(line)).toMatch(/\p{Script=Han}{4}/u);
});

test("a quotation that does not end, and bytes that are no text, end no console", async () => {
  await type('process show "x');
  await type("process show \u001b[2J\u0000");
  expect(await type("process stuck")).toContain("没有停滞的流程");
});

test("the log goes to stderr, and neither it nor the console names a person", () => {
  expect(log).toContain('"svc":"gateway"');
  for (const secret of ["13800138000", "110101199001011234", "6228480012345678901"]) expect(log).not.toContain(secret);
});

test("the end of the input lets the running command end, then stops the platform", async () => {
  const processId = await started();
  output = "";
  child.stdin!.end(`process cancel ${processId} --by ann --reason 收工\n`);
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
  expect(output).toContain("状态：FAILED CANCELLED");
  expect(log).toContain("ServiceBroker is stopped");
});

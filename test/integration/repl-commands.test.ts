import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { operatorWorld, type OperatorWorld } from "./operator-world.ts";
import { json } from "./outside-system.ts";
import { config } from "./settings-of-this-test.ts";
import { ensureSealKey } from "../../config/development-seal.ts";
import type { CommandGroup } from "../../mixins/console/commands.ts";
import { helpLines } from "../../mixins/console/reading.ts";
import { printable, runCommand } from "../../mixins/console/running.ts";
import evidence from "../../services/evidence/evidence.repl.ts";
import delivery from "../../services/notifier/notifier.repl.ts";
import signingProcess from "../../services/process/process.repl.ts";
import { until } from "../until.ts";

const GROUPS: Record<string, CommandGroup> = { process: signingProcess, delivery, evidence };
const BY = ["--by", "ann", "--reason", "客户来电"];

let on: OperatorWorld;
let folder: string;
beforeAll(async () => {
  await ensureSealKey(config);
  on = await operatorWorld();
  folder = mkdtempSync(join(tmpdir(), "esign-console-"));
});
afterEach(() => {
  on.world.whileSending = null;
});
afterAll(async () => {
  await on.end();
  rmSync(folder, { recursive: true });
});

/** The words of a line, as the console has split it; what was printed. */
async function said(...words: string[]): Promise<{ text: string; good: boolean }> {
  on.world.now++;
  const lines: string[] = [];
  const [group, ...rest] = words;
  const good = await runCommand(GROUPS[group!]!, rest, {
    call: <T>(action: string, params: object, timeout = 5_000) => on.broker.call<T, object>(action, params, { timeout }),
    print: (line) => void lines.push(line),
  });
  return { text: lines.join("\n"), good };
}
const about = (target: string) => on.audits.find({ target }, { sort: ["at"] });

async function hanging(change: object = {}): Promise<string> {
  on.world.whileSending = () => Promise.reject(new Error("down"));
  const { processId } = await on.initiate(on.request(change));
  await on.settled();
  on.world.whileSending = null;
  return processId;
}

test("every verb of every group has help, which names its arguments and options", async () => {
  for (const [name, group] of Object.entries(GROUPS)) {
    const { text, good } = await said(name);
    expect(good).toBe(true);
    for (const verb of group.verbs) {
      expect(text).toContain(verb.help);
      const own = (await said(name, "help", verb.name)).text;
      for (const word of [...verb.arguments, ...Object.keys(verb.options ?? {}), ...(verb.accountable ? ["--by", "--reason"] : [])]) expect(own).toContain(word);
    }
    expect(helpLines(group).join()).toMatch(/\p{Script=Han}/u);
  }
  expect(Object.values(GROUPS).flatMap((group) => group.verbs.map((verb) => `${group.name} ${verb.name}`))).toEqual(
    expect.arrayContaining(["process show", "process timeline", "process stuck", "process retry", "process cancel", "delivery list", "delivery replay", "evidence export", "evidence verify"]),
  );
});

test.each<[string, string[], string]>([
  ["an unknown verb", ["process", "drop"], "没有子命令“drop”"],
  ["a missing argument", ["process", "show"], "缺少 <processId>"],
  ["words too many", ["process", "show", "A", "B"], "多余的参数"],
  ["an unknown option", ["process", "show", "A", "--force"], "不认识的选项 --force"],
  ["an option without value", ["process", "stuck", "--limit"], "选项 --limit 缺少值"],
  ["an option twice", ["process", "retry", "A", "--by", "a", "--by", "b", "--reason", "x"], "只能给出一次"],
  ["a limit that is no number", ["process", "stuck", "--limit", "many"], "limit"],
  ["no name", ["process", "retry", "A", "--reason", "复查"], "--by 必填"],
  ["no reason", ["process", "cancel", "A", "--by", "ann"], "--reason 必填"],
  ["an empty reason", ["delivery", "replay", "A", "--by", "ann", "--reason="], "缺少值"],
  ["a name with a blank", ["process", "retry", "A", "--by", "ann lee", "--reason", "复查"], "--by 只能是"],
  ["a name in Chinese, and says what is wanted", ["process", "retry", "A", "--by", "张三", "--reason", "复查"], "用法：process retry <processId> --by 账号"],
  ["a mobile as the name", ["process", "retry", "A", "--by", "13800138000", "--reason", "复查"], "--by 只能是"],
  ["a mobile in the reason", ["process", "retry", "A", "--by", "ann", "--reason", "致电 13800138000"], "不得包含手机号"],
  ["a reason of 201 characters", ["evidence", "export", "A", "/tmp/x.zip", "--by", "ann", "--reason", "复".repeat(201)], "200"],
  ["an unknown process", ["process", "show", "ESIGN_PROC_NONE"], "错误 PROCESS_NOT_FOUND：签约流程不存在"],
  ["an unknown event", ["delivery", "replay", "EVT_SIGN_NONE", ...BY], "错误 NOT_FOUND：回调事件不存在"],
  ["an unknown state", ["delivery", "list", "--state", "LOST"], "state：取值不正确"],
  ["a bad cursor", ["delivery", "list", "--after", "bm8"], "after：游标无效"],
  ["a prototype's key as verb", ["process", "__proto__"], "没有子命令"],
  ["a prototype's key as option", ["process", "show", "A", "--__proto__", "x"], "不认识的选项"],
])("%s is refused in Chinese with its code", async (_, words, told) => {
  const { text, good } = await said(...words);
  expect(good).toBe(false);
  expect(text).toMatch(/^错误 [A-Z_]+：/);
  expect(text).toContain(told);
});

test("a hanging process is listed with its reason, shown masked, and told as a story", async () => {
  const processId = await hanging();
  expect((await said("process", "stuck")).text).toMatch(new RegExp(`${processId} {2}INIT {2}RELATION_BINDING .+\\n    发送签约短信（invite）已失败 1 次`));
  const { text } = await said("process", "show", processId);
  expect(text).toContain("停滞：发送签约短信（invite）已失败 1 次，最近的错误 Error");
  for (const secret of ["13800138000", "110101199001011234", "6228480012345678901", "张三"]) expect(text).not.toContain(secret);
  const story = (await said("process", "timeline", processId)).text;
  expect(story).toMatch(/状态 INIT（initiate）\n.+证据 1 REQUEST\n.+证据 2 PROTOCOL/);
  expect((await said("process", "find", "M100001")).text).toContain(processId);
});

test("a retry does it now, and stands in the chain and in the audit under one id", async () => {
  const processId = await hanging();
  const { text } = await said("process", "retry", processId, ...BY);
  expect(text).toMatch(/^已立即重试\n[^]*状态：SMS_SENT/);
  const [incident] = await on.incidents(processId);
  const [entry, ...more] = await about(processId);
  expect(more).toEqual([]);
  expect(entry).toMatchObject({ name: "ann", via: "CONSOLE", action: "process.retry", reason: "客户来电", outcome: "SUCCESS" });
  expect(incident).toMatchObject({ evidenceKey: `OPERATOR:${entry!._id}`, evidenceData: { by: "OPERATOR", action: "RETRY", name: "ann", reason: "客户来电", via: "CONSOLE" } });
  expect((await said("process", "retry", processId, ...BY)).text).toMatch(/^没有需要重试的事项/);
});

test("a cancel ends the process as CANCELLED under the operator's name, tells the wallet who it was not, and again changes nothing", async () => {
  const signing = await on.signing(on.request());
  const { text } = await said("process", "cancel", signing.processId, ...BY);
  expect(text).toContain("状态：FAILED CANCELLED 平台运营人员已取消签约");
  await said("process", "cancel", signing.processId, ...BY);
  expect(await on.incidents(signing.processId)).toMatchObject([{ evidenceType: "INCIDENT", evidenceData: { action: "CANCEL", name: "ann", reason: "客户来电" } }]);
  expect(await signing.evidence()).toEqual(["REQUEST", "PROTOCOL", "SMS_RECORD", "INCIDENT", "STATE"]);
});

test("a signed process cannot be cancelled, and the attempt is in the audit", async () => {
  const signing = await on.signing(on.request());
  await signing.signed();
  expect((await said("process", "cancel", signing.processId, ...BY)).text).toMatch(/^错误 PROCESS_STATE_INVALID：/);
  expect(await about(signing.processId)).toMatchObject([{ action: "process.cancel", outcome: "PROCESS_STATE_INVALID" }]);
  expect(await on.incidents(signing.processId)).toEqual([]);
});

test("a parked delivery is listed and replayed", async () => {
  on.wallet.script.push(json({}, 500));
  const { processId } = await on.initiate(on.request());
  await said("process", "cancel", processId, ...BY);
  await until("the delivery is parked", async () => {
    const { text } = await said("delivery", "list", "--process", processId);
    if (text.includes("PARKED")) return true;
    await on.notifier.sweepNow();
    await on.notifier.lanes.idle();
    return false;
  });
  const listed = (await said("delivery", "list")).text;
  const eventId = /EVT_SIGN_\w+(?= {2}PARKED)/.exec(listed.split("\n").find((line) => line.includes(processId))!)![0];
  expect((await said("delivery", "replay", eventId, ...BY)).text).toMatch(/^已安排重新回调\n/);
  expect((await on.incidents(processId)).map((one) => one.evidenceData!["action"])).toEqual(["CANCEL", "REPLAY"]);
});

describe("evidence", () => {
  test("is written to a new file of the operator's own, with who, why and which view in the chain and in the bundle, and holds", async () => {
    const { processId } = await on.signing(on.request());
    const file = join(folder, "a.zip");
    expect((await said("evidence", "export", processId, file, ...BY)).text).toMatch(/^证据包已写入 .+，SHA-256 [0-9a-f]{64}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await on.incidents(processId)).toMatchObject([{ evidenceType: "CUSTODY", evidenceData: { by: "OPERATOR", action: "EXPORT", name: "ann", reason: "客户来电", view: "full" } }]);

    // The full bundle of a real platform is checked in repl-console.test.ts; the agreement here is a stand-in's.
    const redacted = join(folder, "redacted.zip");
    await said("evidence", "export", processId, redacted, "--view", "redacted", ...BY);
    expect(await said("evidence", "verify", redacted)).toMatchObject({ good: true, text: expect.stringContaining("结论：成立") });
    expect((await on.incidents(processId)).map((one) => one.evidenceData!["view"])).toEqual(["full", "redacted"]);
  });

  test("an existing file stays as it is, and nothing is handed out", async () => {
    const { processId } = await on.signing(on.request());
    const file = join(folder, "there.zip");
    writeFileSync(file, "mine");
    expect((await said("evidence", "export", processId, file, ...BY)).text).toBe("错误 PARAM_INVALID：文件已存在，不会覆盖，请换一个文件名");
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect(await on.incidents(processId)).toEqual([]);
  });

  test("of an unknown process leaves no file behind", async () => {
    const file = join(folder, "none.zip");
    expect((await said("evidence", "export", "ESIGN_PROC_NONE", file, ...BY)).text).toMatch(/^错误 PROCESS_NOT_FOUND：/);
    expect(existsSync(file)).toBe(false);
  });

  test("that was changed does not hold, and a file that is none is told", async () => {
    const { processId } = await on.signing(on.request());
    const file = join(folder, "changed.zip");
    await said("evidence", "export", processId, file, ...BY);
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(file, bytes);
    expect(await said("evidence", "verify", file)).toMatchObject({ good: false, text: expect.stringContaining("结论：不成立") });
    expect((await said("evidence", "verify", join(folder, "nothing.zip"))).text).toBe("错误 PARAM_INVALID：文件无法读取（ENOENT）");
  });
});

test("nothing that is printed steers the terminal: escapes, C1 controls, overrides and line breaks become question marks", async () => {
  expect(printable("a\u001b[2Jb\u009bc\u202ed\ne\u2028f\u0007g\ud800h")).toBe("a?[2Jb?c?d?e?f?g?h");
  const { processId } = await on.initiate(on.request());
  const stored = (await on.node.collections.processes.get(processId))!;
  await on.node.collections.processes.replaceIfVersion({ ...stored, request: { ...stored.request, payerInfo: { ...stored.request.payerInfo, merchantName: "坏\u001b]0;x\u0007\u009b2J\n名" } } });
  for (const words of [["show", processId], ["find", processId]]) {
    const { text } = await said("process", ...words);
    expect(text).toContain("坏?]0;x??2J?名");
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
});

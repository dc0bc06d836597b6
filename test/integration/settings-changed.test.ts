import { config } from "./settings-of-this-test.ts";
import { ServiceBroker, type Service, type ServiceSchema } from "moleculer";
import type { Collection } from "../../mixins/collection-types.ts";
import { collections } from "../../mixins/collection.ts";
import { settingsOf } from "../../mixins/settings-in-force.ts";
import { settingVersionModel, type SettingVersion } from "../../services/process/setting-version.model.ts";
import { settingsOwner } from "../../services/process/settings-owner.ts";
import smsSchema from "../../services/sms/sms.service.ts";
import { until } from "../until.ts";
import { json } from "./outside-system.ts";
import { operatorWorld, TOKEN, type OperatorWorld } from "./operator-world.ts";

/** Settings as data, through HTTP and the real services of one node. */

interface View {
  version: number;
  values: Record<string, string>;
  changed: string[];
  fields: { key: string; label: string; type: string; doc: string; default: string }[];
  changedAt: string | null;
  by: string | null;
}
let on: OperatorWorld;
let versions: Collection<SettingVersion>;
beforeAll(async () => {
  on = await operatorWorld();
  versions = (on.broker.getLocalService("process") as unknown as Service & { collections: { settings: Collection<SettingVersion> } }).collections.settings;
});
afterAll(() => on.end());

const shown = async () => (await on.get("settings")).json.data as View;
const post = async (changes: unknown, more: object = {}, token = TOKEN) => on.post("settings", { basedOn: (await shown()).version, changes, reason: "调整", ...more }, token);
const wholeSecond = (at: Date): number => Math.floor(at.getTime() / 1_000) * 1_000;
const change = async (changes: Record<string, string | null>) => {
  const told = await post(changes);
  expect([told.status, told.json["errors"]]).toEqual([200, undefined]);
  return told.json.data as View;
};

test("before anybody has changed anything the environment's values hold, each with its Chinese name", async () => {
  const view = await shown();
  expect(view).toMatchObject({ version: 0, changed: [], changedAt: null, by: null, values: { SIGN_WINDOW: "24h", SIGN_SMS_CODE: "on", CALLBACK_SCHEDULE: "0s,5s,30s,2m,10m,30m,1h,2h,4h,8h,12h,20h,24h", WALLET_RATE: "off", VERIFICATION_WINDOW_REMITTANCE: "7d" } });
  expect(view.fields).toHaveLength(15);
  for (const { label, doc } of view.fields) expect(label + doc).toMatch(/\p{Script=Han}/u);
});

test("a change names who, when and why, is in force at once, and stands in the history and in the audit", async () => {
  const before = await shown();
  const view = await change({ SIGN_WINDOW: "48h", SIGN_SMS_CODE: "off" });
  expect(view).toMatchObject({ version: before.version + 1, changed: ["SIGN_WINDOW", "SIGN_SMS_CODE"], by: "ann", values: { SIGN_WINDOW: "2d", SIGN_SMS_CODE: "off", READ_SECONDS: "8s" } });
  const { items } = (await on.get("settings/history")).json.data as { items: object[] };
  expect(items[0]).toEqual({ version: view.version, at: view.changedAt, by: "ann", reason: "调整", changes: [{ key: "SIGN_WINDOW", from: null, to: "2d" }, { key: "SIGN_SMS_CODE", from: null, to: "off" }] });
  const [entry] = await on.audits.find({ target: "settings" }, { sort: ["-at"], limit: 2 }).then((found) => found.filter(({ action }) => action === "settings.change"));
  expect(entry).toMatchObject({ name: "ann", reason: "调整", outcome: "SUCCESS" });
  expect((await versions.get(String(view.version)))!.operationId).toBe(entry!._id);
  await change({ SIGN_WINDOW: null, SIGN_SMS_CODE: null });
});

test("new processes go by it and running ones keep what was pinned in them", async () => {
  const running = await on.signing(on.request());
  const deadline = (await running.process()).signDeadline;
  await change({ SIGN_WINDOW: "2h", SIGN_SMS_CODE: "off", STRICT_CHECKSUMS: "off" });
  const fresh = await on.signing(on.request());
  const { signDeadline, createdAt, agreement } = await fresh.process();
  expect(signDeadline).toEqual(new Date(wholeSecond(createdAt) + 2 * 3_600_000));
  expect([agreement.codeRequired, (await running.process()).agreement.codeRequired, (await running.process()).signDeadline]).toEqual([false, true, deadline]);
  await fresh.open();
  on.world.now += 10_000;
  expect((await fresh.sign({ smsCode: undefined }))["status"]).toBe("VERIFICATION_PENDING");
  await running.open();
  on.world.now += 10_000;
  await expect(running.sign({ smsCode: undefined })).rejects.toMatchObject({ type: "SMS_CODE_INVALID" });
  await change({ SIGN_WINDOW: null, SIGN_SMS_CODE: null });
});

test("the windows of the verification, the reading time and the rules are those in force at the moment they are needed", async () => {
  const process = await on.signing(on.request());
  await process.open();
  await process.code();
  await change({ READ_SECONDS: "1m", VERIFICATION_WINDOW_REMITTANCE: "3h" });
  on.world.now += 10_000;
  await expect(process.sign()).rejects.toMatchObject({ type: "READING_INCOMPLETE" });
  await change({ READ_SECONDS: null });
  await process.sign();
  const { expiredAt, signedAt } = await process.process();
  expect(expiredAt).toEqual(new Date(wholeSecond(signedAt!) + 3 * 3_600_000));
  const rules = [{ processType: "RELATION_BINDING", mode: "REMITTANCE" }, { mode: "REMITTANCE" }];
  await change({ VERIFICATION_WINDOW_REMITTANCE: null, VERIFICATION_RULES: JSON.stringify(rules, null, 2) });
  const signer = { processType: "RELATION_BINDING", merchantType: "INDIVIDUAL" };
  expect(await on.broker.call("verification-bridge.mode", signer)).toEqual({ type: "REMITTANCE" });
  expect((await shown()).values["VERIFICATION_RULES"]).toBe(JSON.stringify(rules));
  await change({ VERIFICATION_RULES: null });
  expect(await on.broker.call("verification-bridge.mode", signer)).toEqual({ type: "FACE" });
});

test("a limit that is lowered counts what has been counted, one that is lifted lets everybody pass", async () => {
  await change({ WALLET_RATE: "3/h" });
  on.world.now += 3_600_000;
  for (let n = 0; n < 3; n++) await on.initiate(on.request());
  await expect(on.initiate(on.request())).rejects.toMatchObject({ type: "RATE_LIMITED" });
  await change({ WALLET_RATE: "5/h" });
  await on.initiate(on.request());
  await change({ WALLET_RATE: "2/h" });
  await expect(on.initiate(on.request())).rejects.toMatchObject({ type: "RATE_LIMITED" });
  await change({ WALLET_RATE: null });
  await on.initiate(on.request());
});

test("the signer's page goes by the new limit too", async () => {
  await change({ H5_RATE: "10/m" });
  on.world.now += 60_000;
  const statuses: number[] = [];
  for (let n = 0; n < 11; n++) statuses.push((await on.page("x".repeat(43))).status);
  expect([statuses.filter((status) => status === 401).length, statuses.at(-1)]).toEqual([10, 429]);
  await change({ H5_RATE: null });
  expect((await on.page("x".repeat(43))).status).toBe(401);
});

test("a callback that fails waits by the new schedule, and a verification that is started is asked for by the new wait", async () => {
  await change({ CALLBACK_SCHEDULE: "0s,1h", VERIFICATION_QUERY_AFTER: "10m" });
  on.wallet.script.push(...Array.from({ length: 20 }, () => json({ code: "DOWN" }, 503)));
  const process = await (await on.signing(on.request())).signed();
  const [attempt] = await on.bridge.collections.attempts.find({ processId: process.processId });
  expect(attempt).toMatchObject({ queryEveryMs: 600_000 });
  await process.result("FAILED", { verificationId: attempt!.verificationId });
  await on.settled();
  const [delivery] = await until("the wallet has refused it", async () => {
    const found = await on.notifier.collections.deliveries.find({ processId: process.processId });
    return found[0]?.attempts.length ? found : null;
  });
  expect(delivery).toMatchObject({ state: "PENDING" });
  const wait = delivery!.nextAt!.getTime() - on.world.now;
  expect([wait > 0.79 * 3_600_000, wait < 1.21 * 3_600_000]).toEqual([true, true]);
  on.wallet.script.length = 0;
  await change({ CALLBACK_SCHEDULE: null, VERIFICATION_QUERY_AFTER: null });
});

test("one mobile gets as many SMS as the new limit allows", async () => {
  const { SMS_MOBILE_LIMIT: before } = (await shown()).values;
  const owner = { name: "process", mixins: [settingsOwner, collections({ settings: settingVersionModel })] } as unknown as ServiceSchema;
  const broker = new ServiceBroker({ nodeID: "sms-by-settings", logger: false });
  for (const schema of [owner, smsSchema]) broker.createService(schema);
  await broker.start();
  const reserve = (n: number) => broker.call("sms.reserve", { messageId: `INV_${n}`, mobile: "13900139000" }).then(() => "passes", (error: { type: string }) => error.type);
  await change({ SMS_MOBILE_LIMIT: "2/24h" });
  await settingsOf(broker).look();
  expect([await reserve(1), await reserve(2), await reserve(3)]).toEqual(["passes", "passes", "RATE_LIMITED"]);
  await change({ SMS_MOBILE_LIMIT: "3/24h" });
  await settingsOf(broker).look();
  expect([await reserve(3), await reserve(4)]).toEqual(["passes", "RATE_LIMITED"]);
  await change({ SMS_MOBILE_LIMIT: null });
  await broker.stop();
  expect((await shown()).values["SMS_MOBILE_LIMIT"]).toBe(before);
});

test("what is like that already makes no version", async () => {
  await change({ SIGN_WINDOW: "36h" });
  const before = await shown();
  const told = await post({ SIGN_WINDOW: " 2160m " });
  expect([told.json.message, (told.json.data as View).version]).toEqual(["与现有配置相同，未作更改", before.version]);
  await change({ SIGN_WINDOW: null });
});

test.each<[string, unknown, [string, string][]]>([
  ["no object", "SIGN_WINDOW", [["changes", "应为对象"]]],
  ["nothing", {}, [["changes", "至少"]]],
  ["a setting that cannot change", { DATA_DIR: "/" }, [["changes", "不可在线更改"]]],
  ["a name of an object's own", { constructor: "1h", __proto__x: "1h" }, [["changes", "不可在线更改"], ["changes", "不可在线更改"]]],
  ["a duration that is none", { SIGN_WINDOW: "one day" }, [["changes.SIGN_WINDOW", "SIGN_WINDOW 应为时长"]]],
  ["a number in place of a text", { SIGN_WINDOW: 7 }, [["changes.SIGN_WINDOW", "SIGN_WINDOW 应为时长"]]],
  ["a duration out of bounds", { SIGN_WINDOW: "31d" }, [["changes.SIGN_WINDOW", "SIGN_WINDOW 必须在 1m 至 30d 之间"]]],
  ["no window at all", { VERIFICATION_WINDOW_FACE: "0s" }, [["changes.VERIFICATION_WINDOW_FACE", "必须在 5m 至 30d 之间"]]],
  ["a rate that is none", { WALLET_RATE: "many" }, [["changes.WALLET_RATE", "次数/时长"]]],
  ["a rate of nothing", { WALLET_RATE: "0/m" }, [["changes.WALLET_RATE", "次数/时长"]]],
  ["a page nobody can use", { H5_RATE: "2/m" }, [["changes.H5_RATE", "无法完成签署"]]],
  ["one SMS and no code", { SMS_MOBILE_LIMIT: "1/d" }, [["changes.SMS_MOBILE_LIMIT", "至少为 2"]]],
  ["a switch that is none", { SIGN_SMS_CODE: "maybe" }, [["changes.SIGN_SMS_CODE", "on 或 off"]]],
  ["a schedule that never ends", { CALLBACK_SCHEDULE: Array(51).fill("1s").join(",") }, [["changes.CALLBACK_SCHEDULE", "最多 50 次"]]],
  ["a schedule over a month", { CALLBACK_SCHEDULE: Array(6).fill("6d").join(",").replace("6d", "0s") + ",6d" }, [["changes.CALLBACK_SCHEDULE", "总时长"]]],
  ["rules that are no JSON", { VERIFICATION_RULES: "[" }, [["changes.VERIFICATION_RULES", "JSON 数组"]]],
  ["rules that leave somebody unverified", { VERIFICATION_RULES: '[{"merchantType":"ENTERPRISE","mode":"REMITTANCE"}]' }, [["changes.VERIFICATION_RULES", "没有适用于 RELATION_BINDING 与 INDIVIDUAL 的规则"]]],
  ["a rule with an unknown word", { VERIFICATION_RULES: '[{"mode":"TELEPATHY"}]' }, [["changes.VERIFICATION_RULES", "第 1 行mode 取值不正确"]]],
  ["two at once", { SIGN_WINDOW: "x", READ_SECONDS: "11m" }, [["changes.SIGN_WINDOW", "应为时长"], ["changes.READ_SECONDS", "10m"]]],
  ["a window that is over before the agreement may be signed", { SIGN_WINDOW: "1m", READ_SECONDS: "10m" }, [["changes.SIGN_WINDOW", "至少应为最短阅读时间的两倍"], ["changes.READ_SECONDS", "至少应为最短阅读时间的两倍"]]],
  ["a reading time that the window in force has no room for", { READ_SECONDS: "10m", VERIFICATION_WINDOW_FACE: "25h" }, [["changes.READ_SECONDS", "两倍"]]],
  ["a good one beside a bad one", { SIGN_WINDOW: "48h", READ_SECONDS: "x" }, [["changes.READ_SECONDS", "应为时长"]]],
])("%s is refused with what is wrong, in Chinese, and nothing changes", async (what, changes, wrong) => {
  if (what.includes("in force")) await change({ SIGN_WINDOW: "19m" });
  const before = await shown();
  const told = await post(changes);
  expect([told.status, told.json["code"]]).toEqual([400, "PARAM_INVALID"]);
  expect(told.json.errors).toEqual(wrong.map(([field, message]) => ({ field, message: expect.stringContaining(message) })));
  expect(await shown()).toEqual(before);
  if (what.includes("in force")) await change({ SIGN_WINDOW: null });
});

test.each([undefined, null, "3", -1, 1.5])("without a version it was based on (%p) a change is refused", async (basedOn) => {
  const told = await post({ SIGN_WINDOW: "48h" }, { basedOn });
  expect(told.json).toMatchObject({ code: "PARAM_INVALID", errors: [{ field: "basedOn" }] });
});

test("without a reason nothing changes, nor without the role", async () => {
  const before = await shown();
  expect((await post({ SIGN_WINDOW: "48h" }, { reason: "" })).status).toBe(400);
  expect((await post({ SIGN_WINDOW: "48h" }, {}, "nobody's")).status).toBe(401);
  expect(await shown()).toEqual(before);
});

test("of two who change from the same state at once one is told that the other was faster, and loses nothing silently", async () => {
  const { version } = await shown();
  const both = await Promise.all(["40h", "41h"].map((window) => on.post("settings", { basedOn: version, changes: { SIGN_WINDOW: window }, reason: "同时" })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(both.find(({ status }) => status === 409)!.json).toMatchObject({ code: "SETTINGS_CHANGED", message: "配置已被他人更改，请刷新后重新核对" });
  expect((await shown()).version).toBe(version + 1);
  const stale = await on.post("settings", { basedOn: version, changes: { READ_SECONDS: "9s" }, reason: "旧的" });
  expect([stale.status, (await shown()).version]).toEqual([409, version + 1]);
  await change({ SIGN_WINDOW: null });
});

test("the history's pages hold every change once, the youngest first", async () => {
  const seen: number[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const page: { items: { version: number }[]; next: string | null } = (await on.get(`settings/history?limit=3&after=${next}`)).json.data as never;
    seen.push(...page.items.map(({ version }) => version));
    next = page.next;
  }
  const { version } = await shown();
  expect(seen).toEqual(Array.from({ length: version }, (_, at) => version - at));
  expect((await on.get("settings/history?after=nonsense")).json).toMatchObject({ code: "PARAM_INVALID", errors: [{ field: "after" }] });
});

test("a text that only a newer platform understands leaves the environment's value in force", async () => {
  const { version } = await shown();
  const stored = { SIGN_WINDOW: "a fortnight", READ_SECONDS: "9s", NEVER_HEARD_OF: "x" };
  await versions.insert({ _id: String(version + 1), number: version + 1, at: new Date(), by: "newer", reason: "新版本", operationId: "AUDIT_X", changes: [], stored });
  const live = settingsOf(on.broker);
  await live.look();
  expect([live.version, live.config(config).signWindow, live.config(config).readSeconds]).toEqual([version + 1, config.signWindow, 9_000]);
  await change({ SIGN_WINDOW: null, READ_SECONDS: null });
});

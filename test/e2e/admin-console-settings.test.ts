import type { Desk } from "./admin-console/desk.ts";
import { ConsoleWorld } from "./admin-console/world.ts";
import { until } from "./driver/signing.ts";

/** Settings that change while the platform runs (§7.3), as an operator changes them and an auditor reads of it. */
jest.setTimeout(120_000);

const HOUR = 3_600_000;
let world: ConsoleWorld;
beforeAll(async () => {
  world = await ConsoleWorld.start();
});
afterEach(async () => {
  expect(await world.closeDesks()).toEqual({ violations: [], strangers: [] });
});
afterAll(() => world.stop());

const open = (desk: Desk): Promise<void> => desk.go("#/settings", "settingsView");
/** Hours that a process begun now may take until it is signed. */
async function window(): Promise<number> {
  const { createdAt, expiredAt } = (await (await world.initiate()).query()) as unknown as { createdAt: string; expiredAt: string };
  return (Date.parse(expiredAt) - Date.parse(createdAt)) / HOUR;
}

test("an operator sees what a change will do before it is made, gives a reason, and new processes follow it", async () => {
  expect(await window()).toBe(24);
  const zhao = await world.desk("zhao");
  await open(zhao);
  await zhao.sees("尚未更改过");
  await zhao.press("查看更改并确认");
  await zhao.sees("没有更改。");
  await zhao.fill("签署期限", "36h");
  await zhao.choose("付方签署时采用收方联系人", "on");
  await zhao.press("查看更改并确认");
  expect(await zhao.value('[...document.querySelectorAll("dialog tbody tr")].map((row) => [...row.children].map((cell) => cell.innerText.replace(/\\s+/g, " ").trim()).join(" | "))')).toEqual([
    "签署期限 SIGN_WINDOW | 24h | 36h",
    "付方签署时采用收方联系人 PAYEE_CONTACT_SIGNS | 关 | 开",
  ]);
  await zhao.confirm("确认更改", "节日期间放宽");
  await zhao.sees("配置已更改");
  await zhao.sees(/最近由\s*zhao\s*更改于/);
  await until("new processes follow it", async () => (await window()) === 36);
  expect(await zhao.text("#view tbody tr")).toMatch(/第 1 版[\s\S]*zhao[\s\S]*签署期限[\s\S]*36h[\s\S]*节日期间放宽/);

  await open(zhao);
  await zhao.fill("签署期限 已更改", "");
  await zhao.press("查看更改并确认");
  expect(await zhao.text("dialog tbody")).toMatch(/36h[\s\S]*部署默认值/);
  await zhao.confirm("确认更改", "节日已过");
  await zhao.sees("配置已更改");
  await until("the environment's value holds again", async () => (await window()) === 24);
});

test("a value that makes no sense is refused beside its field, and nothing is changed", async () => {
  const zhao = await world.desk("zhao");
  await open(zhao);
  await zhao.fill("最短阅读时间", "永远");
  await zhao.press("查看更改并确认");
  await zhao.fill("理由", "试一试");
  await zhao.press("确认更改");
  await zhao.until('document.querySelector("dialog .notice").textContent !== ""');
  await zhao.page.keyboard.press("Escape");
  await zhao.until('document.querySelector("#setting-READ_SECONDS").getAttribute("aria-invalid") === "true"');
  expect(await zhao.text("#setting-READ_SECONDS-error")).not.toBe("");
  await open(zhao);
  expect(await zhao.value('document.querySelector("#setting-READ_SECONDS").value')).toBe("0s");
});

test("of two people who change at once the second is told, and the first one's change stays", async () => {
  const [one, two] = [await world.desk("zhao"), await world.desk("zhao")];
  await Promise.all([open(one), open(two)]);
  for (const [desk, value] of [[one, "20m"], [two, "40m"]] as const) {
    await desk.fill("下载链接有效期", value);
    await desk.press("查看更改并确认");
    await desk.fill("理由", "调整");
    await desk.press("确认更改");
    if (desk === one) await desk.sees("配置已更改");
  }
  await two.until('document.querySelector("dialog .notice").textContent !== ""');
  await two.page.keyboard.press("Escape");
  await open(two);
  expect(await two.value('document.querySelector("#setting-DOWNLOAD_LINK_TTL").value')).toBe("20m");
});

test("who is no operator reads the settings and changes none", async () => {
  const lin = await world.desk("lin");
  await open(lin);
  expect(await lin.has("查看更改并确认")).toBe(false);
  expect(await lin.value('[...document.querySelectorAll(".settings input, .settings textarea, .settings select")].every((each) => each.readOnly || each.disabled)')).toBe(true);
});

test("an auditor reads who changed what, when and why, and finds it by name", async () => {
  const sun = await world.desk("sun");
  await sun.go("#/audit", "auditView");
  await sun.fill("操作人", "zhao");
  await sun.press("筛选");
  await sun.sees("节日期间放宽");
  const names = (await sun.value('[...document.querySelectorAll("#view tbody .row-name")].map((each) => each.textContent)')) as string[];
  expect(new Set(names)).toEqual(new Set(["zhao"]));
  expect(await sun.text("#view")).toMatch(/修改参数\s+settings\.change/);
  expect(await sun.text("#view")).toMatch(/PARAM_INVALID/);
});

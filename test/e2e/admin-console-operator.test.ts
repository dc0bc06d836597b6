import { call, until, type Signing } from "./driver/signing.ts";
import type { Desk } from "./admin-console/desk.ts";
import { ConsoleWorld } from "./admin-console/world.ts";

/** The operator's and the auditor's work at the console, on the real platform. */
jest.setTimeout(120_000);

const MOBILE = "13800138000";
let world: ConsoleWorld;
beforeAll(async () => {
  world = await ConsoleWorld.start({ CALLBACK_SCHEDULE: "0s" });
});
afterEach(async () => {
  expect(await world.closeDesks()).toEqual({ violations: [], strangers: [] });
  await world.outside({ sms: "OK", verification: "OK", wallet: "OK" });
});
afterAll(() => world.stop());

const open = (desk: Desk, { processId }: Signing): Promise<void> => desk.go(`#/processes/${processId}`, "processView");

async function find(desk: Desk, words: string): Promise<string[]> {
  await desk.go("#/processes", "processesView");
  await desk.fill("流程号、请求号、商户号或商户全名", words);
  await desk.press("查找");
  await desk.until('!document.querySelector("#view .waiting")');
  return (await desk.value('[...document.querySelectorAll("#view tbody th a")].map((each) => each.textContent)')) as string[];
}

test("a process whose verification is not taken stands in the list of those that hang, says why, and goes on when it is retried with a reason", async () => {
  await world.outside({ verification: "FAIL" });
  const signing = await world.initiate();
  await signing.sign();
  const zhao = await world.desk("zhao");
  const hanging = (): Promise<unknown> => zhao.value('document.querySelector("#view").innerText');
  await until("it stands in the list", async () => {
    await zhao.go("#/processes", "processesView");
    if (!(await zhao.value('document.querySelector("#stuck").checked'))) await zhao.page.click("#stuck");
    await zhao.until('!document.querySelector("#view .waiting")');
    return String(await hanging()).includes(signing.processId);
  });
  await zhao.press(signing.processId);
  await zhao.view("processView");
  expect(await zhao.text("#why")).toMatch(/身份认证尚未发起/);
  await world.outside({ verification: "OK" });
  await zhao.press("立即重试");
  await zhao.press("立即重试");
  expect(await zhao.text("dialog .field-error")).toBe("请填写理由。");
  await zhao.confirm("立即重试", "认证系统已恢复");
  await zhao.sees("已立即重试");
  // The view is drawn anew, and its heading has the focus: a control of the view before would be gone under the click.
  const drawn = () => zhao.until('document.activeElement.tagName === "H1" && !document.activeElement.dataset.before');
  await drawn();
  await until("it hangs no more", async () => {
    await zhao.value('document.querySelector("h1").dataset.before = "1"');
    await zhao.press("刷新");
    await drawn();
    return !(await zhao.value('document.querySelector("#why")'));
  });
  await signing.answer();
  await signing.status("COMPLETED");
});

test("a process is found by its number, its merchant's number and its merchant's full name, and by nothing less", async () => {
  const signing = await world.initiate(({ payeeInfo }) => ({ payeeInfo: { ...payeeInfo!, merchantNo: "M900900", merchantName: "独一无二商行" } }));
  const zhao = await world.desk("zhao");
  for (const words of [signing.processId, "M900900", "独一无二商行"]) expect(await find(zhao, words)).toEqual([signing.processId]);
  expect(await find(zhao, "独一无二")).toEqual([]);
  expect(await zhao.text("#view")).toMatch(/没有符合条件的流程/);
  expect(await zhao.value("location.href")).not.toContain(encodeURIComponent("独一无二"));
});

test("personal data is masked until somebody says why, is shown for a minute, and who looked stands in the chain and in the audit without the value", async () => {
  const signing = await world.initiate();
  const zhao = await world.desk("zhao");
  await open(zhao, signing);
  expect(await zhao.text()).toMatch(/138\*\*\*\*8000/);
  expect(await zhao.value("document.documentElement.outerHTML")).not.toContain(MOBILE);
  await zhao.press("查看完整手机号");
  await zhao.confirm("查看", "联系签署人");
  await zhao.sees(MOBILE);
  await zhao.press("遮盖手机号");
  expect(await zhao.value("document.documentElement.outerHTML")).not.toContain(MOBILE);
  await open(zhao, signing);
  await zhao.sees("查看完整信息（signer.mobile）");

  const sun = await world.desk("sun");
  await sun.go("#/audit", "auditView");
  await sun.fill("对象（流程号、事件号、模板代码等）", signing.processId);
  await sun.press("筛选");
  await sun.sees("联系签署人");
  expect(await sun.text("#view")).toMatch(/zhao[\s\S]*查看完整信息[\s\S]*signer\.mobile[\s\S]*联系签署人/);
  expect(await sun.text("#view")).not.toContain(MOBILE);
});

test("a reason that holds a person's number is refused beside its field, and nothing is shown", async () => {
  const zhao = await world.desk("zhao");
  await open(zhao, await world.initiate());
  await zhao.press("查看完整姓名");
  await zhao.fill("理由", `客户 ${MOBILE} 来电`);
  await zhao.press("查看");
  await zhao.until('document.querySelector("dialog .field-error").textContent !== ""');
  expect(await zhao.text("dialog .field-error")).toMatch(/不得包含手机号/);
  expect(await zhao.value('document.activeElement.id')).toBe("reason");
});

test("the course of a completed process shows every item of evidence, the templates and who approved them, and hands documents over for a reason", async () => {
  const signing = await world.initiate();
  await signing.sign();
  await signing.answer();
  await signing.status("COMPLETED");
  const sun = await world.desk("sun");
  await open(sun, signing);
  for (const words of ["签署人签署", "身份认证通过", "协议已封签", "校验一致", "系统内置"]) await sun.sees(words);
  const session = await sun.page.createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "default" });
  await sun.value("window.taken = []; const make = URL.createObjectURL; URL.createObjectURL = (blob) => (window.taken.push(blob), make.call(URL, blob))");
  await sun.press("取得文件：封签 PDF");
  await sun.confirm("取得文件", "归档抽查");
  await sun.sees("已下载");
  expect(await sun.value("window.taken[0].text().then((text) => text.slice(0, 5))")).toBe("%PDF-");
});

test("a callback that is parked is tried again by an operator, with a reason, and arrives", async () => {
  await world.outside({ wallet: "FAIL" });
  const signing = await world.initiate();
  await signing.sign();
  await signing.answer();
  await signing.status("COMPLETED");
  const zhao = await world.desk("zhao");
  await until("it is parked", async () => {
    await zhao.go(`#/deliveries/${signing.processId}`, "deliveriesView");
    return (await zhao.text("#view tbody")).includes("已暂停");
  });
  expect(await zhao.text("#view tbody")).toMatch(/失败/);
  await world.outside({ wallet: "OK" });
  await zhao.press("重新投递");
  await zhao.confirm("重新投递", "业务系统已恢复");
  await zhao.sees("已安排重新回调");
  await until("it has arrived", async () => {
    await zhao.go(`#/deliveries/${signing.processId}`, "deliveriesView");
    return (await zhao.text("#view tbody")).includes("已送达");
  });
  expect(await signing.callbacks()).not.toHaveLength(0);
});

test("who may only look is offered nothing to change, and the platform refuses them too", async () => {
  await world.outside({ verification: "FAIL" });
  const signing = await world.initiate();
  await signing.sign();
  const lin = await world.desk("lin");
  await until("it owes something", async () => {
    await open(lin, signing);
    return (await lin.text("#view")).includes("身份认证尚未发起");
  });
  for (const words of ["立即重试", "查看完整", "取得"]) expect([words, await lin.has(words)]).toEqual([words, false]);
  expect(await lin.text("#nav")).not.toMatch(/审计/);
  await lin.go("#/audit", "missing");
  expect(await lin.text("#view")).toMatch(/您的角色不能查看/);
  const token = (await lin.value('JSON.parse(sessionStorage.getItem("esign.admin.session")).token')) as string;
  const headers = { authorization: `Bearer ${token}` };
  for (const path of [`processes/${signing.processId}/retry`, `processes/${signing.processId}/reveal`]) {
    expect(await call(`${world.platform.url}/api/admin/v1/${path}`, { body: { reason: "试一试", field: "signer.mobile" }, headers })).toMatchObject({ http: 403, code: "ADMIN_FORBIDDEN" });
  }
});

test("names that look like markup are shown to the letter and run nothing", async () => {
  const names = ['<img src=x onerror="window.hit=1">', "<script>window.hit=2</script>", '"><svg onload=window.hit=3>', "<iframe srcdoc='<script>parent.hit=4</script>'></iframe>"];
  const signing = await world.initiate(({ payerInfo, payeeInfo }) => ({
    payerInfo: { ...payerInfo, merchantName: names[0] },
    payeeInfo: { ...payeeInfo!, merchantName: names[1], bankCardInfo: { ...payeeInfo!.bankCardInfo!, accountName: names[2] } },
    fundPurpose: names[3],
  }));
  const zhao = await world.desk("zhao");
  await find(zhao, signing.processId);
  expect(await zhao.text("#view")).toContain(names[0]);
  await open(zhao, signing);
  for (const name of names) expect(await zhao.text("#view")).toContain(name);
  expect(await zhao.value('document.querySelectorAll("#view img, #view script, #view svg, #view iframe").length')).toBe(0);
  expect(await zhao.value("window.hit")).toBeUndefined();
});

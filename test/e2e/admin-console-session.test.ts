import type { Desk } from "./admin-console/desk.ts";
import { PEOPLE } from "./admin-console/people.ts";
import { ConsoleWorld } from "./admin-console/world.ts";

/** Who is at the console, for how long, and by which means: sessions, the keyboard, wrong keys. */
jest.setTimeout(120_000);

const MINUTE = 60_000;
let world: ConsoleWorld;
beforeAll(async () => {
  world = await ConsoleWorld.start();
});
afterEach(async () => {
  await world.platform.moveClock(0);
  expect(await world.closeDesks()).toEqual({ violations: [], strangers: [] });
});
afterAll(() => world.stop());

const stored = (desk: Desk): Promise<unknown> => desk.value('[sessionStorage.getItem("esign.admin.session"), localStorage.length, document.cookie]');

test("the admin key is nowhere once somebody is logged in, and neither key nor token is in an address, the document or another tab", async () => {
  const zhao = await world.desk("zhao");
  const { token } = (await zhao.value('JSON.parse(sessionStorage.getItem("esign.admin.session"))')) as { token: string };
  const where = "[location.href, document.documentElement.outerHTML, JSON.stringify(history.state), document.cookie, JSON.stringify(localStorage), window.name].join()";
  const everything = String(await zhao.value(where));
  expect(token.length).toBeGreaterThan(40);
  for (const secret of [PEOPLE.zhao.key, token]) expect(everything).not.toContain(secret);
  expect(String(await zhao.value("JSON.stringify(sessionStorage)"))).not.toContain(PEOPLE.zhao.key);
  const session = await zhao.page.createCDPSession();
  const { entries } = await session.send("Page.getNavigationHistory");
  expect(entries.map(({ url }) => url).filter((url) => url.includes(token) || url.includes(PEOPLE.zhao.key))).toEqual([]);
  const other = await zhao.page.browserContext().newPage();
  await other.goto(`${world.platform.url}/admin`);
  await other.waitForSelector('#view[data-view="login"]');
});

test("a reload keeps the session and the view; a log-out ends both, here and at the platform", async () => {
  const zhao = await world.desk("zhao");
  await zhao.go("#/deliveries", "deliveriesView");
  await zhao.page.reload();
  await zhao.view("deliveriesView");
  const { token } = (await zhao.value('JSON.parse(sessionStorage.getItem("esign.admin.session"))')) as { token: string };
  await zhao.press("退出登录");
  await zhao.view("login");
  await zhao.sees("您已退出登录。");
  expect(await stored(zhao)).toEqual([null, 0, ""]);
  await zhao.page.waitForNetworkIdle();
  expect((await fetch(`${world.platform.url}/api/admin/v1/session`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
});

test("a session that nobody used for half an hour ends with the next step, says so, and the next log-in leads back to the same place", async () => {
  const zhao = await world.desk("zhao");
  await zhao.go("#/deliveries", "deliveriesView");
  await world.platform.moveClock(31 * MINUTE);
  await zhao.press("筛选");
  await zhao.view("login");
  await zhao.sees("会话已结束，请重新登录。");
  expect(await stored(zhao)).toEqual([null, 0, ""]);
  await zhao.fill("管理密钥", PEOPLE.zhao.key);
  await zhao.press("登录");
  await zhao.view("deliveriesView");
});

test("a page that nobody touches for half an hour forgets what it shows by itself", async () => {
  const zhao = await world.desk();
  // The page's own clock: thirty minutes are a twentieth of a second.
  await zhao.page.evaluateOnNewDocument("{ const real = window.setTimeout; window.setTimeout = (f, ms) => real(f, ms === 1800000 ? 50 : ms); }");
  await zhao.page.reload();
  await zhao.view("login");
  await zhao.page.focus("#key");
  await zhao.page.keyboard.sendCharacter(PEOPLE.zhao.key);
  await zhao.page.keyboard.press("Enter");
  await zhao.sees("已有 30 分钟没有操作，会话已结束，请重新登录。");
  expect(await stored(zhao)).toEqual([null, 0, ""]);
});

test("an open dialog does not outlive its session: whoever logs in next did not ask for it", async () => {
  const signing = await world.initiate();
  const zhao = await world.desk("zhao");
  await zhao.go(`#/processes/${signing.processId}`, "processView");
  await zhao.press("查看完整手机号");
  await world.platform.moveClock(31 * MINUTE);
  await zhao.fill("理由", "联系签署人");
  await zhao.press("查看");
  await zhao.view("login");
  expect(await zhao.value('document.querySelector("dialog")')).toBeNull();
  expect(await zhao.text()).not.toMatch(/138\*{4}8000|13800138000/);
});

test("the keyboard alone logs in, skips to the text, opens a process, meets the dialog, leaves it with Esc where it came from, and does the step", async () => {
  const signing = await world.initiate();
  const desk = await world.desk();
  const { keyboard } = desk.page;
  const focused = (): Promise<unknown> => desk.value('(document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim()) || document.activeElement.id');
  const tabTo = async (words: string): Promise<void> => {
    const passed: unknown[] = [];
    for (let n = 0; n < 60; n += 1) {
      await keyboard.press("Tab");
      const here = await focused();
      if (here === words) return;
      passed.push(here);
      if (here !== "") expect(await desk.value("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    }
    throw new Error(`the keyboard does not come to ${words}: ${JSON.stringify(passed)}`);
  };
  await tabTo("跳到正文");
  await tabTo("key");
  await keyboard.type(PEOPLE.zhao.key);
  await keyboard.press("Enter");
  await desk.view("templatesView");
  expect(await desk.value("document.activeElement.tagName")).toBe("H1");
  await desk.go("#/processes", "processesView");
  await desk.page.reload();
  await desk.view("processesView");
  await tabTo("跳到正文");
  await keyboard.press("Enter");
  expect(await desk.value("document.activeElement.tagName")).toBe("H1");
  await tabTo(signing.processId);
  await keyboard.press("Enter");
  await desk.view("processView");
  await tabTo("查看完整手机号");
  await keyboard.press("Enter");
  expect(await desk.value("document.activeElement.id")).toBe("reason");
  const around: unknown[] = [];
  for (let n = 0; n < 4; n += 1) {
    await keyboard.press("Tab");
    around.push(await focused());
  }
  expect(around).toEqual(["取消", "查看", "reason", "取消"]);
  await keyboard.press("Escape");
  await desk.until('!document.querySelector("dialog")');
  expect(await focused()).toBe("查看完整手机号");
  await keyboard.press("Enter");
  await keyboard.type("联系签署人");
  await tabTo("查看");
  await keyboard.press("Enter");
  await desk.sees("13800138000");
});

// The last: the address of all these browsers is slowed down from here on.
test("a key that is not known is refused in words, too many are slowed down and counted down", async () => {
  const desk = await world.desk();
  for (let n = 0; n < 10; n += 1) {
    await desk.fill("管理密钥", `wrong-${n}`);
    await desk.press("登录");
    await desk.until('document.querySelector("#key-error").textContent !== "" && !document.querySelector("form [type=submit]").hasAttribute("aria-disabled")');
  }
  expect(await desk.text("#key-error")).toBe("密钥不正确，或已被收回。");
  expect(await desk.value("document.activeElement.id")).toBe("key");
  await desk.fill("管理密钥", PEOPLE.zhao.key);
  await desk.press("登录");
  await desk.until('/尝试次数过多，请等 \\d+ 秒后再试/.test(document.querySelector(".notice").textContent)');
  expect(await desk.value('document.querySelector("form [type=submit]").getAttribute("aria-disabled")')).toBe("true");
  expect(await desk.value('sessionStorage.getItem("esign.admin.session")')).toBeNull();
});

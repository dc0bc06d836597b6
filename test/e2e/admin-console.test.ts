import { readFileSync } from "node:fs";
import { call, type Page as SignerPage, type Signing } from "./driver/signing.ts";
import type { Desk } from "./admin-console/desk.ts";
import { ConsoleWorld } from "./admin-console/world.ts";

/** The lawyers' story (issue 7): from a faulty upload to a version in force, and back. */
jest.setTimeout(180_000);

const CODE = "RB_BATCH_ENTERPRISE";
const BUILT_IN = readFileSync(`templates/protocol/${CODE}/content.ejs`, "utf8").trimEnd();
const SENTENCE = "本授权仅用于收款";
const REVISED = "本项授权仅供收款之用";
const CHANGED = BUILT_IN.replace(SENTENCE, REVISED);

let world: ConsoleWorld;
beforeAll(async () => {
  expect(CHANGED).not.toBe(BUILT_IN);
  world = await ConsoleWorld.start();
});
afterEach(async () => {
  expect(await world.closeDesks()).toEqual({ violations: [], strangers: [] });
});
afterAll(() => world.stop());

const version = (number: number): string => `#/templates/PROTOCOL/${CODE}/${number}`;
const open = (desk: Desk, number: number): Promise<void> => desk.go(version(number), "templateView");
/** The agreement as a signer of this process is shown it. */
const shown = async (signing: Signing): Promise<string> => (await signing.h5<SignerPage>("process")).data.protocol.html;
const flaws = (desk: Desk): Promise<unknown> => desk.value('[...document.querySelectorAll("#flaws .flaw-place")].map((each) => each.textContent)');
const linted = (desk: Desk, words: RegExp): Promise<void> => desk.until(`${words}.test(document.querySelector("#lint-state").textContent)`);
/** What is in the preview's shadow. */
const paper = (desk: Desk, expression: string): Promise<unknown> => desk.value(`(() => { const paper = document.querySelector(".preview-scroll").shadowRoot; return ${expression}; })()`);

/** Writes a version in the editor, on the basis of the first one, and submits it; the version's view is then open. */
async function submitted(desk: Desk, content: string, reason: string): Promise<void> {
  await desk.go(`#/templates/new/PROTOCOL/${CODE}/1`, "editorView");
  await desk.fill("模板内容", content);
  await linted(desk, /没有发现问题/);
  await desk.press("提交审批");
  await desk.confirm("提交", reason);
  await desk.view("templateView");
}

async function step(desk: Desk, words: string, confirm: string, reason: string): Promise<void> {
  await desk.press(words);
  await desk.confirm(confirm, reason);
}

let before: Signing;

test("an author sees the flaws of an upload line by line, is led to each, mends them, compares, previews page and PDF, and submits", async () => {
  const lin = await world.desk("lin");
  await open(lin, 1);
  await lin.press("以此为底稿新建版本");
  await lin.view("editorView");
  expect(await lin.value('document.querySelector("#content").value')).toBe(BUILT_IN);
  await linted(lin, /没有发现问题/);

  const lines = CHANGED.split("\n");
  lines.splice(3, 0, '<p onclick="alert(1)">　　<%= nobodyKnows %></p>', "<script>alert(1)</script>");
  await lin.fill("模板内容", lines.join("\n"));
  await linted(lin, /处须修改/);
  expect(await flaws(lin)).toEqual(expect.arrayContaining([expect.stringMatching(/^第 4 行 /), expect.stringMatching(/^第 5 行 /)]));
  expect(await lin.text("#flaws")).toMatch(/nobodyKnows/);
  expect(await lin.value('[...document.querySelectorAll(".editor-line.has-flaw")].map((each) => [...each.parentNode.children].indexOf(each) + 1).join()')).toBe("4,5");
  // What is marked can still be read: the text lies above its mark.
  const above = '(() => { const { left, top } = document.querySelector(".editor-line.has-flaw").getBoundingClientRect(); return document.elementFromPoint(left + 80, top + 12).id; })()';
  await lin.value('document.querySelector(".editor-line.has-flaw").scrollIntoView({ block: "center" })');
  expect(await lin.value(above)).toBe("content");
  await lin.value('[...document.querySelectorAll("#flaws .flaw")].find((each) => /第 5 行/.test(each.textContent)).click()');
  expect(await lin.value('document.activeElement.id + document.activeElement.value.slice(0, document.activeElement.selectionStart).split("\\n").length')).toBe("content5");
  await lin.press("提交审批");
  await lin.sees("还有须修改的地方");
  expect(await lin.value('document.querySelector("dialog")')).toBeNull();

  await lin.fill("模板内容", CHANGED);
  await linted(lin, /没有发现问题/);
  await lin.press("预览页面");
  await lin.until('document.querySelector(".preview-scroll")');
  expect(await paper(lin, "paper.textContent")).toContain(REVISED);
  // In the signer's own style, once the shadow root has loaded it.
  await lin.until('getComputedStyle(document.querySelector(".preview-scroll").shadowRoot.querySelector("h2")).textAlign === "center"');
  await lin.value("window.taken = []; const make = URL.createObjectURL; URL.createObjectURL = (blob) => (window.taken.push(blob), make.call(URL, blob))");
  const session = await lin.page.createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "default" });
  await lin.press("下载 PDF 预览");
  await lin.sees("已下载");
  expect(await lin.value("window.taken[0].text().then((text) => [text.slice(0, 5), window.taken[0].size > 20000])")).toEqual(["%PDF-", true]);

  await lin.press("提交审批");
  await lin.confirm("提交", "依法务部意见修订第三条");
  await lin.view("templateView");
  await lin.sees("已提交为第 2 版，等待审批");
  expect(await lin.text("#view")).toMatch(/待审批[\s\S]*依法务部意见修订第三条/);
  for (const words of ["批准", "启用", "停用"]) expect([words, await lin.has(words)]).toEqual([words, false]);

  await lin.press("与现行版本对比");
  await lin.view("diffView");
  expect(await lin.value('[...document.querySelectorAll(".diff-change .diff-text")].map((each) => each.textContent.replace(/^(删除|新增)：/, ""))')).toEqual(
    [BUILT_IN, CHANGED].map((text) => text.split("\n").find((line) => line.includes(SENTENCE) || line.includes(REVISED))),
  );
  expect(await lin.text(".diff ins")).not.toBe("");
  await lin.press("展开");
  expect(await lin.value('document.activeElement.tagName')).toBe("TR");
});

test("an author cannot approve what is their own, neither here nor by a call", async () => {
  const zhou = await world.desk("zhou");
  await submitted(zhou, CHANGED.replace(REVISED, `${REVISED}（二稿）`), "另一稿");
  await zhou.sees("须由另一位审批人批准");
  for (const words of ["批准", "退回"]) expect([words, await zhou.has(words)]).toEqual([words, false]);
  const token = (await zhou.value('JSON.parse(sessionStorage.getItem("esign.admin.session")).token')) as string;
  const refused = await call(`${world.platform.url}/api/admin/v1/templates/${CODE}/3/approve`, { body: { kind: "PROTOCOL", reason: "自己批准" }, headers: { authorization: `Bearer ${token}` } });
  expect(refused).toMatchObject({ http: 403, code: "ADMIN_FORBIDDEN" });
});

test("a colleague approves and activates: new processes use it, running ones keep theirs", async () => {
  before = await world.initiate();
  const wang = await world.desk("wang");
  await open(wang, 2);
  await step(wang, "批准", "批准", "内容无误");
  await wang.sees("已批准");
  expect(await shown(await world.initiate())).toContain(SENTENCE);
  await step(wang, "启用", "启用", "即日起使用");
  await wang.sees("使用中");
  const after = await world.initiate();
  expect(await shown(after)).toContain(REVISED);
  expect(await shown(before)).toContain(SENTENCE);
  await before.sign();
  await before.answer();
  await before.status("COMPLETED");

  await wang.go(`#/processes/${after.processId}`, "processView");
  expect(await wang.text("#view")).toMatch(/第 2 版[\s\S]*wang/);
  await open(wang, 1);
  expect(await wang.text("#view")).toMatch(/已停用/);
});

test("a draft that a colleague sends back cannot be approved any more", async () => {
  const wang = await world.desk("wang");
  await open(wang, 3);
  await step(wang, "退回", "退回", "表述不清");
  await wang.sees(/退回 wang[\s\S]*表述不清/);
  for (const words of ["批准", "启用"]) expect([words, await wang.has(words)]).toEqual([words, false]);
});

test("a version is activated from a time on, and until then the present one serves", async () => {
  const lin = await world.desk("lin");
  await submitted(lin, CHANGED.replace(REVISED, `${REVISED}（三稿）`), "第三稿");
  const wang = await world.desk("wang");
  await open(wang, 4);
  await step(wang, "批准", "批准", "内容无误");
  await wang.sees("已批准");
  await wang.press("启用");
  await wang.choose("生效时间", "later");
  await wang.fill("理由", "下周起使用");
  await wang.press("启用");
  await wang.until('/请选择生效时间/.test(document.querySelector("dialog .notice").textContent)');
  const inTwoHours = await wang.value('(() => { const at = new Date(Date.now() + 7200000); const local = new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16); const field = document.querySelector("#from"); field.value = local; return local; })()');
  expect(inTwoHours).toMatch(/T/);
  await wang.press("启用");
  await wang.until('!document.querySelector("dialog")');
  await wang.sees("待生效");
  expect(await shown(await world.initiate())).not.toContain("（三稿）");
  await world.platform.moveClock(3 * 3_600_000);
  expect(await shown(await world.initiate())).toContain("（三稿）");
  await world.platform.moveClock(0);
  await open(wang, 4);
  await step(wang, "取消启用", "取消启用", "暂缓");
  await wang.until('!/待生效/.test(document.querySelector("#view").innerText)');
});

test("a roll-back is the activation of an older version", async () => {
  const wang = await world.desk("wang");
  await open(wang, 1);
  await step(wang, "重新启用（回退到这一版）", "启用", "新版有误，回退");
  await wang.sees("使用中");
  expect(await shown(await world.initiate())).toContain(SENTENCE);
  await wang.go("#/templates", "templatesView");
  await wang.fill("模板代码", CODE);
  await wang.choose("类型", "PROTOCOL");
  await wang.until('!document.querySelector("#view .waiting") && document.querySelectorAll("#view tbody tr").length === 4');
  expect(await wang.value('[...document.querySelectorAll("#view tbody tr")].map((row) => [...row.querySelectorAll("td")].slice(0, 1).concat([...row.querySelectorAll(".badge")]).map((each) => each.textContent).join(" "))')).toEqual([
    "协议第 4 版 已审批",
    "协议第 3 版 已退回",
    "协议第 2 版 已停用",
    "协议第 1 版 使用中",
  ]);
});

test("the place that a deactivation leaves empty stands as a gap in the table, and closes with the next activation", async () => {
  const wang = await world.desk("wang");
  await wang.go("#/templates/coverage", "coverageView");
  await wang.sees("都有可用的模板");
  await open(wang, 1);
  await step(wang, "停用", "停用", "演练");
  await wang.sees("已停用");
  await wang.go("#/templates/coverage", "coverageView");
  await wang.sees("有 1 种情形选不出模板");
  expect(await wang.text("tr.gap")).toMatch(/关系绑定\s+批量付款\s+企业[\s\S]*缺失/);
  await open(wang, 1);
  await step(wang, "重新启用（回退到这一版）", "启用", "演练结束");
  await wang.sees("使用中");
  await wang.go("#/templates/coverage", "coverageView");
  await wang.sees("都有可用的模板");
});

test("what is being written outlives the end of a session and a reload", async () => {
  const lin = await world.desk("lin");
  await lin.go("#/templates/new", "editorView");
  await lin.fill("模板内容", "<h1>没有写完</h1>");
  await lin.press("退出登录");
  await lin.logIn("zhou");
  await lin.view("editorView");
  expect(await lin.value('document.querySelector("#content").value')).toBe("");
  await lin.press("退出登录");
  await lin.logIn("lin");
  await lin.view("editorView");
  await lin.sees("已恢复您未提交的草稿");
  await lin.page.reload();
  await lin.view("editorView");
  expect(await lin.value('document.querySelector("#content").value')).toBe("<h1>没有写完</h1>");
});

test("a text without code and name is not submitted, and whoever wrote it is led to what is missing", async () => {
  const lin = await world.desk("lin");
  await lin.go("#/templates/new", "editorView");
  await lin.fill("模板内容", CHANGED);
  await linted(lin, /没有发现问题/);
  await lin.press("提交审批");
  await lin.sees("请填写模板代码和名称");
  expect(await lin.value("document.activeElement.id + document.activeElement.getAttribute('aria-invalid')")).toBe("codetrue");
  expect(await lin.value('document.querySelector("dialog")')).toBeNull();
});

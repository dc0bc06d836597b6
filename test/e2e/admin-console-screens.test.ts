import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Desk } from "./admin-console/desk.ts";
import { SCREENS } from "./admin-console/desk.ts";
import type { Person } from "./admin-console/people.ts";
import { ConsoleWorld } from "./admin-console/world.ts";
import type { Signing } from "./driver/signing.ts";
import { findings } from "./accessibility.ts";

/** Every view of the console as it is seen and heard, at a desk and on a phone; and what it does with answers that mean harm. */
jest.setTimeout(120_000);

const CODE = "RB_BATCH_ENTERPRISE";
let world: ConsoleWorld;
let signing: Signing;
beforeAll(async () => {
  world = await ConsoleWorld.start();
  signing = await world.initiate();
  await signing.sign();
  await signing.answer();
  await signing.status("COMPLETED");
});
afterEach(async () => {
  expect(await world.closeDesks()).toEqual({ violations: [], strangers: [] });
});
afterAll(() => world.stop());

interface View {
  person?: Person;
  hash?: () => string;
  view: string;
  /** Brings it into the state that is looked at. */
  act?: (desk: Desk) => Promise<unknown>;
}
const VIEWS: Record<string, View> = {
  "the log-in": { view: "login" },
  "a refused log-in": { view: "login", act: async (desk) => (await desk.press("登录"), desk.sees("请填写管理密钥")) },
  "the templates": { person: "zhou", hash: () => "#/templates", view: "templatesView" },
  "where templates serve": { person: "zhou", hash: () => "#/templates/coverage", view: "coverageView" },
  "the variables": { person: "zhou", hash: () => "#/templates/variables", view: "variablesView" },
  "a version, with its preview": {
    person: "zhou",
    hash: () => `#/templates/PROTOCOL/${CODE}/1`,
    view: "templateView",
    act: async (desk) => (await desk.press("预览页面"), desk.until('document.querySelector(".preview-scroll")?.shadowRoot.querySelector("h2")')),
  },
  "an SMS, with its preview": { person: "zhou", hash: () => `#/templates/SMS/${CODE}/1`, view: "templateView", act: async (desk) => (await desk.press("预览短信"), desk.sees("条短信计费")) },
  "a page's words, with their preview": { person: "zhou", hash: () => `#/templates/H5/${CODE}/1`, view: "templateView", act: async (desk) => (await desk.press("预览页面"), desk.until('document.querySelector(".mock-button")')) },
  "a version compared": { person: "zhou", hash: () => `#/templates/PROTOCOL/${CODE}/1/diff`, view: "diffView" },
  "a version that is being written, with flaws": {
    person: "zhou",
    hash: () => `#/templates/new/PROTOCOL/${CODE}/1`,
    view: "editorView",
    act: async (desk) => {
      await desk.fill("模板内容", `<script>alert(1)</script>\n${"一段很长的文字".repeat(60)}\n<%= nobodyKnows %>`);
      await desk.until('document.querySelectorAll("#flaws .flaw").length > 1');
      await desk.press("协议可用的变量");
    },
  },
  "the processes": { person: "zhao", hash: () => "#/processes", view: "processesView" },
  "a process": { person: "zhao", hash: () => `#/processes/${signing.processId}`, view: "processView" },
  "a reason that is asked for": { person: "zhao", hash: () => `#/processes/${signing.processId}`, view: "processView", act: async (desk) => (await desk.press("查看完整手机号"), desk.press("查看")) },
  "no such process": { person: "zhao", hash: () => "#/processes/ESIGN_PROC_NONE", view: "processView" },
  "the callbacks": { person: "zhao", hash: () => `#/deliveries/${signing.processId}`, view: "deliveriesView" },
  "the settings": { person: "zhao", hash: () => "#/settings", view: "settingsView" },
  "the settings before a change": {
    person: "zhao",
    hash: () => "#/settings",
    view: "settingsView",
    act: async (desk) => (await desk.fill("签署期限", "48h"), desk.press("查看更改并确认")),
  },
  "the audit": { person: "sun", hash: () => "#/audit", view: "auditView" },
  "nothing": { person: "lin", hash: () => "#/nowhere", view: "missing" },
};

const WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

describe.each(Object.entries(SCREENS))("on a %s", (_screen, screen) => {
  test.each(Object.entries(VIEWS))("%s has no accessibility finding and fits", async (_name, { person, hash, view, act }) => {
    const desk = await world.desk(person, { screen });
    if (hash) await desk.go(hash(), view);
    await act?.(desk);
    expect(await desk.value(WIDER)).toBe(0);
    expect(desk.trouble.violations.splice(0)).toEqual([]);
    expect(await findings(desk.page)).toEqual([]);
    // What looks for findings writes styles into shadow roots, which the policy refuses as well.
    expect(desk.trouble.violations.splice(0).filter((each) => !/inline style/.test(each))).toEqual([]);
  });
});

/** What a template's lint would never let through, and a platform that was taken over might answer. */
const HOSTILE = `<h1 onclick="window.hit=1" style="position:fixed">标题</h1><script>window.hit=2</script><img src="https://evil.example/x.png" onerror="window.hit=3">
<svg onload="window.hit=4"><script>window.hit=5</script></svg><iframe srcdoc="<script>parent.hit=6</script>"></iframe><a href="javascript:window.hit=7">链接</a>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hit=8&gt;"></table></math><link rel="stylesheet" href="https://evil.example/x.css">
<form action="https://evil.example"><button autofocus onfocus="window.hit=9">按钮</button></form><base href="https://evil.example/"><p id="view">正文</p>`;

async function answering(desk: Desk, pattern: RegExp, change: (data: Record<string, unknown>) => object): Promise<void> {
  await desk.page.setRequestInterception(true);
  desk.page.on("request", (request) => {
    void (async () => {
      if (!pattern.test(request.url())) return request.continue();
      const { method, headers, body } = { method: request.method(), headers: request.headers(), body: request.postData() };
      const real = (await (await fetch(request.url(), { method, headers, ...(body && { body }) })).json()) as { data: Record<string, unknown> };
      return request.respond({ status: 200, contentType: "application/json", body: JSON.stringify({ ...real, data: change(real.data) }) });
    })();
  });
}

test("a preview that holds code, frames, styles and loads shows their text and none of them", async () => {
  const zhou = await world.desk("zhou");
  await answering(zhou, /\/preview$/, (data) => ({ ...data, html: HOSTILE }));
  await zhou.go(`#/templates/PROTOCOL/${CODE}/1`, "templateView");
  await zhou.press("预览页面");
  await zhou.until('document.querySelector(".preview-scroll")?.shadowRoot.textContent.includes("正文")');
  await zhou.value('document.querySelector(".preview-scroll").shadowRoot.querySelector("h2").click()');
  const left = '[...document.querySelector(".preview-scroll").shadowRoot.querySelectorAll(".agreement *")].flatMap((each) => [...each.attributes].map((a) => each.tagName + " " + a.name))';
  expect(await zhou.value(left)).toEqual([]);
  expect(await zhou.value('document.querySelector(".preview-scroll").shadowRoot.querySelectorAll(".agreement :is(script, img, svg, iframe, style, link, form, button, a, base, math)").length')).toBe(0);
  expect(await zhou.value("window.hit")).toBeUndefined();
  // The policy holds in the inert document too, and says what it has refused there.
  for (const refused of zhou.trouble.violations.splice(0)) expect(refused).toMatch(/The action has been blocked/);
});

test("names, lines and reasons that look like markup are text in every view of a template", async () => {
  const zhou = await world.desk("zhou");
  const name = '<img src=x onerror="window.hit=1">';
  const line = (text: string) => ({ line: 1, text, parts: [{ text, changed: true }] });
  await answering(zhou, /\/v1\/templates(\?|$|\/RB_BATCH)/, (data) => ({
    ...data,
    ...(Array.isArray(data["items"]) && { items: (data["items"] as object[]).map((each) => ({ ...each, name, code: name, author: name })) }),
    ...("steps" in data && { name, content: HOSTILE, variables: [name], steps: [{ at: "2026-11-29T00:00:00Z", step: name, by: name, reason: name, from: null }] }),
    ...("rows" in data && { against: { code: name, version: 1 }, rows: [{ op: "change", left: line(HOSTILE), right: line(name) }] }),
  }));
  for (const [hash, view] of [["#/templates", "templatesView"], [`#/templates/PROTOCOL/${CODE}/1`, "templateView"], [`#/templates/PROTOCOL/${CODE}/1/diff`, "diffView"]] as const) {
    await zhou.go(hash, view);
    expect(await zhou.text("#view")).toContain(name);
    expect([view, await zhou.value('document.querySelectorAll("#view :is(img, script, svg, iframe, style, link)").length')]).toEqual([view, 0]);
  }
  expect(await zhou.value("window.hit")).toBeUndefined();
});

test("the page's policy refuses markup from text anywhere else, inline code, frames and other hosts", async () => {
  const desk = await world.desk();
  await desk.value('window.refused = []; document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.effectiveDirective))');
  expect(await desk.value('(() => { try { document.body.innerHTML += "<b>x</b>"; return "taken"; } catch (error) { return error.name; } })()')).toBe("TypeError");
  expect(await desk.value('(() => { try { trustedTypes.createPolicy("default", { createHTML: (text) => text }); return "made"; } catch (error) { return error.name; } })()')).toBe("TypeError");
  await desk.value(`(() => {
    const frame = document.createElement("iframe");
    frame.src = "https://evil.example/";
    const script = document.createElement("img");
    script.src = "https://evil.example/x.png";
    document.body.append(frame, script);
  })()`);
  await desk.until('["frame-src", "img-src"].every((each) => window.refused.includes(each))');
  // These refusals were wanted.
  desk.trouble.violations.splice(0);
  desk.trouble.strangers.splice(0);
});

test("the whole console is under 200 kB, without a library and without an address of another host", () => {
  const texts = readdirSync("public-admin/assets").map((file) => readFileSync(join("public-admin/assets", file), "utf8"));
  texts.push(readFileSync("public-admin/index.html", "utf8"));
  expect(texts.join("")).not.toMatch(/https?:\/\/|\bimport\(|from "(?!\.\/)/);
  expect(Buffer.byteLength(texts.join(""))).toBeLessThan(200_000);
});

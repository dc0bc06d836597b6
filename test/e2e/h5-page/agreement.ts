import type { Browser } from "puppeteer-core";
import { openPhone, getReady, shortAgreement } from "./phone.ts";
import { sampleProcess, sha256, withAgreement } from "./sample.ts";

const HOSTILE = `<!doctype html><html><head><title>t</title><style>body{display:none}</style><base href="https://evil.example/"></head>
<body onload="window.hit=1"><h1 onclick="window.hit=2" style="display:none" id="sign" hidden class="visually-hidden card">标题</h1>
<script>window.hit=3</script><img src="/h5/evil.png" onerror="window.hit=4"><svg><script>window.hit=5</script></svg>
<a href="javascript:window.hit=6" id="trap">链接文字</a><iframe srcdoc="<script>parent.hit=7</script>"></iframe>
<form action="/h5/evil"><button formaction="javascript:window.hit=8" autofocus onfocus="window.hit=9">按钮文字</button></form>
<object data="/h5/evil.swf"></object><embed src="/h5/evil.swf"><link rel="stylesheet" href="/h5/evil.css"><meta http-equiv="refresh" content="0;url=/h5/evil">
<details ontoggle="window.hit=10"><summary>摘要文字</summary><p>折叠的条款</p></details><template><p>模板</p></template>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hit=11&gt;"></table></math>
<p data-key-clause="bad id!">末尾的条款</p></body></html>`;

export function agreement(browser: () => Browser): void {
  test.each([
    ["under the page's policy", true],
    ["even without any policy", false],
  ])("a hostile agreement executes nothing, loads nothing and hides nothing %s", async (_name, policy) => {
    const phone = await openPhone(browser(), {
      data: withAgreement(sampleProcess(), HOSTILE),
      before: (api) => {
        if (!policy) api.csp = null;
      },
    });
    await phone.tap("#trap-is-gone, .agreement span");
    await phone.tap(".agreement h2");
    expect(await phone.value("window.hit")).toBeUndefined();
    expect(phone.api.paths.filter((path) => path.includes("evil"))).toEqual([]);
    const left = '[...document.querySelectorAll(".agreement *")].flatMap((each) => [...each.attributes].map((a) => each.tagName + " " + a.name + "=" + a.value))';
    expect(await phone.value(left)).toEqual(["H2 class=doc-visually-hidden doc-card"]);
    expect(await phone.value('[...new Set([...document.querySelectorAll(".agreement *")].map((each) => each.tagName))].sort().join()')).toBe("H2,P,SPAN");
    for (const text of ["标题", "链接文字", "按钮文字", "摘要文字", "折叠的条款", "末尾的条款"]) {
      expect(await phone.value(`[...document.querySelectorAll(".agreement")].some((each) => each.innerText.includes("${text}"))`)).toBe(true);
    }
  });

  test("the built-in agreement keeps its tables, lists and marked key clauses", async () => {
    const data = sampleProcess();
    const phone = await openPhone(browser(), { data });
    const count = (selector: string) => phone.value(`document.querySelectorAll(".agreement ${selector}").length`);
    expect(await count("table")).toBe(data.protocol.html.match(/<table/g)?.length);
    expect(await count("li")).toBe(data.protocol.html.match(/<li>/g)?.length);
    expect(await count("[data-key-clause]")).toBe(data.protocol.keyClauses.length);
    expect(await phone.value('document.querySelectorAll("[id^=clause-]").length')).toBe(data.protocol.keyClauses.length);
  });

  test("an agreement whose hash is not the announced one is neither shown nor opened nor signable", async () => {
    const data = shortAgreement();
    const phone = await openPhone(browser(), { data: { ...data, protocol: { ...data.protocol, protocolHash: sha256("another") } } });
    await phone.view("tampered");
    expect(await phone.value('document.querySelector(".agreement, #sign")')).toBeNull();
    expect(phone.api.to("/open")).toHaveLength(0);
    phone.api.data = shortAgreement();
    await phone.tap("#view button");
    await phone.view("agreement");
  });

  test("the display is recorded once, with the hash that was shown", async () => {
    const phone = await openPhone(browser());
    await getReady(phone);
    await phone.value('window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
    await phone.until("performance.getEntriesByType('resource').filter((each) => each.name.endsWith('/process')).length === 2");
    expect(phone.api.to("/open").map((call) => call.body)).toEqual([{ protocolHash: phone.api.data.protocol.protocolHash }]);
  });

  test("before the end is read the button signs nothing, says why and pages on", async () => {
    const phone = await openPhone(browser(), { data: sampleProcess() });
    const before = Number(await phone.value("window.pageYOffset"));
    await phone.page.tap("#sign");
    expect(await phone.text("#missing")).toMatch(/读到末尾（已读 \d+%）/);
    expect(Number(await phone.value("window.pageYOffset"))).toBeGreaterThan(before);
    expect(await phone.value('document.querySelector("#agreement-end.is-reached")')).toBeNull();
    await phone.value("window.scrollTo(0, document.body.scrollHeight)");
    await phone.until('/重点条款（0\\/\\d+）/.test(document.querySelector("#missing").textContent)');
    expect(phone.api.to("/sign")).toHaveLength(0);
  });

  test("paging on with the button alone reaches the end in the end", async () => {
    const phone = await openPhone(browser(), { data: sampleProcess() });
    let presses = 0;
    while (/读到末尾/.test(await phone.text("#missing"))) {
      await phone.tap("#sign");
      await phone.value("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
      presses += 1;
      expect(presses).toBeLessThan(100);
    }
    expect(presses).toBeGreaterThan(5);
    expect(await phone.text("#missing")).toMatch(/重点条款/);
  });

  test("a keyboard or screen reader reaches the end by focus", async () => {
    const phone = await openPhone(browser(), { data: sampleProcess() });
    await phone.page.focus("#agreement-end");
    await phone.until('document.querySelector("#agreement-end.is-reached") !== null');
    expect(await phone.text("#missing")).toMatch(/重点条款/);
  });

  test("the button leads from one missing thing to the next, in order, until nothing is missing", async () => {
    const phone = await openPhone(browser());
    const focused = () => phone.value("document.activeElement.id");
    for (const [words, id] of [
      [/重点条款（0\/2）/, "clause-1"],
      [/重点条款（1\/2）/, "clause-2"],
      [/确认意愿/, "consent"],
      [/短信验证码/, "ask-code"],
    ] as [RegExp, string][]) {
      await phone.tap("#sign");
      expect(await phone.text("#missing")).toMatch(words);
      expect(await focused()).toBe(id);
      await phone.tap(`#${id}`);
    }
    await phone.until('document.activeElement.id === "sms-code"');
    await phone.page.keyboard.type("１２３４5x");
    expect(await phone.value('document.querySelector("#sms-code").value')).toBe("12345");
    await phone.page.keyboard.type("6");
    expect(await phone.text("#missing")).toMatch(/可以签署/);
    expect(phone.api.to("/sign")).toHaveLength(0);
  });

  test("the reading time is counted down calmly and holds the signature back", async () => {
    const data = shortAgreement();
    const phone = await openPhone(browser(), { data: { ...data, smsCode: { required: false }, protocol: { ...data.protocol, readSeconds: 2 } } });
    for (const id of ["clause-1", "clause-2", "consent"]) await phone.tap(`#${id}`);
    await phone.tap("#sign");
    expect(await phone.text(".bar .notice")).toMatch(/还要再等 \d 秒|正在登记/);
    await phone.until('/可以签署/.test(document.querySelector("#missing").textContent)');
    expect(phone.api.to("/sign")).toHaveLength(0);
  });
}

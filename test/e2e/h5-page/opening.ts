import { readFileSync } from "node:fs";
import type { Browser } from "puppeteer-core";
import type { PageData } from "../../../services/process/process.api.ts";
import { faceCheck, pending, TOKEN } from "./fake-api.ts";
import { openPhone, shortAgreement } from "./phone.ts";
import { sampleProcess } from "./sample.ts";

const AXE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
const waiting = (part: Partial<PageData>): PageData => ({ ...sampleProcess(), status: "VERIFICATION_PENDING", verification: pending(3), ...part });

/** State of the platform → view, and words the signer must find there. */
const STATES: [string, PageData, string, RegExp][] = [
  ["INIT", { ...sampleProcess(), status: "INIT" }, "preparing", /自动显示/],
  ["SMS_SENT", sampleProcess(), "agreement", /2026年11月25日（周三）15:25/],
  ["a verification not yet started", waiting({ verification: { ...pending(3)!, status: "NOT_STARTED" } }), "starting", /会自动开始/],
  ["a pending remittance", waiting({}), "remittance", /1–3 个工作日.*同一个链接.*还可提交 3 次/s],
  ["the last attempt of a remittance", waiting({ verification: pending(1) }), "remittance", /最后一次机会/],
  ["a pending face check", waiting({ verification: faceCheck }), "face", /开始人脸识别/],
  ["VERIFICATION_SUCCESS", waiting({ status: "VERIFICATION_SUCCESS" }), "sealing", /电子印章/],
  ["COMPLETED", waiting({ status: "COMPLETED", downloadUrl: "https://example.com/a.pdf" }), "completed", /下载已签署的协议/],
  ["FAILED", waiting({ status: "FAILED", failureReason: "身份认证未通过" }), "failed", /原因：身份认证未通过。.*重新发起/s],
  ["EXPIRED before the signature", { ...sampleProcess(), status: "EXPIRED" }, "expired", /没有签署任何内容.*重新发起/s],
  ["EXPIRED after the signature", waiting({ status: "EXPIRED" }), "expired", /身份认证没有在期限内完成/],
];

export function opening(browser: () => Browser): void {
  test("the token leaves the address at once, survives a reload and travels only as a bearer", async () => {
    const phone = await openPhone(browser());
    await phone.view("agreement");
    expect(phone.page.url()).toBe(`${phone.api.origin}/h5/sign`);
    await phone.page.reload();
    await phone.view("agreement");
    expect(phone.api.to("/process").map((call) => call.authorization)).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
    expect(await phone.value("JSON.stringify([Object.keys(sessionStorage), Object.keys(localStorage), document.cookie])")).toBe('[["esign.token"],[],""]');
  });

  test.each([
    ["no token", "/h5/sign", "unlinked", 0],
    ["the way back from the face page in a new tab", "/h5/sign?return=face", "unlinked", 0],
    ["an unknown token", "/h5/sign?token=unknown", "invalid", 1],
  ])("%s leads to a page that says which link to open", async (_name, at, view, calls) => {
    const phone = await openPhone(browser(), { at });
    await phone.view(view);
    expect(await phone.text("#view")).toMatch(/短信/);
    expect(phone.api.calls).toHaveLength(calls);
    expect(await phone.value("sessionStorage.length")).toBe(0);
  });

  test("opening the page changes nothing on the platform unless an agreement is displayed", async () => {
    const phone = await openPhone(browser(), { data: waiting({}) });
    await phone.view("remittance");
    expect(phone.api.calls.map((call) => call.method)).toEqual(["GET"]);
  });

  test.each(STATES)("%s is shown in plain words, without an accessibility finding, at normal and double text size", async (_name, data, view, words) => {
    for (const size of ["100%", "200%"]) {
      const phone = await openPhone(browser(), { data });
      await phone.view(view);
      await phone.value(`document.documentElement.style.fontSize = "${size}"; window.dispatchEvent(new Event("resize"))`);
      expect(await phone.text("#view")).toMatch(words);
      expect(await phone.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
      expect(await phone.value("document.activeElement.tagName")).toBe("H1");
      await phone.page.evaluate(AXE);
      const found = (await phone.page.evaluate("axe.run().then((result) => result.violations.map((each) => each.id))")) as string[];
      expect(found).toEqual([]);
    }
  });

  test("whatever can be tapped is at least 44 px high", async () => {
    const phone = await openPhone(browser());
    const small = '[...document.querySelectorAll("#view button, #view .tick, #view input[type=text]")].filter((each) => each.offsetParent && each.offsetHeight < 44).map((each) => each.id)';
    expect(await phone.value(small)).toEqual([]);
  });

  test("a page brought back from the browser's memory shows what has become of the process since", async () => {
    const phone = await openPhone(browser());
    await phone.page.goto(`${phone.api.origin}/elsewhere`);
    phone.api.data = waiting({});
    await phone.page.goBack();
    await phone.view("remittance");
    phone.api.data = waiting({ status: "COMPLETED" });
    await phone.value('window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
    await phone.view("completed");
  });

  test("a signature on another phone is noticed and said calmly", async () => {
    const phone = await openPhone(browser());
    phone.api.data = waiting({});
    phone.api.on("/sign-code", () => ({ http: 409, code: "PROCESS_STATE_INVALID", message: "当前流程状态不允许该操作" }));
    await phone.tap("#ask-code");
    await phone.view("remittance");
    expect(await phone.text("#flash")).toMatch(/最新进度/);
  });

  test("without a network the page says so, tries again by itself and goes on where it was", async () => {
    let broken = true;
    const phone = await openPhone(browser(), {
      hurried: true,
      before: (api) => api.on("/process", () => (broken ? { http: 503, code: "SERVICE_UNAVAILABLE" } : { http: 200, code: "SUCCESS", data: shortAgreement() })),
    });
    await phone.view("unreachable");
    broken = false;
    await phone.view("agreement");
  });

  test("the platform's waiting states are followed until the end without a tap", async () => {
    const phone = await openPhone(browser(), { hurried: true, data: { ...shortAgreement(), status: "INIT" } });
    await phone.view("preparing");
    for (const [part, view] of [
      [{ status: "PROTOCOL_SIGNED", verification: null }, "starting"],
      [{ status: "VERIFICATION_SUCCESS" }, "sealing"],
      [{ status: "COMPLETED" }, "completed"],
    ] as [Partial<PageData>, string][]) {
      phone.api.data = waiting(part);
      await phone.view(view);
    }
  });
}

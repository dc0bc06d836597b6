import type { Browser } from "puppeteer-core";
import type { PageData } from "../../../services/process/process.api.ts";
import { faceCheck, ok, type Answer } from "./fake-api.ts";
import { gate, openPhone, shortAgreement, type Phone } from "./phone.ts";

const waiting = (part: Partial<PageData> = {}): PageData => ({ ...shortAgreement(), status: "VERIFICATION_PENDING", verification: faceCheck, ...part });
const notReady: Answer = { http: 409, code: "PROCESS_STATE_INVALID", message: "人脸验证链接尚未就绪，请稍后再试" };
const notice = 'document.querySelector("#view .notice").textContent';

/** Presses the button and arrives at the face page. */
async function toFacePage(phone: Phone, url = `${phone.api.origin}/face-page`): Promise<void> {
  phone.api.on("/verification/face", () => ok({ faceUrl: url }));
  await Promise.all([phone.page.waitForNavigation(), phone.tap("#start-face", 2)]);
  expect(phone.page.url()).toBe(url);
}

export function face(browser: () => Browser): void {
  test("the way there and back asks for the link once, hides its trace and survives a reload", async () => {
    const phone = await openPhone(browser(), { data: waiting() });
    await toFacePage(phone);
    expect(phone.api.to("/verification/face")).toHaveLength(1);
    await phone.page.goto(`${phone.api.origin}/h5/sign?return=face`);
    for (const _ of ["back", "reloaded"]) {
      await phone.view("face");
      expect(await phone.text("h1")).toBe("正在确认人脸识别结果");
      expect(await phone.text("#start-face")).toBe("重新进行人脸识别");
      expect(phone.page.url()).toBe(`${phone.api.origin}/h5/sign`);
      await phone.page.reload();
    }
  });

  test.each([
    ["passed", { status: "VERIFICATION_SUCCESS" }, "sealing", /电子印章/],
    ["passed and sealed", { status: "COMPLETED" }, "completed", /协议已经生效/],
    ["failed", { status: "FAILED", failureReason: "人脸比对未通过", verification: { ...faceCheck!, status: "FAILED" } }, "failed", /原因：人脸比对未通过。.*不会生效.*核对登记的姓名和身份证号/s],
    ["out of time", { status: "EXPIRED" }, "expired", /身份认证没有在期限内完成/],
  ] as [string, Partial<PageData>, string, RegExp][])("back from the face page the result arrives by itself: %s", async (_name, part, view, words) => {
    const phone = await openPhone(browser(), { data: waiting(), hurried: true });
    await toFacePage(phone);
    await phone.page.goto(`${phone.api.origin}/h5/sign?return=face`);
    await phone.view("face");
    phone.api.data = waiting(part);
    await phone.view(view);
    expect(await phone.text("#view")).toMatch(words);
  });

  test.each([
    ["a face app that opens another browser", async (phone: Phone) => (await openPhone(browser(), { api: phone.api, at: "/h5/sign?return=face" })) as Phone],
    [
      "a phone that has dropped the tab meanwhile",
      async (phone: Phone) => {
        await phone.value("sessionStorage.clear()");
        await phone.page.goto(`${phone.api.origin}/h5/sign?return=face`);
        return phone;
      },
    ],
  ])("%s is told to open the SMS again, and the link leads to the result", async (_name, come) => {
    const first = await openPhone(browser(), { data: waiting() });
    const phone = await come(first);
    await phone.view("unlinked");
    expect(await phone.text("#view")).toMatch(/重新打开短信里的链接.*人脸识别的结果不受影响.*就能看到结果/s);
    first.api.data = waiting({ status: "COMPLETED" });
    await phone.page.goto(first.api.link);
    await phone.view("completed");
  });

  test("while a new attempt is started the page says so, asks again and goes on by itself", async () => {
    const phone = await openPhone(browser(), { data: waiting(), hurried: true });
    const start = gate();
    const answers: Answer[] = [notReady, notReady, ok({ faceUrl: `${phone.api.origin}/second-face-page` })];
    phone.api.on("/verification/face", async () => {
      const answer = answers.shift()!;
      phone.api.data = waiting({ verification: { ...faceCheck!, status: answer === notReady ? "NOT_STARTED" : "PENDING" } });
      if (answer !== notReady) await start.opened;
      return answer;
    });
    await phone.tap("#start-face");
    await phone.until(`/新的人脸识别页面正在准备/.test(${notice})`);
    expect(await phone.value('document.querySelector("#start-face").getAttribute("aria-disabled")')).toBe("true");
    const there = phone.page.waitForNavigation();
    start.open();
    await there;
    expect(phone.page.url()).toBe(`${phone.api.origin}/second-face-page`);
    expect(phone.api.to("/verification/face")).toHaveLength(3);
  });

  test("a new attempt that takes long is left to the waiting view, which leads back when it is there", async () => {
    const phone = await openPhone(browser(), { data: waiting(), hurried: true });
    phone.api.on("/verification/face", () => {
      phone.api.data = waiting({ verification: { ...faceCheck!, status: "NOT_STARTED" } });
      return notReady;
    });
    await phone.tap("#start-face");
    await phone.view("starting");
    expect(phone.api.to("/verification/face").length).toBeLessThan(10);
    phone.api.data = waiting();
    await phone.view("face");
  });

  test("a link that is not ready although the check has started is asked for by tap in the end", async () => {
    const phone = await openPhone(browser(), { data: waiting(), hurried: true });
    phone.api.on("/verification/face", () => notReady);
    await phone.tap("#start-face");
    await phone.until(`/过一会儿再点一次/.test(${notice})`);
    expect(await phone.value('document.querySelector("#start-face").getAttribute("aria-disabled")')).toBeNull();
    await toFacePage(phone);
  });

  test.each([
    ["the verification system does not answer", { http: 502, code: "VERIFICATION_SERVICE_ERROR", message: "x" }, /暂时打不开.*不受影响/],
    ["it was asked for too often", { http: 429, code: "RATE_LIMITED", message: "x", retryAfter: 90 }, /过于频繁，请等 90 秒/],
    ["the link has another scheme than http", ok({ faceUrl: "javascript:window.hit=1" }), /暂时打不开/],
  ] as [string, Answer, RegExp][])("when %s the page says so and the next press works", async (_name, answer, words) => {
    const phone = await openPhone(browser(), { data: waiting() });
    phone.api.on("/verification/face", () => answer);
    await phone.tap("#start-face");
    await phone.until(`${notice} !== ""`);
    expect(await phone.value(notice)).toMatch(words);
    expect(await phone.value("window.hit")).toBeUndefined();
    await toFacePage(phone);
  });

  test("when an app takes the link over, the page that stayed waits for the result once it is looked at again", async () => {
    const phone = await openPhone(browser(), { data: waiting() });
    // 204 leaves the page where it is, as an app that answers the link does.
    phone.api.on("/verification/face", () => ok({ faceUrl: `${phone.api.origin}/no-content` }));
    await phone.tap("#start-face");
    await phone.until(`/正在前往/.test(${notice})`);
    await phone.look(false);
    const before = phone.looks();
    await phone.look(true);
    await phone.until('document.querySelector("h1").textContent === "正在确认人脸识别结果"');
    expect(await phone.value(notice)).toBe("");
    expect(phone.looks()).toBe(before + 1);
  });
}

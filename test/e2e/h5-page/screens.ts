import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, HTTPRequest } from "puppeteer-core";
import type { PageData } from "../../../services/process/process.api.ts";
import { findings } from "../accessibility.ts";
import { faceCheck, LOST, pending, TOKEN, type FakeApi } from "./fake-api.ts";
import { getReady, openPhone, shortAgreement, type Phone } from "./phone.ts";
import { sampleProcess, sha256 } from "./sample.ts";

const waiting = (part: Partial<PageData> = {}): PageData => ({ ...sampleProcess(), status: "VERIFICATION_PENDING", verification: pending(3), ...part });
const failed = (failureReason: string, verification: PageData["verification"] = null): PageData => ({ ...waiting({ status: "FAILED", failureReason, verification, expiredAt: null }) });

interface State {
  data?: PageData;
  at?: string;
  before?: (api: FakeApi) => void;
  view: string;
  /** Brings the view into the state that is looked at. */
  act?: (phone: Phone) => Promise<unknown>;
}

/** Everything a signer can have on the screen. */
const STATES: Record<string, State> = {
  "the agreement": { data: sampleProcess(), view: "agreement" },
  "an agreement with a code on its way and all confirmed": { data: shortAgreement(), view: "agreement", act: getReady },
  "an agreement without a code": { data: { ...sampleProcess(), smsCode: { required: false } }, view: "agreement" },
  "a press too early": { data: sampleProcess(), view: "agreement", act: (phone) => phone.tap("#sign") },
  "a wrong code": {
    data: shortAgreement(),
    view: "agreement",
    before: (api) => api.on("/sign", () => ({ http: 422, code: "SMS_CODE_INVALID", message: "短信验证码不正确或已失效" })),
    act: async (phone) => {
      await getReady(phone);
      await phone.tap("#sign");
      await phone.until('document.querySelector("#sms-code-error").textContent !== ""');
    },
  },
  "refusing": {
    data: shortAgreement(),
    view: "agreement",
    act: async (phone) => {
      await phone.tap("#decline-open");
      await phone.tap("#decline-confirm");
    },
  },
  "waiting for the verification": { data: waiting({ verification: { ...pending(3)!, status: "NOT_STARTED" } }), view: "starting" },
  "the answer form": { data: waiting(), view: "remittance" },
  "a wrong answer, the last chance": {
    data: waiting({ verification: pending(2) }),
    view: "remittance",
    before: (api) => api.on("/verification/remittance", () => ({ http: 422, code: "VERIFICATION_MISMATCH", message: "x", data: { remainingAttempts: 1 } })),
    act: async (phone) => {
      await phone.value('document.querySelector("#amount").value = "0.12"; document.querySelector("#remark").value = "天财"');
      await phone.tap("#submit-answer");
      await phone.until('/最后一次机会/.test(document.querySelector("#remittance .caution").textContent)');
    },
  },
  "an amount of the wrong form": { data: waiting(), view: "remittance", act: (phone) => phone.tap("#submit-answer") },
  "the face check": { data: waiting({ verification: faceCheck }), view: "face" },
  "back from the face check": {
    data: waiting({ verification: faceCheck }),
    view: "face",
    act: async (phone) => {
      await phone.page.goto(`${phone.api.origin}/h5/sign?return=face`);
      await phone.view("face");
    },
  },
  "a face check that cannot be opened": {
    data: waiting({ verification: faceCheck }),
    view: "face",
    act: async (phone) => {
      await phone.tap("#start-face");
      await phone.until('document.querySelector("#view .notice").textContent !== ""');
    },
  },
  "being sealed": { data: waiting({ status: "VERIFICATION_SUCCESS" }), view: "sealing" },
  "completed": { data: waiting({ status: "COMPLETED" }), view: "completed" },
  "refused by the signer": { data: failed("签署人拒绝签署"), view: "failed" },
  "cancelled": { data: failed("发起方已取消签约"), view: "failed" },
  "a failed remittance": { data: failed("金额或备注连续 3 次不符", { ...pending(0)!, status: "FAILED" }), view: "failed" },
  "a failed face check": { data: failed("人脸比对未通过", { ...faceCheck!, status: "FAILED" }), view: "failed" },
  "expired before the signature": { data: { ...sampleProcess(), status: "EXPIRED" }, view: "expired" },
  "expired after it": { data: waiting({ status: "EXPIRED" }), view: "expired" },
  "an unknown link": { at: "/h5/sign?token=unknown", view: "invalid" },
  "no link": { at: "/h5/sign", view: "unlinked" },
  "no link, back from the face check": { at: "/h5/sign?return=face", view: "unlinked" },
  "an agreement that was changed on its way": { data: { ...sampleProcess(), protocol: { ...sampleProcess().protocol, protocolHash: sha256("x") } }, view: "tampered" },
  "no network": { before: (api) => api.on("/process", () => LOST), view: "unreachable" },
};

const SCREENS = [
  { name: "360×740", screen: { width: 360, height: 740 }, text: "100%" },
  { name: "320×568", screen: { width: 320, height: 568 }, text: "100%" },
  { name: "320×568 with text of twice the size", screen: { width: 320, height: 568 }, text: "200%" },
  { name: "a phone on its side", screen: { width: 640, height: 360 }, text: "100%" },
];

/** Controls that are to be pressed and are smaller than 44 px in one direction. */
const SMALL = `[...document.querySelectorAll("#view button, #view .tick, #view input[type=text]")]
  .filter((each) => each.offsetParent && (each.offsetHeight < 44 || each.offsetWidth < 44)).map((each) => each.id || each.textContent)`;
const WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

export function screens(browser: () => Browser): void {
  test.each(Object.entries(STATES))("%s has no accessibility finding and fits every screen, with all controls large enough", async (_name, { view, act, ...options }) => {
    const phone = await openPhone(browser(), options);
    await phone.view(view);
    await act?.(phone);
    for (const { name, screen, text } of SCREENS) {
      await phone.page.setViewport({ ...screen, deviceScaleFactor: 1, isMobile: true, hasTouch: true });
      await phone.value(`document.documentElement.style.fontSize = "${text}"; window.dispatchEvent(new Event("resize"))`);
      expect([name, await phone.value(WIDER), await phone.value(SMALL)]).toEqual([name, 0, []]);
    }
    await phone.value('document.documentElement.style.fontSize = ""');
    expect(await findings(phone.page)).toEqual([]);
  });

  test("a phone that prefers dark pages is shown the same light page, and one that prefers no motion none", async () => {
    const phone = await openPhone(browser(), { data: waiting({ status: "VERIFICATION_SUCCESS" }) });
    const look = () => phone.value('[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).color, getComputedStyle(document.documentElement).colorScheme].join(" ")');
    const moving = () => phone.value("document.getAnimations().length");
    const light = await look();
    expect(light).toContain("only");
    expect(await moving()).toBe(3);
    await phone.page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: "dark" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    expect(await look()).toBe(light);
    expect(await moving()).toBe(0);
  });

  test("the keyboard goes through the agreement in the order it is read, and every stop can be seen", async () => {
    const phone = await openPhone(browser());
    const order: unknown[] = [];
    for (let n = 0; n < 8; n += 1) {
      await phone.page.keyboard.press("Tab");
      order.push(await phone.value("document.activeElement.id"));
      expect(await phone.value("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
    }
    expect(order).toEqual(["agreement-end", "clause-1", "clause-2", "consent", "sms-code", "ask-code", "decline-open", "sign"]);
  });

  test("what changes is spoken: the new heading has the focus, and messages stand in live regions that were there before", async () => {
    const phone = await openPhone(browser(), { data: waiting(), hurried: true });
    const live = await phone.value('[...document.querySelectorAll("[aria-live], [role=alert]")].map((each) => each.id || each.className).join()');
    expect(live).toBe("flash,amount-error,remark-error,notice");
    phone.api.data = waiting({ status: "COMPLETED" });
    await phone.view("completed");
    expect(await phone.value("document.activeElement.tagName + document.activeElement.textContent")).toBe("H1签约已完成");
    expect(await phone.text("#flash")).toMatch(/最新进度/);
    expect(await phone.page.title()).toBe("签约已完成 - 电子签约");
  });

  test("the whole page with the longest agreement is under 130 kB, from one host, and a look later is the agreement alone", async () => {
    let bytes = 0;
    const asked: HTTPRequest[] = [];
    const phone = await openPhone(browser(), {
      data: sampleProcess(),
      prepare: async (page) => {
        page.on("request", (request) => asked.push(request));
        const session = await page.createCDPSession();
        await session.send("Network.enable");
        session.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
        await session.send("Network.emulateNetworkConditions", { offline: false, latency: 20, downloadThroughput: 2_000_000, uploadThroughput: 1_000_000 });
      },
    });
    await phone.view("agreement");
    await phone.until('performance.getEntriesByType("resource").every((each) => each.responseEnd > 0)');
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(130_000);
    expect([...new Set(asked.map((request) => new URL(request.url()).origin))]).toEqual([phone.api.origin]);
    const first = bytes;
    await phone.value('window.dispatchEvent(new Event("online"))');
    await phone.until('performance.getEntriesByType("resource").filter((each) => each.name.endsWith("/process") && each.responseEnd > 0).length === 2');
    expect(bytes - first).toBeLessThan(40_000);
  });

  test("the token stands nowhere but in sessionStorage: not in the address, its history, the document, a referrer or another page", async () => {
    const referrers: (string | undefined)[] = [];
    const urls: string[] = [];
    const phone = await openPhone(browser(), {
      prepare: async (page) => {
        page.on("request", (request) => {
          urls.push(request.url());
          referrers.push(request.headers()["referer"]);
        });
      },
    });
    await phone.view("agreement");
    const where = "[location.href, document.referrer, document.documentElement.outerHTML, JSON.stringify(history.state), document.cookie, JSON.stringify(localStorage), window.name].join()";
    expect(String(await phone.value(where))).not.toContain(TOKEN);
    const session = await phone.page.createCDPSession();
    const { entries } = await session.send("Page.getNavigationHistory");
    expect(entries.map((entry) => entry.url).filter((url) => url.includes(TOKEN))).toEqual([]);
    await phone.value('location.assign("/elsewhere")');
    await phone.until('document.title === "elsewhere"');
    expect(await phone.value("document.referrer")).toBe("");
    expect(referrers.filter(Boolean)).toEqual([]);
    // The link itself is the one address that had it.
    expect(urls.filter((url) => url.includes(TOKEN))).toEqual([phone.api.link]);
  });

  test("the page's own words assume neither a company nor a person", () => {
    const files = readdirSync("public-h5/assets").map((file) => [file, readFileSync(join("public-h5/assets", file), "utf8")] as const);
    expect(files.length).toBeGreaterThan(15);
    for (const [file, text] of files) expect([file, /对公|法定代表人|法人|贵公司|企业|公司|身份证复印|个体户/.exec(text)?.[0]]).toEqual([file, undefined]);
  });
}

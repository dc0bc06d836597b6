import type { Browser } from "puppeteer-core";
import type { PageData } from "../../../services/process/process.api.ts";
import { faceCheck, ok, pending } from "./fake-api.ts";
import { gate, getReady, openPhone, shortAgreement, type Phone } from "./phone.ts";

const waiting = (part: Partial<PageData> = {}): PageData => ({ ...shortAgreement(), status: "VERIFICATION_PENDING", verification: pending(3), ...part });
const cancelled: Partial<PageData> = { status: "FAILED", expiredAt: null, failureReason: "发起方已取消签约" };
const declined: Partial<PageData> = { status: "FAILED", expiredAt: null, failureReason: "签署人拒绝签署" };
const answered = (phone: Phone, count: number): Promise<void> =>
  phone.until(`performance.getEntriesByType("resource").filter((each) => each.name.endsWith("/process") && each.responseEnd > 0).length >= ${count}`);

/** What is open, what becomes of it elsewhere, what the page must then show. */
const CHANGES: [string, PageData, Partial<PageData>, string, RegExp][] = [
  ["the agreement, and another phone signs", shortAgreement(), { status: "VERIFICATION_PENDING", verification: pending(3) }, "remittance", /打款验证/],
  ["the agreement, and another phone refuses", shortAgreement(), declined, "failed", /签署人拒绝签署.*没有签署任何内容.*重新发起/s],
  ["the agreement, and the initiator cancels", shortAgreement(), cancelled, "failed", /发起方已取消签约.*没有签署任何内容.*重新发起/s],
  ["the agreement, and its time runs out", shortAgreement(), { status: "EXPIRED", expiredAt: null }, "expired", /没有在期限内签署.*重新发起/s],
  ["the answer form, and another phone answers", waiting(), { status: "VERIFICATION_SUCCESS" }, "sealing", /电子印章/],
  ["the answer form, and it has failed elsewhere", waiting(), { status: "FAILED", failureReason: "金额或备注连续 3 次不符" }, "failed", /连续 3 次不符.*已签署的这份协议不会生效.*银行流水/s],
  ["the answer form, and its time runs out", waiting(), { status: "EXPIRED" }, "expired", /身份认证没有在期限内完成/],
  ["the face view, and it is done on another phone", waiting({ verification: faceCheck }), { status: "COMPLETED" }, "completed", /协议已经生效/],
];

export function elsewhere(browser: () => Browser): void {
  test.each(CHANGES)("open is %s: the page learns of it without a tap", async (_name, before, change, view, words) => {
    const phone = await openPhone(browser(), { data: before, hurried: true });
    await getFilled(phone);
    phone.api.data = { ...before, ...change };
    await phone.view(view);
    expect(await phone.text("#view")).toMatch(words);
    expect(await phone.value("document.activeElement.tagName")).toBe("H1");
  });

  test.each([
    ["the agreement", shortAgreement()],
    ["the answer form", waiting()],
    ["the face view", waiting({ verification: faceCheck })],
  ])("%s does not ask while nobody looks, and asks at once when somebody does", async (_name, data) => {
    const phone = await openPhone(browser(), { data, hurried: 1000 });
    await answered(phone, 3);
    await phone.look(false);
    // A call that was under way may still arrive. Then, in many times the 120 ms that the longest pause has become, none does.
    await phone.until("performance.getEntriesByType('resource').every((each) => each.responseEnd > 0)");
    const before = phone.looks();
    await phone.value("new Promise((done) => { let frames = 40; (function turn() { frames -= 1; if (frames) requestAnimationFrame(turn); else done(); })(); })");
    expect(phone.looks()).toBe(before);
    phone.api.data = waiting({ status: "COMPLETED" });
    await phone.look(true);
    await phone.view("completed");
  });

  test("what was typed into the answer form stays while the page looks, and a lost attempt elsewhere is shown", async () => {
    const phone = await openPhone(browser(), { data: waiting(), hurried: true });
    await phone.page.type("#amount", "0.1");
    phone.api.data = waiting({ verification: pending(1) });
    await phone.until('/还可提交 1 次/.test(document.querySelector(".facts").textContent)');
    await phone.page.type("#amount", "2");
    expect(await phone.value('document.querySelector("#amount").value')).toBe("0.12");
    expect(await phone.text("#remittance .caution")).toMatch(/最后一次机会/);
  });

  test("what was ticked and typed on the agreement stays while the page looks", async () => {
    const phone = await openPhone(browser(), { hurried: 500 });
    await getReady(phone);
    await answered(phone, phone.looks() + 3);
    expect(await phone.value('document.querySelectorAll("#view .tick input:checked").length')).toBe(3);
    expect(await phone.value('document.querySelector("#sms-code").value')).toBe("123456");
    expect(phone.api.to("/open")).toHaveLength(1);
  });

  test("a look that was under way when the signature was answered does not bring the agreement back", async () => {
    const phone = await openPhone(browser());
    await getReady(phone);
    const old = gate();
    const before = phone.api.data;
    phone.api.on("/process", async () => {
      await old.opened;
      return ok(before);
    });
    await phone.value('window.dispatchEvent(new Event("online"))');
    await phone.tap("#sign");
    await phone.view("remittance");
    phone.api.on("/process", () => ok(phone.api.data));
    old.open();
    await answered(phone, 3);
    expect(await phone.value('document.querySelector("#view").getAttribute("data-view")')).toBe("remittance");
  });

  test.each([
    ["agreement", shortAgreement()],
    ["remittance", waiting()],
    ["face", waiting({ verification: faceCheck })],
    ["starting", waiting({ verification: { ...pending(3)!, status: "NOT_STARTED" } })],
    ["sealing", waiting({ status: "VERIFICATION_SUCCESS" })],
    ["completed", waiting({ status: "COMPLETED" })],
    ["failed", waiting(declined)],
    ["expired", waiting({ status: "EXPIRED" })],
  ] as [string, PageData][])("a reload, going back and coming again, and the browser's memory show %s as it is", async (view, data) => {
    const phone = await openPhone(browser(), { data });
    await phone.view(view);
    await phone.page.reload();
    await phone.view(view);
    await phone.page.goto(`${phone.api.origin}/elsewhere`);
    await phone.page.goBack();
    await phone.view(view);
    const before = phone.looks();
    await phone.value('window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
    await phone.until(`performance.getEntriesByType("resource").filter((each) => each.name.endsWith("/process") && each.responseEnd > 0).length === 2`);
    expect(phone.looks()).toBe(before + 1);
    expect(await phone.value('document.querySelector("#view").getAttribute("data-view")')).toBe(view);
    expect(phone.api.calls.every((call) => call.method === "GET" || call.path === "/open")).toBe(true);
  });

  test("two phones on one link that sign at once both end where the one signature leads", async () => {
    const one = await openPhone(browser());
    const two = await openPhone(browser(), { api: one.api });
    await getReady(one);
    await getReady(two);
    await Promise.all([one.tap("#sign", 2), two.tap("#sign", 2)]);
    await Promise.all([one.view("remittance"), two.view("remittance")]);
    expect(one.api.to("/sign").length).toBeLessThanOrEqual(2);
  });
}

/** Whatever can be ticked or typed on the view is. */
async function getFilled(phone: Phone): Promise<void> {
  await phone.value('for (const box of document.querySelectorAll("#view .tick input[type=checkbox]")) box.click(); for (const line of document.querySelectorAll("#view input[type=text]")) line.value = "1"');
}

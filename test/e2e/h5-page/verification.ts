import type { Browser } from "puppeteer-core";
import type { PageData } from "../../../services/process/process.api.ts";
import { LOST, ok, pending, type Answer } from "./fake-api.ts";
import { gate, openPhone, shortAgreement, type Phone } from "./phone.ts";

const waiting = (part: Partial<PageData> = {}): PageData => ({ ...shortAgreement(), status: "VERIFICATION_PENDING", verification: pending(3), ...part });

async function answerWith(phone: Phone, amount: string, remark: string, taps = 1): Promise<void> {
  await phone.value('document.querySelector("#amount").value = ""; document.querySelector("#remark").value = ""');
  await phone.page.type("#amount", amount);
  await phone.page.type("#remark", remark);
  await phone.tap("#submit-answer", taps);
}
const mismatch = (left: number): Answer => ({ http: 422, code: "VERIFICATION_MISMATCH", message: "不一致", data: { remainingAttempts: left } });
const calls = "performance.getEntriesByType('resource').filter((each) => each.name.endsWith('/remittance')).length";

export function verification(browser: () => Browser): void {
  test.each([
    ["0.12", "0.12"],
    [".12", "0.12"],
    ["0.1", "0.10"],
    ["00.10", "0.10"],
    ["０．１２", "0.12"],
    ["0。12", "0.12"],
    ["¥0.12元", "0.12"],
    [" 0 .12 ", "0.12"],
    ["1.00", "1.00"],
    ["12", null],
    ["0.123", null],
    ["-0.12", null],
    ["0.00", null],
    ["一角二分", null],
    ["", null],
  ])("an amount typed as %j is sent as %j", async (typed, sent) => {
    const phone = await openPhone(browser(), { data: waiting() });
    phone.api.on("/verification/remittance", () => mismatch(2));
    await answerWith(phone, typed, "  天财1234 ");
    if (sent === null) {
      expect(await phone.text("#amount-error")).toMatch(/精确到分/);
      expect(await phone.value("document.activeElement.id")).toBe("amount");
      expect(phone.api.to("/verification/remittance")).toHaveLength(0);
    } else {
      await phone.until('/还可以提交 2 次/.test(document.querySelector("#remittance .notice").textContent)');
      expect(phone.api.to("/verification/remittance").map((call) => call.body)).toEqual([{ amount: sent, remark: "天财1234" }]);
    }
  });

  test("a wrong answer shows what is left, the last chance is announced, and the third ends the signing", async () => {
    const phone = await openPhone(browser(), { data: waiting() });
    for (const left of [2, 1]) {
      phone.api.on("/verification/remittance", () => mismatch(left));
      await answerWith(phone, "0.12", "天财");
      await phone.until(`/还可提交 ${left} 次/.test(document.querySelector(".facts").textContent)`);
    }
    expect(await phone.text("#remittance .caution")).toMatch(/最后一次机会/);
    phone.api.on("/verification/remittance", () => {
      phone.api.data = waiting({ status: "FAILED", failureReason: "打款验证 3 次不一致" });
      return mismatch(0);
    });
    await answerWith(phone, "0.12", "天财");
    await phone.view("failed");
  });

  test("a double tap submits one answer, and a right one waits for the result by itself", async () => {
    const phone = await openPhone(browser(), { hurried: true, data: waiting() });
    const answer = gate();
    phone.api.on("/verification/remittance", async () => {
      await answer.opened;
      return ok({ status: "VERIFICATION_PENDING", verification: pending(3) });
    });
    await answerWith(phone, "0.12", "天财", 2);
    await phone.until('document.querySelector("#submit-answer").getAttribute("aria-disabled") === "true"');
    await phone.tap("#submit-answer");
    answer.open();
    await phone.view("confirming");
    phone.api.data = waiting({ status: "COMPLETED" });
    await phone.view("completed");
    expect(phone.api.to("/verification/remittance")).toHaveLength(1);
  });

  test("an answer without a reply is never sent again by the page; the attempts left are asked for", async () => {
    const phone = await openPhone(browser(), { hurried: true, data: waiting() });
    phone.api.on("/verification/remittance", () => {
      phone.api.data = waiting({ verification: pending(2) });
      return { http: 502, code: "VERIFICATION_SERVICE_ERROR", message: "认证系统暂时无法响应" };
    });
    await answerWith(phone, "0.12", "天财");
    await phone.until('/没有得到核对结果/.test(document.querySelector("#remittance .notice").textContent)');
    expect(await phone.text(".facts")).toMatch(/还可提交 2 次/);
    expect(await phone.value(calls)).toBe(1);
    expect(phone.api.to("/verification/remittance")).toHaveLength(1);
  });

  test.each([
    ["409 because it has not started", { http: 409, code: "PROCESS_STATE_INVALID", message: "x" }, { verification: { ...pending(3)!, status: "NOT_STARTED" } }, "starting"],
    ["410", { http: 410, code: "PROCESS_EXPIRED", message: "x" }, { status: "EXPIRED" }, "expired"],
    ["a lost connection after it succeeded", LOST, { status: "VERIFICATION_SUCCESS" }, "sealing"],
  ] as [string, Answer, Partial<PageData>, string][])("%s to an answer shows the state as it is", async (_name, reply, part, view) => {
    const phone = await openPhone(browser(), { hurried: true, data: waiting() });
    phone.api.on("/verification/remittance", () => {
      phone.api.data = waiting(part);
      return reply;
    });
    await answerWith(phone, "0.12", "天财");
    await phone.view(view);
  });

  test("the signed copy is fetched by a link that was made for this press", async () => {
    const phone = await openPhone(browser(), { data: waiting({ status: "COMPLETED", downloadUrl: "http://127.0.0.1/old" }) });
    phone.api.data = waiting({ status: "COMPLETED", downloadUrl: `${phone.api.origin}/protocol/download/fresh.pdf` });
    await Promise.all([phone.page.waitForNavigation(), phone.tap("#download", 2)]);
    expect(phone.page.url()).toBe(`${phone.api.origin}/protocol/download/fresh.pdf`);
    expect(phone.api.to("/process")).toHaveLength(2);
  });
}

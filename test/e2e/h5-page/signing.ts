import type { Browser } from "puppeteer-core";
import { LOST, ok, pending, type Answer } from "./fake-api.ts";
import { gate, getReady, openPhone, shortAgreement, type Phone } from "./phone.ts";
import { withAgreement } from "./sample.ts";

const signed = (phone: Phone): void => {
  phone.api.data = { ...phone.api.data, status: "VERIFICATION_PENDING", verification: pending(3) };
};

export function signing(browser: () => Browser): void {
  test("a double tap makes one signature, with all that was confirmed", async () => {
    const phone = await openPhone(browser());
    const answer = gate();
    phone.api.on("/sign", async () => {
      await answer.opened;
      signed(phone);
      return ok({ status: "VERIFICATION_PENDING", signedAt: "2026-11-24T08:00:00Z", verification: pending(3) });
    });
    await getReady(phone);
    await phone.tap("#sign", 2);
    await phone.until('document.querySelector("#sign").getAttribute("aria-disabled") === "true"');
    await phone.tap("#sign");
    answer.open();
    await phone.view("remittance");
    expect(phone.api.to("/sign").map((call) => call.body)).toEqual([
      { protocolHash: shortAgreement().protocol.protocolHash, keyClauses: ["scope", "disputes"], scrolledToEnd: true, consent: true, smsCode: "123456" },
    ]);
  });

  test("without a code in the settings none is asked for and none is sent", async () => {
    const phone = await openPhone(browser(), { data: { ...shortAgreement(), smsCode: { required: false } } });
    await getReady(phone);
    expect(await phone.value('document.querySelector("#sms-code")')).toBeNull();
    await phone.tap("#sign");
    await phone.view("remittance");
    expect(phone.api.to("/sign")[0]!.body).not.toHaveProperty("smsCode");
  });

  test("a signature whose answer was lost is found out and not asked for again", async () => {
    const phone = await openPhone(browser(), { hurried: true });
    phone.api.on("/sign", () => {
      signed(phone);
      return LOST;
    });
    await getReady(phone);
    await phone.tap("#sign");
    await phone.view("remittance");
  });

  test.each([
    ["the connection breaks", LOST],
    ["the platform is restarting", { http: 503, code: "SERVICE_UNAVAILABLE" }],
    ["something in between answers", { http: 502 }],
  ] as [string, Answer][])("when %s before the signature arrives, the page finds out and the next press signs", async (_name, trouble) => {
    const phone = await openPhone(browser(), { hurried: true });
    let unreachable = 0;
    phone.api.on("/sign", () => {
      unreachable = 2;
      return trouble;
    });
    phone.api.on("/process", () => (unreachable-- > 0 ? LOST : ok(phone.api.data)));
    await getReady(phone);
    await phone.tap("#sign");
    await phone.until('/已查明.*没有送达/.test(document.querySelector(".bar .notice").textContent)');
    phone.api.on("/sign", () => {
      signed(phone);
      return ok({ status: "VERIFICATION_PENDING", signedAt: "2026-11-24T08:00:00Z", verification: pending(3) });
    });
    await phone.tap("#sign");
    await phone.view("remittance");
  });

  test("a platform that never answers is given up and asked for the state instead", async () => {
    const phone = await openPhone(browser(), { hurried: true });
    const never = gate();
    phone.api.on("/sign", async () => {
      await never.opened;
      return LOST;
    });
    await getReady(phone);
    await phone.tap("#sign");
    await phone.until('/已查明.*没有送达/.test(document.querySelector(".bar .notice").textContent)');
    never.open();
  });

  test("a wrong code is said beside the input, and what was confirmed stays", async () => {
    const phone = await openPhone(browser());
    phone.api.on("/sign", () => ({ http: 422, code: "SMS_CODE_INVALID", message: "短信验证码不正确或已失效" }));
    await getReady(phone);
    await phone.tap("#sign");
    await phone.until('document.querySelector("#sms-code").getAttribute("aria-invalid") === "true"');
    expect(await phone.text("#sms-code-error")).toMatch(/不正确或已失效/);
    expect(await phone.value("document.activeElement.id")).toBe("sms-code");
    expect(await phone.value('document.querySelectorAll("#view .tick input:checked").length')).toBe(3);
  });

  test("a platform that measured too short a reading starts the count again", async () => {
    const phone = await openPhone(browser());
    phone.api.on("/sign", () => ({ http: 422, code: "READING_INCOMPLETE", message: "阅读时间不足，请继续阅读" }));
    await getReady(phone);
    await phone.tap("#sign");
    await phone.until('/阅读时间不足/.test(document.querySelector(".bar .notice").textContent)');
    await phone.until("performance.getEntriesByType('resource').filter((each) => each.name.endsWith('/open')).length === 2");
  });

  test.each([
    ["410", { http: 410, code: "PROCESS_EXPIRED", message: "签约流程已过期" }, "expired"],
    ["401", { http: 401, code: "H5_TOKEN_INVALID", message: "链接无效" }, "invalid"],
  ] as [string, Answer, string][])("%s to a signature ends on the page that says what to do", async (_name, answer, view) => {
    const phone = await openPhone(browser());
    phone.api.on("/sign", () => answer);
    await getReady(phone);
    await phone.tap("#sign");
    await phone.view(view);
    expect(await phone.text("#view")).toMatch(/接下来怎么办/);
  });

  test("an agreement that has changed is shown anew, with nothing confirmed", async () => {
    const phone = await openPhone(browser());
    phone.api.on("/sign", () => {
      phone.api.data = withAgreement(phone.api.data, "<h1>新的协议</h1>", [{ id: "new", text: "新的条款" }]);
      return { http: 409, code: "PROTOCOL_CHANGED", message: "协议内容与展示时不一致，请刷新页面后重新阅读" };
    });
    await getReady(phone);
    await phone.tap("#sign");
    await phone.until('/新的协议/.test(document.querySelector(".agreement").textContent)');
    expect(await phone.text("#flash")).toMatch(/重新阅读/);
    expect(await phone.value('document.querySelectorAll("#view .tick input:checked").length')).toBe(0);
  });

  test.each([
    ["asked too often", { http: 429, code: "RATE_LIMITED", message: "操作过于频繁", retryAfter: 37 }, /操作过于频繁（请等 37 秒）/, "true"],
    ["the gateway fails", { http: 502, code: "SMS_SEND_FAILED", message: "x" }, /没有发送成功.*不计入次数/, null],
    ["the network is gone", LOST, /不确定验证码是否已发出/, null],
  ] as [string, Answer, RegExp, string | null][])("a code that is not sent because %s is explained", async (_name, answer, words, disabled) => {
    const phone = await openPhone(browser());
    phone.api.on("/sign-code", () => answer);
    await phone.tap("#ask-code", 2);
    await phone.until('document.querySelector("[aria-labelledby=code-title] .notice").textContent !== ""');
    expect(await phone.text("[aria-labelledby=code-title] .notice")).toMatch(words);
    expect(await phone.value('document.querySelector("#ask-code").getAttribute("aria-disabled")')).toBe(disabled);
  });

  test("refusing needs a reason and a second step; going back loses nothing", async () => {
    const phone = await openPhone(browser());
    await phone.tap("#clause-1");
    await phone.tap("#decline-open");
    await phone.tap("#decline-confirm");
    expect(await phone.text("#decline .notice")).toMatch(/选择一个原因/);
    await phone.tap("#decline-cancel");
    expect(await phone.value('document.querySelector("#clause-1").checked')).toBe(true);
    expect(phone.api.to("/decline")).toHaveLength(0);
    await phone.tap("#decline-open");
    await phone.tap("#decline-1");
    await phone.tap("#decline-confirm", 2);
    await phone.view("failed");
    expect(phone.api.to("/decline").map((call) => call.body)).toEqual([{ reason: "不同意协议条款" }]);
    expect(await phone.text("#view")).toMatch(/签署人拒绝签署/);
    expect(await phone.text("#flash")).toBe("");
  });
}

import type { Browser } from "puppeteer-core";
import type { PageData } from "../../../services/process/process.api.ts";
import { faceCheck, LOST, ok, pending } from "./fake-api.ts";
import { getReady, openPhone, shortAgreement, type Phone } from "./phone.ts";

const waiting = (part: Partial<PageData> = {}): PageData => ({ ...shortAgreement(), status: "VERIFICATION_PENDING", verification: pending(3), ...part });
const says = (phone: Phone, words: RegExp): Promise<void> => phone.until(`[...document.querySelectorAll("#view .notice, #missing, #view h1")].some((each) => ${words}.test(each.textContent))`);
const ticked = (phone: Phone): Promise<unknown> => phone.value('document.querySelectorAll("#view .tick input:checked").length');

export function network(browser: () => Browser): void {
  test("lost while the page opens: it says so, a press tries again and says that it does, and it goes on when there is one", async () => {
    let broken = true;
    const phone = await openPhone(browser(), { hurried: true, before: (api) => api.on("/process", () => (broken ? LOST : ok(api.data))) });
    await phone.view("unreachable");
    expect(await phone.text("#view")).toMatch(/检查手机网络/);
    await phone.page.setOfflineMode(true);
    expect(await phone.value('document.querySelector("#retry").click(), document.querySelector("#retry").textContent')).toBe("正在连接…");
    await phone.until('document.querySelector("#retry").textContent === "立即重试"');
    broken = false;
    await phone.page.setOfflineMode(false);
    await phone.view("agreement");
  });

  test("lost before the display is recorded: the button says why, nothing is signed, and it is recorded when there is one again", async () => {
    const phone = await openPhone(browser(), { hurried: true, before: (api) => api.on("/open", () => LOST) });
    for (const id of ["clause-1", "clause-2", "consent"]) await phone.tap(`#${id}`);
    await phone.page.setOfflineMode(true);
    await phone.value("window.scrollTo(0, document.body.scrollHeight)");
    await phone.value('document.querySelector("#sms-code").value = "123456"; document.querySelector("#sms-code").dispatchEvent(new Event("input"))');
    await says(phone, /网络不稳定/);
    await phone.tap("#sign");
    await says(phone, /您已勾选和填写的内容都在/);
    phone.api.on("/open", () => ok());
    await phone.page.setOfflineMode(false);
    await phone.until('/可以签署/.test(document.querySelector("#missing").textContent)');
    expect(await ticked(phone)).toBe(3);
    expect(phone.api.to("/sign")).toHaveLength(0);
  });

  test("lost when the code is asked for: nobody is told that it was sent, and what is done stays", async () => {
    const phone = await openPhone(browser());
    await phone.tap("#clause-1");
    await phone.page.setOfflineMode(true);
    await phone.tap("#ask-code");
    await says(phone, /不确定验证码是否已发出/);
    expect(await ticked(phone)).toBe(1);
    await phone.page.setOfflineMode(false);
    await phone.tap("#ask-code");
    await phone.until('/秒后重发/.test(document.querySelector("#ask-code").textContent)');
  });

  test("lost when signing: the page finds out that nothing was signed, keeps the draft, and the next press signs once", async () => {
    const phone = await openPhone(browser(), { hurried: true });
    await getReady(phone);
    await phone.page.setOfflineMode(true);
    await phone.tap("#sign", 2);
    await says(phone, /暂时不确定签署是否已送达/);
    await phone.page.setOfflineMode(false);
    await says(phone, /已查明.*没有送达.*不会重复签署/);
    expect(await ticked(phone)).toBe(3);
    await phone.tap("#sign");
    await phone.view("remittance");
    expect(phone.api.to("/sign")).toHaveLength(1);
  });

  test("lost when refusing: the page finds out, and the next press refuses", async () => {
    const phone = await openPhone(browser(), { hurried: true });
    await phone.tap("#decline-open");
    await phone.tap("#decline-0");
    await phone.page.setOfflineMode(true);
    await phone.tap("#decline-confirm");
    await says(phone, /暂时不确定是否已提交/);
    await phone.page.setOfflineMode(false);
    await says(phone, /已查明.*没有送达/);
    await phone.tap("#decline-confirm");
    await phone.view("failed");
    expect(phone.api.to("/decline")).toHaveLength(1);
  });

  test("lost when answering: nothing is sent again by itself, what was typed stays, and the next press submits once", async () => {
    const phone = await openPhone(browser(), { data: waiting(), hurried: true });
    phone.api.on("/verification/remittance", () => ok({ status: "VERIFICATION_PENDING", verification: pending(3) }));
    await phone.page.type("#amount", "0.12");
    await phone.page.type("#remark", "天财");
    await phone.page.setOfflineMode(true);
    await phone.tap("#submit-answer");
    await says(phone, /不会自动重新提交/);
    await phone.page.setOfflineMode(false);
    await says(phone, /没有得到核对结果/);
    expect(await phone.value('[...document.querySelectorAll("#remittance input")].map((each) => each.value).join()')).toBe("0.12,天财");
    expect(phone.api.to("/verification/remittance")).toHaveLength(0);
    await phone.tap("#submit-answer");
    await phone.view("confirming");
    expect(phone.api.to("/verification/remittance")).toHaveLength(1);
  });

  test("lost when the face page is asked for: the page says so, and the next press leads there", async () => {
    const phone = await openPhone(browser(), { data: waiting({ verification: faceCheck }) });
    phone.api.on("/verification/face", () => ok({ faceUrl: `${phone.api.origin}/face-page` }));
    await phone.page.setOfflineMode(true);
    await phone.tap("#start-face");
    await says(phone, /检查网络/);
    await phone.page.setOfflineMode(false);
    await Promise.all([phone.page.waitForNavigation(), phone.tap("#start-face")]);
    expect(phone.page.url()).toBe(`${phone.api.origin}/face-page`);
  });

  test("lost when the copy is asked for: the page says so, and the next press gets it", async () => {
    const phone = await openPhone(browser(), { data: waiting({ status: "COMPLETED" }) });
    phone.api.data = waiting({ status: "COMPLETED", downloadUrl: `${phone.api.origin}/protocol/download/fresh.pdf` });
    await phone.page.setOfflineMode(true);
    await phone.tap("#download");
    await says(phone, /请检查网络后再点一次/);
    await phone.page.setOfflineMode(false);
    await Promise.all([phone.page.waitForNavigation(), phone.tap("#download")]);
  });

  test.each([
    ["refusal", "/decline", "failed", async (phone: Phone) => phone.value('for (const id of ["decline-open", "decline-0", "decline-confirm"]) document.getElementById(id).click()'), { status: "FAILED", failureReason: "签署人拒绝签署" }],
    [
      "signature that another press of a second phone made",
      "/sign",
      "completed",
      async (phone: Phone) => {
        await getReady(phone);
        await phone.tap("#sign");
      },
      { status: "COMPLETED" },
    ],
  ] as [string, string, string, (phone: Phone) => Promise<unknown>, Partial<PageData>][])("a %s whose answer is lost is found out, not asked for again", async (_name, path, view, act, then) => {
    const phone = await openPhone(browser(), { hurried: true });
    phone.api.on(path, () => {
      phone.api.data = { ...phone.api.data, ...then };
      return LOST;
    });
    await act(phone);
    await phone.view(view);
  });

  test("lost while waiting: what is on screen stays, and the end is shown once there is one again", async () => {
    const phone = await openPhone(browser(), { data: waiting(), hurried: true });
    await phone.page.setOfflineMode(true);
    await phone.page.type("#amount", "0.12");
    phone.api.data = waiting({ status: "COMPLETED" });
    await phone.page.setOfflineMode(false);
    await phone.view("completed");
  });
}

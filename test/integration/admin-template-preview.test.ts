import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { holdAllAgainstDocument } from "./openapi/documented.ts";
import { paperPages } from "./paper-text.ts";
import { ADMIN_KEYS, AUDITOR, OPERATOR, post } from "./refusals/arranging.ts";
import { wholePlatform, type WholePlatform } from "./refusals/whole-platform.ts";

/** Previews by the real services: the words of the process, the filling of the template, the print of the protocol. */
jest.setTimeout(120_000);

let platform: WholePlatform;
beforeAll(async () => {
  platform = await wholePlatform({ env: { ADMIN_KEYS } });
  holdAllAgainstDocument(platform.http);
});
afterAll(() => platform.stop());

interface Previewed {
  sample: string;
  html: string;
  keyClauses: { id: string; text: string }[];
  base64: string;
  page: Record<string, string>;
  text: string;
  length: number;
  segments: number;
}
const PATH = "/api/admin/v1/templates";
async function asked(path: string, body: object, headers = OPERATOR): Promise<{ status: number; code: string; fields: string[] | undefined; data: Previewed }> {
  const { status, text } = await post(platform, `${PATH}/${path}`, body, headers);
  const { code, data, errors } = JSON.parse(text) as { code: string; data: Previewed; errors?: { field: string }[] };
  return { status, code, fields: errors?.map(({ field }) => field), data };
}
const preview = async (code: string, body: object) => (await asked(`${code}/1/preview`, body)).data;

describe("an agreement's page", () => {
  test.each([
    ["RB_BATCH_ENTERPRISE", "ENTERPRISE", "采用打款验证", "上海天财门店"],
    ["RB_BATCH_INDIVIDUAL", "INDIVIDUAL", "采集本人人脸信息", "李四"],
    ["RB_BATCH_INDIVIDUAL", "INDIVIDUAL_REMITTANCE", "采用打款验证", "李四"],
    ["POOLING_INDIVIDUAL", "INDIVIDUAL", "采用打款验证", "李记小吃店"],
    ["OPEN_BATCH_ENTERPRISE", "ENTERPRISE", "采用打款验证", "北京天财餐饮有限公司（总部）"],
  ])("%s for %s speaks of how that signer is verified, and names the signer", async (code, sample, words, signer) => {
    const { html, keyClauses, ...rest } = await preview(code, { kind: "PROTOCOL", format: "page", sample });
    expect(html).toContain(words);
    expect(html).toContain(signer);
    expect(html).not.toContain("<%");
    expect(keyClauses.length).toBeGreaterThan(1);
    expect(rest).toEqual({ sample });
  });

  test("with and without a code describes another signature", async () => {
    const withCode = await preview("RB_BATCH_ENTERPRISE", { kind: "PROTOCOL", sample: "ENTERPRISE" });
    const without = await preview("RB_BATCH_ENTERPRISE", { kind: "PROTOCOL", sample: "ENTERPRISE_WITHOUT_CODE" });
    expect(withCode.html).toContain("提交发送至本人手机的短信验证码");
    expect(without.html).toContain("勾选同意并点击确认签署");
    expect(without.html).not.toContain("短信验证码");
  });

  test("for a flow without a receiver says so, as the real one does, and shows no empty rows", async () => {
    const { html } = await preview("OPEN_BATCH_ENTERPRISE", { kind: "PROTOCOL", sample: "ENTERPRISE" });
    expect(html).toContain("未载明，以有效的绑定关系为准");
    expect(html).not.toContain("（未提供）");
  });

  test("without a sample is made for whom the template serves", async () => {
    expect((await preview("RB_BATCH_INDIVIDUAL", { kind: "PROTOCOL" })).sample).toBe("INDIVIDUAL");
  });
});

test("an agreement's PDF has its text and a signature page, and is marked as a preview on every sheet", async () => {
  const { base64 } = await preview("RB_BATCH_ENTERPRISE", { kind: "PROTOCOL", format: "pdf", sample: "ENTERPRISE" });
  const pages = (await paperPages(Buffer.from(base64, "base64"))).map(({ text }) => text);
  expect(pages.length).toBeGreaterThan(2);
  for (const page of pages) expect(page).toContain("预览，无法律效力");
  expect(pages.join("")).toContain("上海天财门店");
  expect(pages.at(-1)).toContain("电子签名页");
  const { keyClauses } = await preview("RB_BATCH_ENTERPRISE", { kind: "PROTOCOL", format: "page", sample: "ENTERPRISE" });
  expect(pages.at(-1)).toContain(`逐项确认${keyClauses.length}条重点条款`);
});

test("a page's words are filled", async () => {
  const { page } = await preview("RB_BATCH_ENTERPRISE", { kind: "H5", format: "page", sample: "ENTERPRISE" });
  expect(Object.keys(page)).toEqual(["title", "intro", "consent", "button"]);
  expect(JSON.stringify(page)).not.toContain("<%");
});

test("an SMS and a page name the agreement that their signer would get, and never themselves", async () => {
  const title = "《天财分账业务授权协议（总部与接收方）》";
  expect((await preview("RB_BATCH_ENTERPRISE", { kind: "SMS" })).text).toContain(title);
  expect((await preview("RB_BATCH_ENTERPRISE", { kind: "H5" })).page["title"]).toContain(title);
  const { data } = await asked("preview", { kind: "SMS", name: "新邀请", content: "【天财电子签约】请签署《<%= protocolName %>》： <%= link %>", processType: "POOLING_AUTH", scene: "POOLING", signerType: "INDIVIDUAL" });
  expect(data.text).toContain("《天财分账业务归集授权协议（门店与总部）》");
});

test.each(["RB_BATCH_ENTERPRISE", "SIGN_CODE", "CONTINUE_VERIFICATION"])("the SMS %s is shown with its length and how many it costs", async (code) => {
  const { text, length, segments } = await preview(code, { kind: "SMS" });
  expect(text).toMatch(/^【天财电子签约】/);
  expect(length).toBe(text.length);
  expect(segments).toBe(length <= 70 ? 1 : Math.ceil(length / 67));
});

describe("a text that is not stored", () => {
  const content = readFileSync(resolve(__dirname, "../../templates/protocol/RB_BATCH_INDIVIDUAL/content.ejs"), "utf8");
  const draft = { kind: "PROTOCOL", content, processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "INDIVIDUAL", name: "新协议" };

  test("is previewed like a stored one and stays unstored", async () => {
    const { data } = await asked("preview", draft);
    expect(data).toMatchObject({ sample: "INDIVIDUAL", html: expect.stringContaining("李四") });
    const { text } = await platform.http.call("GET", `${PATH}?state=DRAFT`, OPERATOR);
    expect(JSON.parse(text)).toMatchObject({ data: { items: [] } });
  });

  test.each<[string, object, string[]]>([
    ["with a flaw", { ...draft, content: `${content}\n<script>alert(1)</script>` }, [expect.stringMatching(/^content:\d+:\d+$/) as unknown as string]],
    ["of no kind", { ...draft, kind: "PDF" }, ["kind"]],
    ["without content", { kind: "SMS" }, ["content"]],
  ])("%s is refused", async (_what, body, fields) => {
    const told = await asked("preview", body);
    expect([told.status, told.fields]).toEqual([400, expect.arrayContaining(fields)]);
  });

  test("is an author's business", async () => {
    expect((await asked("preview", draft, AUDITOR)).code).toBe("ADMIN_FORBIDDEN");
  });
});

test.each<[string, string, object, string]>([
  ["a PDF of an SMS", "SIGN_CODE", { kind: "SMS", format: "pdf" }, "format"],
  ["a sample that there is not", "SIGN_CODE", { kind: "SMS", sample: "NOBODY" }, "sample"],
  ["a person as signer of what only companies sign", "OPEN_BATCH_ENTERPRISE", { kind: "PROTOCOL", sample: "INDIVIDUAL" }, "sample"],
])("%s is refused", async (_what, code, body, field) => {
  const told = await asked(`${code}/1/preview`, body);
  expect([told.status, told.fields]).toEqual([400, [field]]);
});

test("whoever may look may preview what is stored", async () => {
  expect((await asked("SIGN_CODE/1/preview", { kind: "SMS" }, AUDITOR)).status).toBe(200);
});

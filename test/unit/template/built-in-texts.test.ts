import { agreementPhrases } from "../../../services/process/agreement-phrases.ts";
import { VARIABLES } from "../../../templates/variables.ts";
import { readBuiltIns, templatesFolder } from "../../../services/template/built-in.ts";
import { variableNames } from "../../../services/template/placeholders.ts";
import { compile } from "../../../services/template/render.ts";
import { hasLink } from "../../../services/template/sms-text.ts";

const builtIns = readBuiltIns(templatesFolder());
const ofKind = (kind: string) => builtIns.filter((one) => one.kind === kind);
const titled = (list: typeof builtIns) => list.map((one) => [`${one.kind} ${one.code}`, one] as const);
const textOf = (html: string): string => html.replace(/<[^>]*>/g, "").replace(/\s+/g, " ");
const clausesOf = (html: string): Map<string, string> =>
  new Map(Array.from(html.matchAll(/<section data-key-clause="([^"]+)">(.*?)<\/section>/gs), ([, id, inner]) => [id!, textOf(inner!).trim()]));

/** Marks that no cleaning and no escaping touches. */
const markers = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, `〈${name}〉`]));

/** The clauses the platform makes itself, as each way of signing and verifying has them. */
const wordings = (["REMITTANCE", "FACE"] as const).flatMap((verificationType) =>
  [true, false].map((codeRequired) => {
    const phrases = agreementPhrases({ verificationType, codeRequired, signerType: "ENTERPRISE", standsIn: false, idCardGiven: true, bankCardGiven: true });
    return [`${verificationType}, ${codeRequired ? "code" : "no code"}`, { ...phrases, verificationMethod: "打款验证" }] as const;
  }),
);

describe.each(titled(builtIns))("built-in %s", (_title, { kind, content }) => {
  test("shows every variable it uses and leaves no tag behind", () => {
    const filled = compile(kind, content)(markers);
    for (const name of variableNames(content)) expect(filled).toContain(`〈${name}〉`);
    expect(filled).not.toMatch(/<%|%>|undefined|null/);
  });

  test("is filled too when everything optional is absent", () => {
    const absent = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, null]));
    expect(compile(kind, content)(absent)).not.toMatch(/<%|%>|undefined|null/);
  });
});

describe.each(titled(ofKind("PROTOCOL")))("agreement %s", (_title, { name, content }) => {
  test("bears the title it is known by, once", () => {
    expect(Array.from(content.matchAll(/<h1>(.*?)<\/h1>/g), ([, title]) => title)).toEqual([name]);
  });

  test.each(wordings)("has seven or eight key clauses, each short enough to be acknowledged on a phone and each with its number (%s)", (_how, phrases) => {
    const clauses = [...clausesOf(compile("PROTOCOL", content)({ ...markers, ...phrases })).values()];
    expect([7, 8]).toContain(clauses.length);
    for (const text of clauses) expect(text).toMatch(/^\d{1,2}\.\d .{40,125}$/);
  });

  test("numbers its articles and paragraphs without a gap", () => {
    const articles = Array.from(content.matchAll(/<h2>第([一二三四五六七八九十]+)条/g), ([, number]) => number);
    const numerals = "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十".split(" ");
    expect(articles).toEqual(numerals.slice(0, articles.length));
    const paragraphs = Array.from(content.matchAll(/<p>(\d+)\.(\d+)\u3000/g), ([, article, paragraph]) => [Number(article), Number(paragraph)] as const);
    for (const [index, [article, paragraph]] of paragraphs.entries()) {
      const before = paragraphs[index - 1] ?? [0, 0];
      expect([article, paragraph]).toEqual(article === before[0] ? [article, before[1] + 1] : [before[0] + 1, 1]);
    }
    expect(new Set(paragraphs.map(([article]) => article)).size).toBe(articles.length);
  });

  test("refers only to articles and paragraphs it has", () => {
    const text = textOf(content);
    for (const [, number] of text.matchAll(/第(\d+\.\d+)条/g)) expect(text).toContain(`${number}\u3000`.trim());
    for (const [, number] of text.matchAll(/第([一二三四五六七八九十]+)条(?!\u3000)/g)) {
      const ofAnAct = text.includes(`》第${number}条`);
      expect(ofAnAct || content.includes(`<h2>第${number}条\u3000`)).toBe(true);
    }
  });
});

describe("the agreement between headquarters and receiver", () => {
  const { content } = ofKind("PROTOCOL").find(({ code }) => code === "RB_BATCH_ENTERPRISE")!;
  const html = compile("PROTOCOL", content)({ ...markers, ...wordings[0]![1], verificationMethod: "〈verificationMethod〉" });
  const text = textOf(html);

  test.each<[string, RegExp[]]>([
    ["its number", [/协议编号：〈protocolId〉/]],
    ["party A with number and account", [/甲方（总部、付方）〈partyAName〉/, /〈partyAMerchantNo〉/, /〈partyAAccountNo〉/]],
    ["party B with number and account", [/乙方（接收方、收方）〈partyBName〉/, /〈partyBMerchantNo〉/, /〈partyBAccountNo〉/]],
    ["the signer with ID and mobile", [/签署人身份法定代表人或者负责人/, /〈signerName〉/, /〈signerIdCardNo〉/, /〈signerMobile〉/]],
    ["the settlement account", [/〈bankAccountName〉/, /〈bankCardNo〉/, /〈bankCode〉/]],
    ["the purpose of funds", [/资金用途为：〈fundPurpose〉/, /洗钱/]],
    ["the scope of the authorisation and its limits", [/仅用于收款/, /下列限制/, /可用余额为限/]],
    ["how a transfer is executed and evidenced", [/批量付款指令/, /电子回单为划付的凭证/, /相反证据/]],
    ["fees and taxes", [/服务费由甲方/, /代扣代缴/]],
    ["term, revocation and termination", [/持续有效/, /随时通知甲方和支付机构撤销/, /自动终止/]],
    ["warranties and duties", [/乙方保证/, /甲方保证/, /短信验证码，不得交由他人/]],
    ["liability, without excluding what may not be excluded", [/赔偿对方/, /故意或者重大过失/]],
    ["the personal information notice: what, why, how long, which rights", [/个人信息处理者/, /接收方/, /短信服务提供者/, /保存期限/, /查阅、复制、更正、补充、删除/, /撤回同意/]],
    ["why sensitive information is needed and what its leak may do", [/所必需/, /一旦泄露/]],
    ["confidentiality", [/保密义务/]],
    ["confirmed addresses for delivery", [/有效送达地址/, /电子方式.*送达诉讼文书/]],
    ["the agreed reliable form of signature", [/《中华人民共和国电子签名法》第十三条/, /短信验证码/, /身份.*核验通过/, /SHA-256 和 SM3/, /时间戳/, /数字签名/]],
    ["the offer and until when it stands", [/要约/, /有效期至〈signDeadline〉/]],
    ["effect on successful verification", [/〈verificationMethod〉成功之时，本协议生效/]],
    ["law and court", [/适用中华人民共和国法律/, /有管辖权的人民法院/]],
    ["severability and form of changes", [/被认定无效/, /变更，应当/]],
  ])("has %s", (_what, patterns) => {
    for (const pattern of patterns) expect(text).toMatch(pattern);
  });

  test.each([
    ["scope", /仅用于收款/],
    ["transfer", /不可撤销/],
    ["personal-information", /单独同意.*敏感个人信息/],
    ["signature", /与手写签名或者盖章具有同等法律效力/],
    ["effectiveness", /生效/],
    ["disputes", /人民法院/],
  ])("points out %s as a key clause", (id, pattern) => {
    expect(clausesOf(html).get(id)).toMatch(pattern);
  });
});

describe("the SMS of the flow", () => {
  const sample = {
    ...markers,
    partyAName: "北京天财餐饮有限公司（总部）",
    signerCompany: "上海天财门店",
    protocolName: "天财分账业务授权协议（总部与接收方）",
    signDeadline: "2026年11月25日 15:25",
    link: "https://e-sign.example.com/h5/sign?token=abc123def456",
    code: "083417",
  };
  const fill = (code: string, over: object = {}) => compile("SMS", ofKind("SMS").find((one) => one.code === code)!.content)({ ...sample, ...over });

  test("invites by name, says by when, and is at most 140 characters without the link", () => {
    const text = fill("RB_BATCH_ENTERPRISE");
    expect(text).toMatch(/^【天财电子签约】北京天财餐饮有限公司（总部）邀请上海天财门店签署《天财分账业务授权协议（总部与接收方）》/);
    expect(text).toContain("2026年11月25日 15:25前");
    expect(text.replace(sample.link, "").length).toBeLessThanOrEqual(140);
  });

  test("with the code says what it signs, how long it lives, and to keep it secret", () => {
    const text = fill("SIGN_CODE");
    expect(text).toMatch(/^【天财电子签约】验证码083417，用于签署《天财分账业务授权协议（总部与接收方）》，5分钟内有效/);
    expect(text).toContain("勿泄露");
    expect(text.length).toBeLessThanOrEqual(140);
    expect(hasLink(text)).toBe(false);
  });

  test.each(["evil.com", "】http://evil", "【工行】evil.", "http:", "evil.c", "e@", "a.b/"])("holds no link but its own when every name is %s", (name) => {
    const names = { partyAName: name, signerCompany: name, protocolName: name, fundPurpose: name, signDeadline: name };
    const text = fill("RB_BATCH_ENTERPRISE", names);
    expect(text.split(sample.link)).toHaveLength(2);
    expect(hasLink(text.replace(sample.link, ""))).toBe(false);
    expect(text.match(/[【】]/g)).toEqual(["【", "】"]);
  });
});

test("the page's texts name who asks whom, by when, and what follows the signature", () => {
  const { content } = ofKind("H5").find(({ code }) => code === "RB_BATCH_ENTERPRISE")!;
  const page = JSON.parse(compile("H5", content)(markers)) as Record<string, string>;
  expect(Object.keys(page)).toEqual(["title", "intro", "consent", "button"]);
  expect(page["title"]).toContain("〈protocolName〉");
  for (const name of ["partyAName", "signerCompany", "fundPurpose", "signDeadline", "verificationMethod"]) expect(page["intro"]).toContain(`〈${name}〉`);
  expect(page["consent"]).toMatch(/有权代表〈signerCompany〉/);
  expect(page["button"]).toBe("同意并签署");
});

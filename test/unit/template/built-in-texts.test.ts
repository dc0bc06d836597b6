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
  new Map(Array.from(html.matchAll(/<section data-key-clause="([^"]+)"[^>]*>(.*?)<\/section>/gs), ([, id, inner]) => [id!, textOf(inner!).trim()]));

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
    for (const name of variableNames(content)) if (VARIABLES[name]!.type === "text") expect(filled).toContain(`〈${name}〉`);
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

  test.each(wordings)("has eight or nine key clauses, each short enough to be acknowledged on a phone and each with its number (%s)", (_how, phrases) => {
    const clauses = [...clausesOf(compile("PROTOCOL", content)({ ...markers, ...phrases })).values()];
    expect([8, 9]).toContain(clauses.length);
    for (const text of clauses) expect(text).toMatch(/^\d{1,2}\.\d .{40,125}$/);
  });

  test("numbers its articles and paragraphs without a gap", () => {
    const articles = Array.from(content.matchAll(/<h2>第([一二三四五六七八九十]+)条/g), ([, number]) => number);
    const numerals = "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十".split(" ");
    expect(articles).toEqual(numerals.slice(0, articles.length));
    const paragraphs = Array.from(content.matchAll(/<p[^>]*>(\d+)\.(\d+)\u3000/g), ([, article, paragraph]) => [Number(article), Number(paragraph)] as const);
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

/** The agreements whose code begins so, filled as for a code and a remittance. */
const agreementsOf = (prefix: string) =>
  ofKind("PROTOCOL").filter(({ code }) => code.startsWith(prefix)).map(({ code, content }) => {
    const html = compile("PROTOCOL", content)({ ...markers, ...wordings[0]![1], verificationMethod: "〈verificationMethod〉" });
    return { code, html, text: textOf(html) };
  });

/** What every agreement has to say, in whichever flow. */
const COMMON: [string, RegExp[]][] = [
  ["its number", [/协议编号：〈protocolId〉/]],
  ["both parties, party B with number and account", [/〈partyAName〉/, /〈partyBName〉/, /〈partyBMerchantNo〉/, /〈partyBAccountNo〉/]],
  ["the signer with ID and mobile", [/签署人身份法定代表人或者负责人/, /〈signerName〉/, /〈signerIdCardNo〉/, /〈signerMobile〉/]],
  ["the settlement account", [/〈bankAccountName〉/, /〈bankCardNo〉/, /〈bankCode〉/]],
  ["the purpose of funds", [/资金用途为：〈fundPurpose〉/, /洗钱/]],
  ["the limits of the authorisation", [/下列限制/, /可用余额/, /变更任何一项，?[^；]*均应当重新签约/]],
  ["how a transfer is evidenced", [/电子回单为.{2}的凭证/, /相反证据/]],
  ["fees and taxes", [/服务费/, /税费/]],
  ["term, revocation and termination", [/持续有效/, /随时通知甲方.*撤销授权/, /解除本协议/, /自动终止/]],
  ["warranties and duties", [/乙方保证/, /甲方保证/, /短信验证码，不得交由他人/]],
  ["liability, without excluding what may not be excluded", [/赔偿对方/, /故意或者重大过失/]],
  ["the personal information notice: what, why, how long, which rights", [/个人信息处理者/, /接收方/, /短信服务提供者/, /保存期限/, /查阅、复制、更正、补充、删除/, /撤回同意/]],
  ["why sensitive information is needed and what its leak may do", [/所必需/, /一旦泄露/]],
  ["confidentiality", [/保密义务/]],
  ["confirmed addresses for delivery", [/有效送达地址/, /电子方式.*送达诉讼文书/]],
  ["the agreed reliable form of signature", [/《中华人民共和国电子签名法》第十三条/, /短信验证码/, /身份.*核验通过/, /SHA-256 和 SM3/, /记录的时间为准/, /数字签名/]],
  ["both ids under which it was asked for", [/〈requestId〉/, /〈processId〉/]],
  ["the offer and until when it stands", [/要约/, /有效期至〈signDeadline〉/]],
  ["effect on successful verification", [/〈verificationMethod〉成功之时，本协议生效/]],
  ["law and court", [/适用中华人民共和国法律/, /有管辖权的人民法院/]],
  ["severability and form of changes", [/被认定无效/, /变更，应当/]],
];
describe.each(agreementsOf(""))("the agreement $code", ({ text }) => {
  test.each(COMMON)("has %s", (_what, patterns) => {
    for (const pattern of patterns) expect(text).toMatch(pattern);
  });
});

/** What a kind of flow has to say besides, and the key clauses that point it out. */
const PARTICULAR: [prefix: string, what: string, pattern: RegExp][] = [
  ["RB_", "party A with number and account", /甲方（总部、付方）〈partyAName〉 .*〈partyAMerchantNo〉.*〈partyAAccountNo〉/],
  ["RB_BATCH", "party B's role", /乙方（接收方、收方）〈partyBName〉/],
  ["RB_MEMBER", "party B's role", /乙方（门店、收方）〈partyBName〉/],
  ["RB_BATCH", "whose orders move the money", /依据甲方提交的批量付款指令/],
  ["RB_MEMBER", "whose orders move the money", /依据甲方提交的会员结算指令/],
  ["RB_", "that party A pays the fee, and withholds tax where it must", /服务费由甲方.*代扣代缴/],
  ["POOLING", "party A with number and account", /甲方（总部、收方）〈partyAName〉 .*〈partyAMerchantNo〉.*〈partyAAccountNo〉/],
  ["POOLING", "party B's role", /乙方（门店、付方）〈partyBName〉/],
  ["POOLING", "purpose and ratio at its head", /特别提示：签署本协议，即授权从乙方账户向甲方账户划付.*〈poolingRatio〉.*订单归集最高比例〈poolingRatio〉/],
  ["POOLING", "what the ratio is a share of", /订单款项：指付款人就乙方的一笔订单支付，扣除支付手续费和已经退还/],
  ["POOLING", "how the ratio is reckoned", /逐笔计算，不同订单之间不得合并或者调剂/],
  ["POOLING", "that pooled money serves the purpose only", /不得将归集的款项用于该用途以外的目的/],
  ["POOLING", "that it acknowledges no debt", /不构成乙方对甲方负有债务的承认/],
  ["POOLING", "the return of what was pooled by mistake, with interest", /超出授权归集的，甲方应当.*五个工作日内返还乙方.*LPR/],
  ["POOLING", "what becomes of refunds", /已归集的订单发生退款的/],
  ["POOLING", "that the store pays no fee", /服务费由甲方.*不得自乙方账户扣收/],
  ["OPEN_", "the platform as party A", /甲方（支付机构）〈partyAName〉/],
  ["OPEN_", "party B's role", /乙方（总部、付方）〈partyBName〉/],
  ["OPEN_BATCH", "its scene", /业务场景批量付款/],
  ["OPEN_MEMBER", "its scene", /业务场景会员结算/],
  ["OPEN_", "who may be paid, whether or not the request named somebody", /申请载明的收方〈payeeName〉.*首部未载明收方或者收方此后增减的，均以有效的绑定关系为准/],
  ["OPEN_", "party A's duty to execute and its liability", /及时、准确地执行指令.*因甲方过错导致未付、迟付或者误付/],
  ["OPEN_", "that no fee is taken that was not agreed", /没有约定的，甲方不得收取/],
];
test.each(PARTICULAR)("each agreement %s* has %s", (prefix, _what, pattern) => {
  const found = agreementsOf(prefix);
  expect(found.length).toBeGreaterThan(0);
  for (const { text } of found) expect(text).toMatch(pattern);
});

test.each<[string, string, RegExp]>([
  ["RB_", "scope", /仅用于收款.*不得依据本协议从乙方账户扣款/],
  ["RB_", "transfer", /不可撤销/],
  ["POOLING", "scope", /不得超过该笔订单款项的〈poolingRatio〉。该比例为上限/],
  ["POOLING", "exclusions", /乙方未授权：归集订单款项以外的资金，超过上述比例归集，划付至甲方账户以外的账户/],
  ["POOLING", "revocation", /随时.*撤销授权，无须说明理由/],
  ["OPEN_", "scope", /依据乙方.*提交的付款指令.*可用余额和甲方公布的限额为限/],
  ["OPEN_", "exclusions", /乙方未授权：没有乙方指令的划付/],
  ["OPEN_", "instructions", /视为乙方的真实意思.*立即通知甲方.*停止执行/],
  ["", "personal-information", /单独同意.*敏感个人信息/],
  ["", "verification", /打款验证/],
  ["", "signature", /与手写签名或者盖章具有同等法律效力/],
  ["", "effectiveness", /生效/],
  ["", "disputes", /人民法院/],
])("each agreement %s* points out %s as a key clause", (prefix, id, pattern) => {
  for (const { html } of agreementsOf(prefix)) expect(clausesOf(html).get(id)).toMatch(pattern);
});

test.each("8.2 9.3 9.4 9.5 9.6 9.7 10.1 11.2 11.3 12.1 12.2 12.3 12.5 13.1 14.1 15.1 15.3".split(" "))("paragraph %s is the same word for word in every agreement", (number) => {
  const paragraphs = agreementsOf("").map(({ html }) => new RegExp(`<p>${number.replace(".", "\\.")}\u3000(.*?)</p>`).exec(html)?.[1]);
  expect(new Set(paragraphs).size).toBe(1);
  expect(paragraphs[0]).toMatch(/.{10}/);
});

describe("the SMS of the flow", () => {
  const sample = {
    ...markers,
    partyAName: "北京天财餐饮有限公司（总部）",
    signerCompany: "上海天财门店",
    protocolName: "天财分账业务授权协议（总部与接收方）",
    signDeadline: "2026年11月25日 15:25",
    poolingRatio: "80%",
    link: "https://e-sign.example.com/h5/sign?token=abc123def456",
    code: "083417",
  };
  const fill = (code: string, over: object = {}) => compile("SMS", ofKind("SMS").find((one) => one.code === code)!.content)({ ...sample, ...over });

  test.each([
    ["RB_BATCH_ENTERPRISE", "北京天财餐饮有限公司（总部）邀请上海天财门店签署", "用于接收付款"],
    ["RB_BATCH_INDIVIDUAL", "北京天财餐饮有限公司（总部）邀请您（上海天财门店）签署", "用于接收付款"],
    ["RB_MEMBER_ENTERPRISE", "北京天财餐饮有限公司（总部）邀请上海天财门店签署", "用于接收会员结算款"],
    ["RB_MEMBER_INDIVIDUAL", "北京天财餐饮有限公司（总部）邀请您（上海天财门店）签署", "用于接收会员结算款"],
    ["POOLING_ENTERPRISE", "北京天财餐饮有限公司（总部）邀请上海天财门店签署", "授权其按每笔订单最高80%归集款项"],
    ["POOLING_INDIVIDUAL", "北京天财餐饮有限公司（总部）邀请上海天财门店签署", "授权其按每笔订单最高80%归集款项"],
    ["OPEN_BATCH_ENTERPRISE", "北京天财餐饮有限公司（总部）请上海天财门店签署", "用于开通批量付款权限"],
    ["OPEN_MEMBER_ENTERPRISE", "北京天财餐饮有限公司（总部）请上海天财门店签署", "用于开通会员结算付款权限"],
  ])("%s invites by name, says what for and by when", (code, who, why) => {
    const text = fill(code);
    expect(text.startsWith(`【天财电子签约】${who}《天财分账业务授权协议（总部与接收方）》，${why}。`)).toBe(true);
    expect(text).toContain("2026年11月25日 15:25前");
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
    for (const { code } of ofKind("SMS").filter(({ content }) => content.includes("<%= link %>"))) {
      const text = fill(code, names);
      expect(text.split(sample.link)).toHaveLength(2);
      expect(hasLink(text.replace(sample.link, ""))).toBe(false);
      expect(text.match(/[【】]/g)).toEqual(["【", "】"]);
    }
  });
});

test.each(titled(ofKind("H5")))("the page %s names who asks whom, what for, by when, and what follows the signature", (_title, { code, content }) => {
  const page = JSON.parse(compile("H5", content)(markers)) as Record<string, string>;
  expect(Object.keys(page)).toEqual(["title", "intro", "consent", "button"]);
  expect(page["title"]).toContain("〈protocolName〉");
  for (const name of ["partyAName", "signerCompany", "fundPurpose", "signDeadline", "verificationMethod"]) expect(page["intro"]).toContain(`〈${name}〉`);
  expect(page["consent"]).toMatch(/(有权代表|以协议首部载明的身份为)〈signerCompany〉签署。.*并由〈signerCompany〉受其约束/);
  const receives = code.startsWith("RB_");
  expect(page["button"]).toBe(receives ? "同意并签署" : "同意授权并签署");
  expect(page["intro"]).toMatch(receives ? /只授权收款，不会从(贵方|您的)账户扣款/ : code.startsWith("POOLING") ? /最高〈poolingRatio〉.*(贵方可以随时撤销授权|授权可以随时撤销)/ : /没有贵方的指令不会付款/);
});

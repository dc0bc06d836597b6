import fc from "fast-check";
import { cleanForSms, hasLink } from "../../../services/template/sms-text.ts";

describe("a name in an SMS", () => {
  test.each([
    "北京天财餐饮有限公司（总部）",
    "上海天财门店",
    "A&B 咖啡 No.1 店",
    "天财（北京）科技股份有限公司第3.5分店",
    "股东分红",
    "Tiancai Co., Ltd.",
    "天财。上海",
    "7-11 便利店",
  ])("%s stays as it is", (name) => {
    expect(cleanForSms("partyAName", name)).toBe(name);
  });

  test.each([
    ["a URL", "天财http://evil.com/a?b=c 店", "天财 店"],
    ["a URL without a dot", "天财http://evil", "天财"],
    ["another scheme", "天财weixin://dl/pay", "天财"],
    ["a bare domain", "天财 evil.com", "天财"],
    ["a domain with a path", "天财 t.cn/A6xyz 店", "天财 店"],
    ["a domain that follows Chinese", "请访问evil.com领奖", "请访问领奖"],
    ["a domain whose name is Chinese", "天财.com", "天财"],
    ["a Chinese domain", "天财.中国", "天财"],
    ["a punycode domain", "天财 xn--fiq06l2rdsvs.xn--fiqs8s", "天财"],
    ["a Cyrillic domain", "天财 еvіl.рф", "天财"],
    ["full-width letters", "天财ｅｖｉｌ．ｃｏｍ", "天财"],
    ["mathematical letters", "天财 𝐞𝐯𝐢𝐥.𝐜𝐨𝐦", "天财"],
    ["ideographic full stops", "天财 evil。com", "天财"],
    ["an address by number", "天财 10.1.2.3:8080/x", "天财"],
    ["an e-mail address", "天财 a.b@evil.com", "天财"],
    ["a link split by brackets", "天财 ev【】il.c【om", "天财"],
    ["a link split by an invisible character", "天财 evil\u200b.\u2060com", "天财"],
    ["a link split by a line break", "天财 evil.\ncom", "天财"],
    ["a link put together by removing another", "天财 evil.10.0.0.1com", "天财"],
    ["signature brackets", "】【工商银行】天财", "工商银行天财"],
    ["lookalike brackets", "〖工商银行〗︻天财︼", "工商银行天财"],
    ["control characters", "天\u0000财\r\n\t\u001b店", "天财店"],
    ["right-to-left marks", "天\u202e财\u2066店", "天财店"],
    ["line separators", "天\u2028财\u2029店", "天财店"],
  ])("loses %s", (_what, value, expected) => {
    expect(cleanForSms("partyAName", value)).toBe(expected);
  });

  test("that was nothing but a link is said to be left out, so that the sentence reads on", () => {
    expect(cleanForSms("partyAName", "http://evil.com")).toBe("（略）");
  });

  test("is cut at 40 characters, so that the link stays within the message", () => {
    expect(cleanForSms("partyAName", "字".repeat(128))).toBe(`${"字".repeat(39)}…`);
    expect(cleanForSms("partyAName", "字".repeat(40))).toBe("字".repeat(40));
  });

  test("is cut between characters, each that a carrier counts twice counted twice", () => {
    expect(cleanForSms("partyAName", "𬭎".repeat(128))).toBe(`${"𬭎".repeat(19)}…`);
  });

  test.each(["link", "code"])("the platform's own variable %s is left alone", (name) => {
    expect(cleanForSms(name, "https://e.example/h5/sign?token=a_b-c")).toBe("https://e.example/h5/sign?token=a_b-c");
  });

  test("never brings a link, a bracket or a control character, whatever it is made of", () => {
    const piece = fc.constantFrom("http://", "evil", ".", "com", "。", "【", "】", "\u200b", "\n", " ", "天财", "/", "1.2.3.4", "@", "xn--", "ａ", "中国");
    const names = fc.oneof(fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")), fc.string({ unit: "binary", maxLength: 40 }));
    fc.assert(
      fc.property(names, (value) => {
        const clean = cleanForSms("partyAName", value);
        return !hasLink(clean) && !/[【】\p{C}]/u.test(clean) && cleanForSms("partyAName", clean) === clean;
      }),
      { numRuns: 2000 },
    );
  });
});

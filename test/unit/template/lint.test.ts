import { lint, lintName } from "../../../services/template/lint.ts";
import type { TemplateKind } from "../../../services/template/template.api.ts";
import { agreementBut, agreementWith, BAD_CHARACTERS, BAD_CONTENTS, BAD_LANGUAGE, BAD_MARKUP, CLAUSES, HERE, type BadTemplate } from "./corpus-agreement.ts";
import { BAD_PAGES, BAD_SMS, page } from "./corpus-messages.ts";

describe("a template that may become a version", () => {
  test.each<[TemplateKind, string, string]>([
    ["PROTOCOL", "the plain agreement", agreementWith("")],
    ["PROTOCOL", "tables, lists, classes", agreementWith('<table class="parties"><tbody><tr><th>甲方</th><td><%=partyAName%></td></tr></tbody></table>\n<p class="notice"><strong>特别提示：</strong>请阅读。</p>\n<ol><li>一</li><li><p>二</p></li></ol>')],
    ["PROTOCOL", "a condition with two branches", agreementWith("<% if (byFace) { %><p>采集人脸信息。</p><% } else { %><p>不采集人脸信息。</p><% } %>")],
    ["PROTOCOL", "a condition on a text that may be absent", agreementWith("<p>收方：<% if (payeeName) { %><%= payeeName %><% } else { %>另行指定<% } %></p>")],
    ["PROTOCOL", "a loop over rows", agreementWith("<table><tbody>\n<% for (const party of parties) { %>\n<tr><th><%= party.role %></th><td><%= party.name %></td></tr>\n<% } %>\n</tbody></table>")],
    ["PROTOCOL", "a condition in a loop", agreementWith("<p><% for (const p of parties) { %><%= p.name %><% if (byFace) { %>（人脸识别）<% } %>；<% } %></p>")],
    ["PROTOCOL", "the parties named by their list alone", agreementBut("<p>甲方：<%= partyAName %>；乙方：<%= partyBName %></p>", "<p><% for (const p of parties) { %><%= p.role %>：<%= p.name %>；<% } %></p>")],
    ["PROTOCOL", "a party named in either case", agreementBut("甲方：<%= partyAName %>", "<% if (byFace) { %>甲方：<%= partyAName %><% } else { %>甲方<%= partyAName %><% } %>")],
    ["PROTOCOL", "a key clause that exists in one case only", agreementWith('<% if (byFace) { %><section data-key-clause="face"><p>1.9　签署人单独同意处理人脸信息。</p></section><% } %>')],
    ["PROTOCOL", "entities of plain characters", agreementWith("<p>A&amp;B，1 &lt; 2，&ldquo;甲&rdquo;&nbsp;&#20013;&#x56fd;</p>")],
    ["PROTOCOL", "text that only looks like a tag", agreementWith("<p>&lt;script&gt;、&lt;%= x</p>")],
    ["SMS", "an invitation", "【天财】<%= partyAName %>邀请您签署： <%= link %>"],
    ["SMS", "a link right behind a colon", "【天财】<%= partyAName %>请<%= partyBName %>签署《<%= protocolName %>》。<%= partyAName %>敬上：<%= link %>"],
    ["SMS", "a code", "【天财】验证码<%= code %>，5分钟内有效"],
    ["SMS", "a condition", "【天财】<%= partyAName %>邀请<% if (signerIsCompany) { %>贵公司<% } else { %>您<% } %>签署： <%= link %> 请勿转发"],
    ["H5", "a page", page({ intro: "<%= partyAName %>邀请您<% if (byFace) { %>，须人脸识别<% } %>" })],
    ["H5", "a quotation mark, which JSON escapes", page({ intro: '用于"<%= fundPurpose %>"' })],
  ])("%s: %s", (kind, _what, content) => {
    expect(lint(kind, content)).toEqual([]);
  });

  test("an agreement on pooling says the ratio, others need not", () => {
    const place = { processType: "POOLING_AUTH" };
    expect(lint("PROTOCOL", agreementWith(""), { processType: "RELATION_BINDING" })).toEqual([]);
    expect(lint("PROTOCOL", agreementWith(""), place).map(({ message }) => message)).toEqual(["必须在任何情况下都写明订单归集最高比例：<%= poolingRatio %>"]);
    expect(lint("PROTOCOL", agreementWith("<p>最高<%= poolingRatio %></p>"), place)).toEqual([]);
  });
});

test.each([
  ["an invitation", { processType: "RELATION_BINDING", code: "RB" }, "link"],
  ["the sign code", { processType: "ANY", code: "SIGN_CODE" }, "code"],
  ["the reminder", { processType: "ANY", code: "CONTINUE_VERIFICATION" }, "link"],
])("%s prints what it is sent with, and never what it is sent without", (_what, place, due) => {
  const other = due === "link" ? "code" : "link";
  expect(lint("SMS", `【天财】请签署： <%= ${due} %>`, place)).toEqual([]);
  expect(lint("SMS", `【天财】请签署： <%= ${other} %>`, place)).toEqual([{ line: 1, column: 10, message: expect.stringContaining(`请改用 <%= ${due} %>`) }]);
});

/** The text without the mark, and the line and column the mark stood at. */
function unmark(marked: string): { content: string; line: number; column: number } {
  const index = marked.indexOf(HERE);
  const before = marked.slice(0, index).split("\n");
  return { content: marked.replace(HERE, ""), line: before.length, column: before.at(-1)!.length + 1 };
}

describe.each<[string, TemplateKind, readonly BadTemplate[]]>([
  ["the language of an agreement", "PROTOCOL", BAD_LANGUAGE],
  ["the markup of an agreement", "PROTOCOL", BAD_MARKUP],
  ["the characters of an agreement", "PROTOCOL", BAD_CHARACTERS],
  ["the contents of an agreement", "PROTOCOL", BAD_CONTENTS],
  ["an SMS", "SMS", BAD_SMS],
  ["a page", "H5", BAD_PAGES],
])("in %s", (_part, kind, rows) => {
  test.each(rows)("%s is refused, with its place", (_why, marked, message) => {
    const { content, line, column } = unmark(marked);
    expect(lint(kind, content)).toContainEqual({ line, column, message: expect.stringMatching(message) });
  });
});

test("every problem is named, in reading order", () => {
  expect(lint("PROTOCOL", agreementWith("<p>乙<%= nobody %>，<a>丙</a></p>\n<p>\u200b</p>"))).toEqual([
    { line: 10, column: 5, message: "变量 nobody 未定义，请从可用的变量中选用" },
    { line: 10, column: 19, message: "不允许使用标签 <a>，请删去，或者改用 h1、h2、p、ol、li、table、tbody、tr、th、td、section、strong" },
    { line: 11, column: 4, message: "含有看不见或者改变显示的字符 U+200B，请删除" },
  ]);
});

test("a text without any clause is told each of them", () => {
  const messages = lint("PROTOCOL", "<p>甲</p>").map(({ message }) => message).join("\n");
  for (const missing of ["标题", "重点条款", ...Object.keys(CLAUSES).filter((name) => name !== "scope" && name !== "signature"), "electronic-signature"]) expect(messages).toContain(missing);
});

test.each([
  ["an ordinary title", "天财分账业务授权协议（总部与接收方）", null],
  ["nothing", " ", /1 至 128/],
  ["too much", "字".repeat(129), /1 至 128/],
  ["a line break", "协议\n二", /换行/],
  ["a blank at its end", "协议 ", /前后不得有空白/],
  ["a bracket", "【银行】协议", /【】/],
  ["an unseen character", "协\u200b议", /U\+200B/],
  ["a character the font lacks", "协议😀", /U\+1F600/],
])("a name that is %s", (_what, name, message) => {
  const said = lintName(name);
  if (message === null) expect(said).toBeNull();
  else expect(said).toMatch(message);
});

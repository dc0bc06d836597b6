import { lint } from "../../../services/template/lint.ts";
import type { TemplateKind } from "../../../services/template/template.api.ts";

const clause = '<section data-key-clause="scope"><p>条款</p></section>';
const page = (texts: object): string => JSON.stringify({ title: "签署", intro: "请阅读", consent: "同意", button: "签", ...texts });

describe("a template that may become a version", () => {
  test.each<[TemplateKind, string]>([
    ["PROTOCOL", `<h1>协议</h1>\n<p class="meta">编号：<%= protocolId %></p>\n<table><tbody><tr><th>甲方</th><td><%=partyAName%></td></tr></tbody></table>${clause}`],
    ["SMS", "【天财】<%= partyAName %>邀请您签署： <%= link %>"],
    ["SMS", "【天财】验证码<%= code %>，5分钟内有效"],
    ["H5", page({ intro: "<%= partyAName %>邀请您" })],
  ])("%s %s has no flaw", (kind, content) => {
    expect(lint(kind, content)).toEqual([]);
  });
});

describe("a template is refused", () => {
  test.each<[string, TemplateKind, string, RegExp]>([
    ["raw output", "PROTOCOL", `<p><%- partyAName %></p>${clause}`, /只允许使用/],
    ["a statement", "PROTOCOL", `<p><% if (1) { %>甲<% } %></p>${clause}`, /只允许使用/],
    ["an expression", "PROTOCOL", `<p><%= partyAName + 1 %></p>${clause}`, /只允许使用/],
    ["an include", "PROTOCOL", `<p><%= include('x') %></p>${clause}`, /只允许使用/],
    ["a comment tag", "SMS", "【天财】<%# 注 %>点击 <%= link %>", /只允许使用/],
    ["an escaped tag", "SMS", "【天财】<%% 点击 <%= link %>", /只允许使用/],
    ["a trimming tag", "SMS", "【天财】点击 <%= link -%>", /只允许使用/],
    ["an undeclared variable", "PROTOCOL", `<p><%= payerPhone %></p>${clause}`, /变量 payerPhone 未定义/],
    ["a variable every object has", "PROTOCOL", `<p><%= constructor %></p>${clause}`, /变量 constructor 未定义/],
    ["a variable of another kind", "PROTOCOL", `<p><%= link %></p>${clause}`, /变量 link 不能用于此类模板/],
    ["personal data in an SMS", "SMS", "【天财】<%= signerIdCardNo %> <%= link %>", /不能用于此类模板/],
    ["half a character", "SMS", "【天财】\ud800点击 <%= link %>", /残缺的字符/],
    ["a script", "PROTOCOL", `<script>1</script>${clause}`, /标签 <script>/],
    ["an image", "PROTOCOL", `<p><img></p>${clause}`, /标签 <img>/],
    ["a link", "PROTOCOL", `<p><a>甲</a></p>${clause}`, /标签 <a>/],
    ["a style", "PROTOCOL", `<p style="display:none">甲</p>${clause}`, /属性 style/],
    ["a handler", "PROTOCOL", `<p onclick="x()">甲</p>${clause}`, /属性 onclick/],
    ["a class nobody styles", "PROTOCOL", `<p class="tiny">甲</p>${clause}`, /属性 class/],
    ["a variable in an attribute", "PROTOCOL", `<p class="<%= partyAName %>">甲</p>${clause}`, /属性 class/],
    ["an HTML comment", "PROTOCOL", `<!-- x -->${clause}`, /注释/],
    ["a doctype", "PROTOCOL", `<!DOCTYPE html>${clause}`, /声明/],
    ["an unclosed tag", "PROTOCOL", `<p><strong>甲</p>${clause}`, /<strong> 没有正确闭合/],
    ["no key clause", "PROTOCOL", "<p>甲</p>", /至少标出一项重点条款/],
    ["a key clause without an id", "PROTOCOL", "<section><p>甲</p></section>", /重点条款须有/],
    ["the same key clause twice", "PROTOCOL", clause + clause, /scope 重复/],
    ["key clauses in one another", "PROTOCOL", clause.replace("条款", '</p><section data-key-clause="b"><p>乙</p></section><p>'), /嵌套/],
    ["no signature", "SMS", "点击 <%= link %>", /签名/],
    ["a second signature", "SMS", "【天财】点击 <%= link %> 【银行】", /签名/],
    ["a signature from outside", "SMS", "【<%= partyAName %>】点击 <%= link %>", /签名/],
    ["a line break", "SMS", "【天财】点击\n <%= link %>", /换行/],
    ["more than 512 characters", "SMS", `【天财】${"字".repeat(512)} <%= link %>`, /512/],
    ["a link of its own", "SMS", "【天财】点击 http://t.cn/a 或 <%= link %>", /只能来自变量 link/],
    ["a domain put together with a variable", "SMS", "【天财】<%= partyAName %>.com <%= link %>", /只能来自变量 link/],
    ["neither link nor code", "SMS", "【天财】您好", /一次签署链接/],
    ["two links", "SMS", "【天财】<%= link %> <%= link %>", /一次签署链接/],
    ["text glued to the link", "SMS", "【天财】<%= link %>签署", /链接之后/],
    ["something that is no JSON", "H5", "{title:1}", /JSON/],
    ["a missing text", "H5", page({ button: undefined }), /title、intro、consent、button/],
    ["an empty text", "H5", page({ button: " " }), /title、intro、consent、button/],
    ["a text too many", "H5", page({ footer: "x" }), /title、intro、consent、button/],
    ["a list", "H5", "[]", /title、intro、consent、button/],
    ["a tag hidden by a JSON escape", "H5", page({}).replace("请阅读", "\\u003c%- 1 %>"), /JSON 转义/],
  ])("for %s", (_why, kind, content, message) => {
    expect(lint(kind, content).map((problem) => problem.message).join("\n")).toMatch(message);
  });

  test("with the line and column of each problem, in reading order", () => {
    expect(lint("PROTOCOL", `<p>甲</p>\n<p>乙<%= nobody %>，<%- raw %></p>\n${clause}`)).toEqual([
      { line: 2, column: 5, message: "变量 nobody 未定义" },
      { line: 2, column: 19, message: "只允许使用 <%= 变量名 %> 输出变量" },
    ]);
  });
});

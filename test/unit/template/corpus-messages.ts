import { HERE, type BadTemplate } from "./corpus-agreement.ts";

/** Bad SMS; those without a mark are judged as a whole, so at their beginning. */
export const BAD_SMS: readonly BadTemplate[] = (
  [
    ["raw output", "【天财】▲<%- partyAName %> <%= link %>", /不加转义/],
    ["personal data", "【天财】▲<%= signerIdCardNo %> <%= link %>", /不能用于此类模板/],
    ["half a character", "【天财】▲\ud800点击 <%= link %>", /看不见/],
    ["a zero width joiner", "【天财】▲\u200d点击 <%= link %>", /看不见/],
    ["a turn of direction", "【天财】▲\u202e点击 <%= link %>", /看不见/],
    ["no signature", "点击 <%= link %>", /签名/],
    ["an empty signature", "【】点击 <%= link %>", /签名/],
    ["a second signature", "【天财】点击 <%= link %> ▲【银行】", /签名/],
    ["a bracket too many", "【天财】点击▲】 <%= link %>", /签名/],
    ["a signature from outside", "【<%= partyAName %>】点击 <%= link %>", /签名/],
    ["a signature in a condition", "<% if (byFace) { %>【天财】<% } %>点击 <%= link %>", /签名/],
    ["a line break", "【天财】点击▲\n <%= link %>", /换行/],
    ["more than 512 characters", `【天财】${"字".repeat(508)}▲ <%= link %>`, /512/],
    ["more than carriers take, once its variables are filled", `【天财】${"<%= partyAName %>".repeat(10)} <%= link %>`, /不得超过 500/],
    ["a link of its own", "【天财】点击 ▲http://t.cn/a 或 <%= link %>", /只能来自变量 link/],
    ["a domain of its own", "【天财】点击 ▲evil.com 或 <%= link %>", /只能来自变量 link/],
    ["a domain in full width", "【天财】点击 ▲ｅｖｉｌ．ｃｏｍ 或 <%= link %>", /只能来自变量 link/],
    ["a domain put together with a variable", "【天财】<%= partyAName %>▲.com <%= link %>", /只能来自变量 link/],
    ["a domain put together by a condition", "【天财】▲evil.<% if (byFace) { %>com<% } else { %>字<% } %> <%= link %>", /只能来自变量 link/],
    ["neither link nor code", "【天财】您好", /一次签署链接/],
    ["two links", "【天财】<%= link %> ▲<%= link %>", /一次签署链接/],
    ["a link and a code", "【天财】<%= link %> ▲<%= code %>", /一次签署链接/],
    ["a link in one case only", "【天财】点击 <% if (byFace) { %>▲<%= link %> <% } %>签署", /不在条件之内/],
    ["text glued to the link", "【天财】▲<%= link %>签署", /链接之后/],
    ["a condition glued to the link", "【天财】▲<%= link %><% if (byFace) { %>签<% } %>", /链接之后/],
    ["five conditions", `【天财】${["byFace", "hasPayee", "hasIdCard", "hasBankCard"].map((name) => `<% if (${name}) { %>甲<% } %>`).join("")}▲<% if (codeRequired) { %>乙<% } %> <%= link %>`, /最多使用 4 个条件/],
    ["a domain that two variables can make", "【天财】▲<%= partyAName %><%= partyBName %> <%= link %>", /可能与前后文字连成链接/],
    ["a domain that a variable can begin", "【天财】▲<%= partyAName %>com请签署 <%= link %>", /可能与前后文字连成链接/],
    ["a domain that a variable can end", "【天财】请签署▲evil.<%= partyAName %> <%= link %>", /可能与前后文字连成链接/],
    ["a domain that a condition lets a variable end", "【天财】请签署▲evil.<% if (byFace) { %><%= partyAName %><% } else { %>字<% } %> <%= link %>", /可能与前后文字连成链接/],
    ["a word glued to the link", "【天财】请点击www▲<%= link %>", /链接之前/],
    ["a variable glued to the link", "【天财】<%= partyAName %>▲<%= link %>", /链接之前/],
    ["a list", "【天财】▲<% for (const p of parties) { %><%= p.name %><% } %> <%= link %>", /不能用于此类模板/],
    ["an undeclared variable", "【天财】▲<%= url %> <%= link %>", /变量 url 未定义/],
  ] as BadTemplate[]
).map(([why, marked, message]) => [why, marked.includes(HERE) ? marked : HERE + marked, message]);

const TEXTS = { title: "签署", intro: "请阅读", consent: "同意", button: "签" };
/** A page that lint takes, with some of its texts otherwise; undefined ones are left out. */
export const page = (texts: object = {}): string => JSON.stringify({ ...TEXTS, ...texts });

export const BAD_PAGES: readonly BadTemplate[] = (
  [
    ["something that is no JSON", "{▲title:1}", /JSON/],
    ["a comma too many", page().replace("}", ",▲}"), /JSON/],
    ["a missing text", page({ button: undefined }), /title、intro、consent、button/],
    ["an empty text", page({ button: " " }), /title、intro、consent、button/],
    ["a text too many", page({ footer: "x" }), /title、intro、consent、button/],
    ["a text twice", page().replace('"title":"签署"', '"title":"甲","title":"签署"'), /各一次/],
    ["a number", page({ button: 1 }), /title、intro、consent、button/],
    ["an object in place of a text", page({ intro: { title: "x" } }), /title、intro、consent、button/],
    ["a list", "[]", /title、intro、consent、button/],
    ["raw output", page({ intro: "甲▲<%- partyAName %>" }), /不加转义/],
    ["a tag hidden by a JSON escape", page().replace("请阅读", "▲\\u003c%= partyAName %>"), /JSON 转义/],
    ["an undeclared variable", page({ consent: "甲▲<%= nobody %>" }), /变量 nobody 未定义/],
    ["a variable of another kind", page({ consent: "▲<%= signerMobile %>" }), /不能用于此类模板/],
    ["an unseen character by a JSON escape", page().replace("请阅读", "请▲\\u200b阅读"), /看不见/],
    ["a turn of direction", page({ intro: "请▲\u202e阅读" }), /看不见/],
    ["a line break", page().replace("请阅读", "请▲\\n阅读"), /换行/],
    ["a link", page({ intro: "▲请打开 evil.com" }), /链接/],
    ["brackets that look like a signature", page({ title: "▲【银行】签署" }), /【】/],
    ["a button of many words", page({ button: `▲${"签".repeat(21)}` }), /不得超过 20/],
    ["a button without words in one case", page({ button: "▲<% if (byFace) { %>同意<% } %>" }), /button 在某些情形下没有文字/],
    ["a title of a name that may be absent", page({ title: "▲<%= payeeName %>" }), /title 在某些情形下没有文字/],
    ["a variable on the button", page({ button: "同意<% if (byFace) { %>▲<%= partyAName %><% } %>" }), /button 不得输出变量/],
    ["a text of nothing but names", page({ title: `${"<%= partyAName %>".repeat(3)}▲<%= partyBName %>` }), /title 最多输出 3 次变量/],
    ["a condition that is never ended", page({ intro: "甲▲<% if (byFace) { %>乙" }), /没有以/],
    ["a condition over two texts", page({ title: "甲▲<% if (byFace) { %>", intro: "乙<% } %>" }), /没有以/],
  ] as BadTemplate[]
).map(([why, marked, message]) => [why, marked.includes(HERE) ? marked : HERE + marked, message]);

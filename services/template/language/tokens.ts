/** What a tag says; `unknown` is something that begins like a tag and is none of the grammar's. */
export type Tag =
  | { is: "print"; name: string; field: string | null }
  | { is: "if"; name: string }
  | { is: "for"; item: string; list: string }
  | { is: "else" }
  | { is: "end" }
  | { is: "unknown"; advice: string };

/** One tag of a text and where it stands. */
export interface TagToken {
  tag: Tag;
  index: number;
  length: number;
}

const NAME = "([A-Za-z][A-Za-z0-9]{0,63})";
/** The whole grammar. Spaces are free, line breaks are not: a tag is one thing on one line. */
const FORMS: readonly [RegExp, (found: RegExpExecArray) => Tag][] = [
  [form(`<%= *${NAME}(?:\\.${NAME})? *%>`), ([, name, field]) => ({ is: "print", name: name!, field: field ?? null })],
  [form(`<% *if *\\( *${NAME} *\\) *\\{ *%>`), ([, name]) => ({ is: "if", name: name! })],
  [form(`<% *for *\\( *const +${NAME} +of +${NAME} *\\) *\\{ *%>`), ([, item, list]) => ({ is: "for", item: item!, list: list! })],
  [form("<% *\\} *else *\\{ *%>"), () => ({ is: "else" })],
  [form("<% *\\} *%>"), () => ({ is: "end" })],
];

/** What authors write instead, and what to do about it; the first that fits. */
const ADVICE: readonly [RegExp, string][] = [
  [/^<%-/, "<%- 会不加转义地输出，请改用 <%="],
  [/^<%#/, "模板中不得有注释，请删除"],
  [/^<%[%_]|[-_]%>$/, "请去掉多余的符号"],
  [/^<%=\s*[^%]*[[(+?:;'"`\\]/, "变量名之后不得有运算或者函数"],
  [/else\s*if/, "不支持 else if，请在 else 之内再写一个 if"],
  [/^<%\s*if/, "条件只能是一个变量名，不支持比较、取反和组合"],
  [/^<%\s*for/, "循环只能写作 <% for (const 项 of 列表变量) { %>"],
];
/** How far the end of a tag is looked for. */
const LONGEST = 300;

/** Every tag of a text, in order; a `%>` that closes nothing is one of them. Linear in the length of the text. */
export function tagsOf(text: string): TagToken[] {
  const found: TagToken[] = [];
  const edge = /<%|%>/g;
  for (let at = edge.exec(text); at; at = edge.exec(text)) {
    const token = at[0] === "%>" ? { tag: unknown("%> 之前没有对应的 <%，请删除"), index: at.index, length: 2 } : tagAt(text, at.index);
    found.push(token);
    edge.lastIndex = token.index + token.length;
  }
  return found;
}

function tagAt(text: string, index: number): TagToken {
  for (const [pattern, read] of FORMS) {
    pattern.lastIndex = index;
    const match = pattern.exec(text);
    if (match) return { tag: read(match), index, length: match[0].length };
  }
  const end = text.slice(index, index + LONGEST).indexOf("%>");
  if (end < 0) return { tag: unknown("<% 没有对应的 %>"), index, length: 2 };
  const written = text.slice(index, index + end + 2);
  return { tag: unknown(ADVICE.find(([fits]) => fits.test(written))?.[1] ?? "其他写法一律不执行"), index, length: written.length };
}

const unknown = (advice: string): Tag => ({ is: "unknown", advice });

function form(source: string): RegExp {
  return new RegExp(source, "y");
}

import { Parser } from "htmlparser2";
import type { Flaw } from "./lint.ts";

/** The tags of an agreement: what a contract needs, what prints the same everywhere, and nothing that runs or loads. */
const TAGS = ["h1", "h2", "p", "ol", "li", "table", "tbody", "tr", "th", "td", "section", "strong"];
/** The stylesheets of the page and of the print know these classes: facts under the title, the warning box, the parties' table. */
const CLASSES = ["meta", "notice", "parties"];
const CLAUSE_ID = /^[a-z][a-z0-9-]{0,31}$/;

/**
 * An agreement is a fragment of plain semantic HTML. Key clauses are `<section data-key-clause="id">`: the signer acknowledges
 * each of them by itself, so ids are unique and sections neither nest nor miss.
 */
export function lintAgreement(content: string): Flaw[] {
  const flaws: Flaw[] = [];
  const clauses: string[] = [];
  let open = 0;
  const flaw = (message: string): void => void flaws.push({ index: parser.startIndex, message });

  const parser = new Parser({
    onopentag(name, attributes) {
      if (!TAGS.includes(name)) flaw(`不允许使用标签 <${name}>`);
      for (const [attribute, value] of Object.entries(attributes)) {
        const known =
          attribute === "class" ? CLASSES.includes(value) : attribute === "data-clause" || (name === "section" && attribute === "data-key-clause");
        if (!known) flaw(`不允许使用属性 ${attribute}`);
      }
      if (name !== "section") return;
      const id = attributes["data-key-clause"] ?? "";
      if (!CLAUSE_ID.test(id)) flaw("重点条款须有由小写字母、数字和连字符组成的编号 data-key-clause");
      if (clauses.includes(id)) flaw(`重点条款编号 ${id} 重复`);
      if (open++ > 0) flaw("重点条款不得嵌套");
      clauses.push(id);
    },
    onclosetag(name, implied) {
      if (name === "section") open--;
      if (implied) flaw(`标签 <${name}> 没有正确闭合`);
    },
    oncomment: () => flaw("不允许使用注释"),
    onprocessinginstruction: () => flaw("不允许使用声明或处理指令"),
  });
  parser.end(content);
  if (clauses.length === 0) flaws.push({ index: 0, message: "协议须至少标出一项重点条款（data-key-clause）" });
  return flaws;
}

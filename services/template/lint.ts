import { VARIABLES } from "../../templates/variables.ts";
import { lintAgreement } from "./lint-agreement.ts";
import { placeholders } from "./placeholders.ts";
import { PAGE_TEXTS } from "./render.ts";
import { hasLink } from "./sms-text.ts";
import type { TemplateKind } from "./template.api.ts";

/** What is wrong with a template and where, counted from 1. Messages are for the legal department, so in Chinese. */
export interface LintProblem {
  line: number;
  column: number;
  message: string;
}
/** Something wrong at an offset of the content. */
export interface Flaw {
  index: number;
  message: string;
}

/** §3.1 gives `content_template` 512 characters. */
const SMS_MAX = 512;

/** Everything that keeps `content` from becoming a version of this kind; empty when it may. */
export function lint(kind: TemplateKind, content: string): LintProblem[] {
  const flaws = lintTags(kind, content);
  if (kind === "PROTOCOL") flaws.push(...lintAgreement(content));
  if (kind === "SMS") flaws.push(...lintSms(content));
  if (kind === "H5") flaws.push(...lintPage(content));
  const half = content.search(/\p{Cs}/u);
  if (half >= 0) flaws.push({ index: half, message: "含有残缺的字符（单独的代理项）" });
  return flaws.sort((a, b) => a.index - b.index).map(({ index, message }) => ({ ...positionOf(content, index), message }));
}

function positionOf(content: string, index: number): { line: number; column: number } {
  const before = content.slice(0, index).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Only escaped output of a declared variable of this kind: a template is text, not a program. */
function lintTags(kind: TemplateKind, content: string): Flaw[] {
  return placeholders(content).flatMap(({ name, index }): Flaw[] => {
    if (name === null) return [{ index, message: "只允许使用 <%= 变量名 %> 输出变量" }];
    if (!Object.hasOwn(VARIABLES, name)) return [{ index, message: `变量 ${name} 未定义` }];
    if (!VARIABLES[name]!.kinds.includes(kind)) return [{ index, message: `变量 ${name} 不能用于此类模板` }];
    return [];
  });
}

function lintSms(content: string): Flaw[] {
  const flaws: Flaw[] = [];
  const tags = placeholders(content);
  // Literal text only: a Han character in place of each variable joins nothing to a link.
  const literal = tags.reduceRight((text, { index, length }) => text.slice(0, index) + "字" + text.slice(index + length), content);
  const links = tags.filter(({ name }) => name === "link");
  if (!/^【[^【】<>]+】[^【】]*$/u.test(content)) flaws.push({ index: 0, message: "短信须以一个【签名】开头，且正文不得再出现【】" });
  if (/\p{Cc}/u.test(content)) flaws.push({ index: content.search(/\p{Cc}/u), message: "短信不得包含换行或控制字符" });
  if (content.length > SMS_MAX) flaws.push({ index: SMS_MAX, message: `短信模板不得超过 ${SMS_MAX} 个字符` });
  if (hasLink(literal)) flaws.push({ index: 0, message: "短信中的链接只能来自变量 link" });
  if (links.length + tags.filter(({ name }) => name === "code").length !== 1) {
    flaws.push({ index: 0, message: "短信须且只能包含一次签署链接（link）或验证码（code）" });
  }
  for (const { index, length } of links) {
    const after = content[index + length];
    if (after !== undefined && after !== " ") flaws.push({ index, message: "链接之后须为空格或结尾，否则手机会把后文并入链接" });
  }
  return flaws;
}

function lintPage(content: string): Flaw[] {
  let page: unknown;
  try {
    page = JSON.parse(content);
  } catch {
    return [{ index: 0, message: "页面模板不是合法的 JSON" }];
  }
  const texts = page !== null && typeof page === "object" && !Array.isArray(page) ? (page as Record<string, unknown>) : {};
  const exact = Object.keys(texts).sort().join() === [...PAGE_TEXTS].sort().join();
  if (!exact || !Object.values(texts).every((text) => typeof text === "string" && text.trim() !== "")) {
    return [{ index: 0, message: `页面模板须且只能包含非空文本 ${PAGE_TEXTS.join("、")}` }];
  }
  // A tag spelled with JSON escapes would pass the scan of the raw content.
  const hidden = Object.values(texts as Record<string, string>).flatMap(placeholders).length !== placeholders(content).length;
  return hidden ? [{ index: 0, message: "变量标记不得使用 JSON 转义书写" }] : [];
}

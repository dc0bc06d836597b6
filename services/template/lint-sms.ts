import type { TagToken } from "./language/tokens.ts";
import { everyNode, type Flaw, type Node } from "./language/tree.ts";
import type { LintPlace } from "./lint-variables.ts";
import { CONTINUE_VERIFICATION, SIGN_CODE } from "./select.ts";
import { linkAt, MAX_VARIABLE_LENGTH } from "./sms-text.ts";
import { ANY } from "./stored.ts";

/** §3.1 gives `content_template` 512 characters. */
const SMS_MAX = 512;
/** What carriers put together as one long message. */
const SENT_MAX = 500;
/** The longest link the platform makes: its own address and the token. */
const LINK_LENGTH = 160;
/** Every further condition doubles what may be sent. */
const MAX_CONDITIONS = 4;

/** One text that may come of a template. Each variable stands as one Han character, which joins nothing to a link. */
interface Path {
  text: string;
  /** Offset in the content of each character. */
  origins: number[];
  /** Characters at most, every variable at its longest. */
  longest: number;
}

/**
 * Rules of an SMS: one 【signature】, one link or code, no other link along any path, and a length that carriers take.
 * @param place where it will serve: an invitation is sent with a link and no code, the sign code the other way round
 */
export function lintSms(content: string, tree: readonly Node[], tags: readonly TagToken[], place: LintPlace): Flaw[] {
  const flaws: Flaw[] = [];
  if (!/^【[^【】<>]+】[^【】]*$/u.test(content)) {
    const second = /^【[^【】<>]+】/u.test(content) ? content.slice(1).search(/【|(?<=】.*)】/su) + 1 : 0;
    flaws.push({ index: second, message: "短信须以一个【签名】开头，且正文不得再出现【】" });
  }
  const control = content.search(/\p{Cc}/u);
  if (control >= 0) flaws.push({ index: control, message: "短信不得包含换行或控制字符" });
  if (content.length > SMS_MAX) flaws.push({ index: SMS_MAX, message: `短信模板不得超过 ${SMS_MAX} 个字符` });

  const unconditional = tree.filter((node) => node.is === "print" && isTarget(node.name));
  const targets = Array.from(everyNode(tree)).filter((node) => node.is === "print" && isTarget(node.name));
  if (unconditional.length !== 1 || targets.length !== 1) {
    flaws.push({ index: (targets[1] ?? targets[0])?.index ?? 0, message: "短信须且只能包含一次签署链接（link）或验证码（code），且不在条件之内" });
  }
  const due = targetOf(place);
  for (const node of targets) {
    if (node.is !== "print" || due === null || node.name === due) continue;
    flaws.push({ index: node.index, message: due === "link" ? "此短信发出时只有签署链接而没有验证码，请改用 <%= link %>" : "此短信发出时只有验证码而没有签署链接，请改用 <%= code %>" });
  }
  for (const { tag, index, length } of tags) {
    const after = content[index + length];
    if (tag.is === "print" && tag.name === "link" && after !== undefined && after !== " ") {
      flaws.push({ index, message: "链接之后须为空格或结尾，否则手机会把后文并入链接" });
    }
  }
  for (const { tag, index } of tags) {
    if (tag.is === "print" && tag.name === "link" && /[\w.@:/%>\uff10-\uff19\uff21-\uff3a\uff41-\uff5a-]$/u.test(content.slice(0, index))) {
      flaws.push({ index, message: "链接之前须为空格、汉字或者中文标点，否则手机可能认不出链接" });
    }
  }
  return [...flaws, ...lintPaths(tree)];
}

/** What the message is sent with; null where that is not known. */
function targetOf({ processType, code }: LintPlace): "link" | "code" | null {
  if (processType === undefined) return null;
  if (processType !== ANY) return "link";
  return code === SIGN_CODE ? "code" : code === CONTINUE_VERIFICATION ? "link" : null;
}

const isTarget = (name: string): boolean => name === "link" || name === "code";

function lintPaths(tree: readonly Node[]): Flaw[] {
  const conditions = [...new Set(Array.from(everyNode(tree)).flatMap((node) => (node.is === "if" ? [node.name] : [])))];
  if (conditions.length > MAX_CONDITIONS) {
    return [{ index: Array.from(everyNode(tree)).find((node) => node.is === "if" && node.name === conditions[MAX_CONDITIONS])!.index, message: `短信最多使用 ${MAX_CONDITIONS} 个条件` }];
  }
  const flaws = new Map<string, Flaw>();
  for (let bits = 0; bits < 2 ** conditions.length; bits += 1) {
    const holds = (name: string): boolean => Boolean((bits >> conditions.indexOf(name)) & 1);
    const { text, origins, longest } = pathOf(tree, holds);
    const link = linkAt(text);
    if (link >= 0) flaws.set(`link ${origins[link]}`, { index: origins[link] ?? 0, message: "短信中的链接只能来自变量 link" });
    else for (const flaw of lintJoins(tree, holds)) flaws.set(`join ${flaw.index}`, flaw);
    if (longest > SENT_MAX) flaws.set("long", { index: 0, message: `变量最长时短信可达 ${longest} 个字符，不得超过 ${SENT_MAX}` });
  }
  return [...flaws.values()];
}

/** Values that are no links by themselves and become one with what stands beside them. */
const HALVES = ["x.", "com"] as const;

/** Where names that somebody chose for it would make a link of one another or of the template's own words. */
function lintJoins(tree: readonly Node[], holds: (name: string) => boolean): Flaw[] {
  return [0, 1].flatMap((first) => {
    // After the end of a sentence nobody takes a name for an address.
    const { text, origins } = pathOf(tree, holds, (nth) => HALVES[(nth + first) % 2]!);
    const link = linkAt(text.replace(/。/gu, "，"));
    return link < 0 ? [] : [{ index: origins[link] ?? 0, message: "变量可能与前后文字连成链接，请在其间加入汉字、书名号或者空格" }];
  });
}

/** @param value what the nth variable says, those aside that the platform makes itself */
function pathOf(tree: readonly Node[], holds: (name: string) => boolean, value: (nth: number) => string = () => "字"): Path {
  let nth = 0;
  const path: Path = { text: "", origins: [], longest: 0 };
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.is === "if") walk(holds(node.name) ? node.then : node.otherwise);
      else if (node.is === "for") walk(node.body);
      else {
        const text = node.is === "text" ? node.text : isTarget(node.name) ? "字" : value(nth++);
        for (let at = 0; at < text.length; at += 1) path.origins.push(node.index + (node.is === "text" ? at : 0));
        path.text += text;
        path.longest += node.is === "text" ? text.length : node.name === "link" ? LINK_LENGTH : MAX_VARIABLE_LENGTH;
      }
    }
  };
  walk(tree);
  return path;
}

/**
 * What may not come from outside into an SMS: links, the brackets 【】 that carry the sender's signature, and control characters.
 * A merchant chooses its own name; if that name could carry a link, the platform's own number would send the phishing.
 */

/** Removed from every variable but these two, which the platform makes itself. */
const OWN_VARIABLES = ["link", "code"];
/** Longer names are cut, so that the link stays within the message. */
export const MAX_VARIABLE_LENGTH = 40;

/** A letter, digit, mark, hyphen or underscore of any script but Han: what a phone joins to an address. */
const LATIN = String.raw`(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}_-])`;
const HAN_ENDINGS =
  "中国|中國|公司|网络|網絡|网址|網址|网站|網站|商城|商店|网店|在线|中文网|集团|企业|我爱你|手机|餐厅|信息|娱乐|游戏|移动|联通|政务|公益|慈善|机构|世界|健康|佛山|广东|香港|台湾|台灣|新加坡|澳門|澳门";
const ENDING = String.raw`(?:xn--[a-z0-9-]+|(?:(?!\p{Script=Han})[\p{L}\p{M}]){2,}|(?:${HAN_ENDINGS})(?!\p{Script=Han}))`;
const TAIL = String.raw`(?:[:/?#][\x21-\x7e]*)?`;
const LINK = new RegExp(
  [
    String.raw`[a-z][a-z0-9+.-]*:\/\/[\x21-\x7e]*`,
    String.raw`(?:\d{1,3}\.){3}\d{1,3}${TAIL}`,
    // In "天财.com" the part before the dot is left, so that the sentence still names somebody.
    String.raw`(?:${LATIN}|[@.])*\.${ENDING}${TAIL}`,
  ].join("|"),
  "giu",
);

/** True when the text holds something a phone might turn into a link. */
export const hasLink = (text: string): boolean => removeLinks(text) !== text;

/** Where such a link begins; -1 when there is none. */
export function linkAt(text: string): number {
  const rest = removeLinks(text);
  if (rest === text) return -1;
  let at = 0;
  while (at < rest.length && rest[at] === text[at]) at += 1;
  return at;
}

/** A variable as it may stand in an SMS. Never empty, so that the sentence around it still reads. */
export function cleanForSms(name: string, value: string): string {
  if (OWN_VARIABLES.includes(name)) return value;
  let before: string;
  let text = value.replace(/\p{C}|\p{Zl}|\p{Zp}/gu, "");
  do {
    before = text;
    text = removeLinks(removeBrackets(text));
  } while (text !== before); // what was removed may have kept the halves of another link apart
  return shortened(text.replace(/\s+/gu, " ").trim()) || "（略）";
}

/** A carrier counts UTF-16 units, so a rare character counts twice; none is cut in two. */
function shortened(text: string): string {
  if (text.length <= MAX_VARIABLE_LENGTH) return text;
  let kept = "";
  for (const character of text) {
    if (kept.length + character.length >= MAX_VARIABLE_LENGTH) break;
    kept += character;
  }
  return `${kept}…`;
}

/** With their vertical and tortoise-shell lookalikes, which some carriers fold into them. */
const removeBrackets = (text: string): string => text.replace(/[【】︻︼〖〗〔〕]/gu, "");

/** Links are looked for in the compatibility form (`ｅｖｉｌ。ｃｏｍ` is `evil.com` to a phone) and cut out of the text itself. */
function removeLinks(text: string): string {
  const originals: string[] = [];
  let folded = "";
  for (const character of text) {
    const plain = character.normalize("NFKC").toLowerCase().replace(/[。｡]/gu, ".");
    for (let unit = 0; unit < plain.length; unit++) originals.push(unit === 0 ? character : "");
    folded += plain;
  }
  let kept = "";
  let from = 0;
  for (const match of folded.matchAll(LINK)) {
    kept += originals.slice(from, match.index).join("");
    from = match.index + match[0].length;
  }
  return kept + originals.slice(from).join("");
}

import { lintSanitized } from "../../../services/template/lint-sanitized.ts";
import { readMarkup } from "../../../services/template/markup.ts";
import { agreementWith } from "./corpus-agreement.ts";

/** The second barrier by itself: what our own list would refuse, and what it might one day let through, stops here too. */
const barrier = (markup: string): number | null => lintSanitized(markup, readMarkup(markup, []).pieces)[0]?.index ?? null;

test.each([
  ["an element", "<p>甲</p>", '<img src="x">'],
  ["a script with its text", "<p>甲</p>", "<script>x()</script>"],
  ["a handler", "<p>甲</p>", '<p onclick="x()">乙</p>'],
  ["a style", "<p>甲</p>", '<p style="display:none">乙</p>'],
  ["an address", "<p>甲</p>", '<p href="javascript:x()">乙</p>'],
  ["a class of another element", "<p>甲</p>", '<p class="parties">乙</p>'],
  ["a class nobody styles", "<p>甲</p>", '<p class="tiny">乙</p>'],
  ["a paragraph that another one ends for a browser", "<p>甲", "<p>乙</p></p>"],
])("%s is stopped where it stands", (_what, before, rest) => {
  expect(barrier(before + rest)).toBe(before.length);
});

test.each([
  ["a comment that our reading left out", "<p>甲</p><!-- x -->"],
  ["a tag that our reading left out", "<p>甲</p><P>乙</P>"],
  ["an entity that our reading left out", "<p>甲&zwj;乙</p>"],
  ["a close that our reading kept and a browser drops", "<p>甲</strong></p>"],
  ["an element that nobody closes", "<p>甲"],
])("%s is a difference, and stopped", (_what, markup) => {
  expect(barrier(markup)).not.toBeNull();
});

test("an agreement passes unchanged", () => {
  const markup = agreementWith("<p>A&amp;B &#20013; &ldquo;甲&rdquo;</p><ol><li>一</li></ol>").replace(/<%=.*?%>/g, "字");
  expect(barrier(markup)).toBeNull();
});

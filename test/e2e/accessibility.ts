import { readFileSync } from "node:fs";

const AXE = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

/** What axe finds, every rule of WCAG 2.2 A and AA and its best practices; contrast too. */
export async function findings(phone: { evaluate(script: string): Promise<unknown> }): Promise<unknown> {
  await phone.evaluate(AXE);
  return phone.evaluate(`axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
    .then((result) => result.violations.map((each) => each.id + ": " + each.nodes.map((node) => node.target.join(" ")).join(", ")))`);
}

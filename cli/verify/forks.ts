import { MEMBER } from "../../services/evidence/bundle-format.ts";
import type { Problem } from "./finding.ts";
import type { Facts } from "./facts.ts";

/**
 * Two bundles of one process must tell the same story as far as the shorter one goes. Each of them can hold by itself and yet one was
 * rewritten; only side by side it shows.
 * @returns for each bundle what speaks against it beside the others
 */
export function forks(bundles: readonly Facts[]): Problem[][] {
  return bundles.map((mine, i) => {
    const split = bundles.flatMap((other, j) => (i === j || mine.processId === null || other.processId !== mine.processId ? [] : divergence(mine.hashes, other.hashes)));
    if (split.length === 0) return [];
    return [{ code: "FORK", where: `${MEMBER.evidence}#${Math.min(...split) + 1}`, message: "与同一流程的另一份证据包从此条起不一致：其中一份被改写" }];
  });
}

/** Index of the first event in which they differ, as far as both go; empty when one is the beginning of the other. */
function divergence(a: readonly string[], b: readonly string[]): number[] {
  const first = a.findIndex((hash, i) => i < b.length && hash !== b[i]);
  return first < 0 ? [] : [first];
}

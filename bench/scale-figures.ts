import type { Measured, Operation } from "./scale-operations.ts";

/** One operation at one size. `ratioOfCpu` and `ratioOfP50` compare with the first size. */
export interface Figures {
  operation: Operation;
  cpu: number;
  p50: number;
  p99: number;
  ratioOfCpu: number;
  ratioOfP50: number;
}

const share = (numbers: number[], of: number): number => numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * of))]!;
const median = (numbers: number[]): number => share(numbers, 0.5);

/**
 * A ratio is the median of the rounds' own: within a round both sizes meet the same machine, from one round to the next it may change.
 * @param base what the first size took, round by round; `all` that of another size in the same rounds
 */
export function figuresOf(operation: Operation, base: Measured[], all: Measured[]): Figures {
  const times = all.flatMap((one) => one.times);
  return {
    operation,
    cpu: median(all.map((one) => one.cpu)),
    p50: share(times, 0.5),
    p99: share(times, 0.99),
    ratioOfCpu: median(all.map((one, round) => one.cpu / base[round]!.cpu)),
    ratioOfP50: median(all.map((one, round) => median(one.times) / median(base[round]!.times))),
  };
}

const HEAD = ["CPU ms", "ratio", "p50 ms", "ratio", "p99 ms"];

/** What was measured, as people read it: one block a size. */
export function printFigures(total: number, figures: Figures[]): void {
  console.log(`\n${`${total} processes`.padEnd(28)}${HEAD.map((head) => head.padStart(9)).join("")}`);
  for (const { operation, cpu, ratioOfCpu, p50, ratioOfP50, p99 } of figures) {
    console.log(operation.padEnd(28) + [cpu.toFixed(3), ratioOfCpu.toFixed(2), p50.toFixed(3), ratioOfP50.toFixed(2), p99.toFixed(1)].map((cell) => cell.padStart(9)).join(""));
  }
}

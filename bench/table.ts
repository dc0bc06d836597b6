import type { Measured } from "./load.ts";

const WIDTHS = [46, 10, 9, 9, 11, 9];
const HEAD = ["", "per second", "p50 ms", "p99 ms", "CPU µs each", "to no-op"];

/** What was measured, as people read it. */
export class Table {
  readonly #rows: string[][] = [HEAD];

  /** @param measured `cpu` in µs a request */
  row(name: string, measured: Partial<Measured> & { cpu?: number }, ratio?: number): void {
    const number = (value: number | undefined, digits: number) => (value === undefined ? "" : value.toFixed(digits));
    const { perSecond, p50, p99, cpu } = measured;
    this.#rows.push([name, number(perSecond, perSecond! < 100 ? 1 : 0), number(p50, 1), number(p99, 1), number(cpu, 0), number(ratio, 2)]);
  }

  print(): void {
    for (const row of this.#rows) console.log(row.map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[at]!) : cell.padStart(WIDTHS[at]! + 2))).join(""));
  }
}

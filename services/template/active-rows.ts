import type { TemplateRow } from "./stored.ts";

/**
 * The active versions, kept in memory: every initiation asks for them, and they change a few times a year. The promise is what is
 * kept, so that those who ask at once cause one read, and a read that was under way when something changed is not kept.
 */
export class ActiveRows {
  readonly #read: () => Promise<TemplateRow[]>;
  readonly #maxAgeMs: number;
  #kept: { rows: Promise<TemplateRow[]>; at: number } | null = null;

  /** @param maxAgeMs how long a lost change event can go unnoticed */
  constructor(read: () => Promise<TemplateRow[]>, maxAgeMs: number) {
    this.#read = read;
    this.#maxAgeMs = maxAgeMs;
  }

  /** @param now milliseconds */
  get(now: number): Promise<TemplateRow[]> {
    if (this.#kept && now - this.#kept.at < this.#maxAgeMs) return this.#kept.rows;
    const kept = { rows: this.#read(), at: now };
    this.#kept = kept;
    kept.rows.catch(() => {
      if (this.#kept === kept) this.#kept = null;
    });
    return kept.rows;
  }

  /** Something changed: the next one who asks reads again. */
  forget(): void {
    this.#kept = null;
  }
}

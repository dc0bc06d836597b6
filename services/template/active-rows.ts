import { inForceAt, scheduledAfter, type InForce, type Lives } from "./life.ts";
import { versionId, type ActiveRow, type TemplateRow } from "./stored.ts";
import type { TemplateKind, TemplateRef } from "./template.api.ts";

export interface Sources {
  kinds: readonly TemplateKind[];
  lives(kind: TemplateKind): Promise<Lives>;
  row(ref: Pick<TemplateRef, "kind" | "code" | "version">): Promise<TemplateRow | null>;
  /** A version is in force whose text is gone or not the one that was approved: it does not serve. */
  unfit(ref: Pick<TemplateRef, "kind" | "code" | "version">): void;
}
interface Seen {
  rows: ActiveRow[];
  /** Milliseconds: the next scheduled activation. */
  until: number;
}

/**
 * The versions in force, kept in memory: every initiation asks for them, and they change a few times a year. A scheduled activation
 * takes effect at its moment by itself. The promise is what is kept, so that those who ask at once cause one read, and a read that
 * was under way when something changed is not kept.
 */
export class ActiveRows {
  readonly #sources: Sources;
  readonly #maxAgeMs: number;
  #kept: { seen: Promise<Seen>; at: number } | null = null;
  /** Texts never change, so those in force need not be read again. */
  #texts = new Map<string, TemplateRow>();

  /** @param maxAgeMs how long a lost change event can go unnoticed */
  constructor(sources: Sources, maxAgeMs: number) {
    this.#sources = sources;
    this.#maxAgeMs = maxAgeMs;
  }

  /** @param now milliseconds */
  async get(now: number): Promise<ActiveRow[]> {
    for (;;) {
      const kept = this.#kept && now - this.#kept.at < this.#maxAgeMs ? this.#kept : this.#renew(now);
      const { rows, until } = await kept.seen;
      if (now < until) return rows;
      if (this.#kept === kept) this.#kept = null;
    }
  }

  /** Something changed: the next one who asks reads again. */
  forget(): void {
    this.#kept = null;
  }

  #renew(now: number): { seen: Promise<Seen>; at: number } {
    const kept = { seen: this.#read(now), at: now };
    this.#kept = kept;
    kept.seen.catch(() => {
      if (this.#kept === kept) this.#kept = null;
    });
    return kept;
  }

  async #read(now: number): Promise<Seen> {
    const lives = await Promise.all(this.#sources.kinds.map((kind) => this.#sources.lives(kind)));
    const texts = new Map<string, TemplateRow>();
    const rows = await Promise.all(lives.flatMap((one) => inForceAt(one, now)).map((held) => this.#rowOf(held, texts)));
    this.#texts = texts;
    const until = Math.min(...lives.flatMap((one) => scheduledAfter(one, now).slice(0, 1)).map(({ from }) => from!), Infinity);
    return { rows: rows.filter((row) => row !== null), until };
  }

  async #rowOf({ life, activation }: InForce, texts: Map<string, TemplateRow>): Promise<ActiveRow | null> {
    const { kind, code, version, sha256 } = life.submitted;
    const key = `${kind} ${versionId(code, version)}`;
    const row = this.#texts.get(key) ?? (await this.#sources.row({ kind, code, version }));
    if (row?.sha256 !== sha256) {
      this.#sources.unfit({ kind, code, version });
      return null;
    }
    texts.set(key, row);
    return { ...row, approvedBy: life.approved!.by, activationId: activation.operationId };
  }
}

import { amend } from "../../mixins/amend.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection, Query } from "../../mixins/collection-types.ts";
import { recordOf, rowOf, versionId, type SmsTemplateRecord, type TemplateRecord, type TemplateRow, type TextTemplateRecord } from "./stored.ts";
import type { TemplateKind, TemplateRef } from "./template.api.ts";
import type { StepRecord } from "./template-step.model.ts";

export interface TemplateCollections {
  protocol: Collection<TextTemplateRecord>;
  sms: Collection<SmsTemplateRecord>;
  h5: Collection<TextTemplateRecord>;
  steps: Collection<StepRecord>;
}

export const KINDS: readonly TemplateKind[] = ["PROTOCOL", "SMS", "H5"];

/** The stored texts of all kinds. A text is never changed once it is stored; what becomes of it is in the steps (life.ts). */
export class Versions {
  readonly #collections: TemplateCollections;

  constructor(collections: TemplateCollections) {
    this.#collections = collections;
  }

  async get({ kind, code, version }: Pick<TemplateRef, "kind" | "code" | "version">): Promise<TemplateRow | null> {
    const record = await this.#of(kind).get(versionId(code, version));
    return record && rowOf(kind, record);
  }

  /** All versions of a code, the newest first. */
  async ofCode(kind: TemplateKind, code: string): Promise<TemplateRow[]> {
    const found = await this.#find(kind, kind === "SMS" ? { templateCode: code } : { code });
    return found.sort((a, b) => b.version - a.version);
  }

  /** All versions of a kind, by code and number. Whole texts: for a start, not for a request. */
  async ofKind(kind: TemplateKind): Promise<TemplateRow[]> {
    const found = await this.#find(kind, {});
    return found.sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : a.version - b.version));
  }

  /** @returns false when there is a version of that number already */
  async insert(row: TemplateRow): Promise<boolean> {
    try {
      await this.#of(row.kind).insert(recordOf(row));
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  /** Brings the column `is_active` of §3.1 in line. @param ids of the versions in force, as `versionId` */
  async copyActive(kind: TemplateKind, ids: ReadonlySet<string>): Promise<void> {
    const marked = await this.#find(kind, { isActive: true });
    const stale = marked.map(({ code, version }) => versionId(code, version)).filter((id) => !ids.has(id));
    for (const id of [...stale, ...ids]) {
      await amend(this.#of(kind), id, (record) => (record.isActive === ids.has(id) ? null : { ...record, isActive: ids.has(id) }));
    }
  }

  async #find(kind: TemplateKind, query: Query): Promise<TemplateRow[]> {
    return (await this.#of(kind).find(query)).map((record) => rowOf(kind, record));
  }

  #of(kind: TemplateKind): Collection<TemplateRecord> {
    const { protocol, sms, h5 } = this.#collections;
    return { PROTOCOL: protocol, SMS: sms, H5: h5 }[kind] as unknown as Collection<TemplateRecord>;
  }
}

import { amend } from "../../mixins/amend.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { BuiltIn } from "./built-in.ts";
import { ANY, recordOf, rowOf, versionId, type SmsTemplateRecord, type TemplateRecord, type TemplateRow, type TextTemplateRecord } from "./stored.ts";
import type { TemplateKind, TemplateRef } from "./template.api.ts";

export interface TemplateCollections {
  protocol: Collection<TextTemplateRecord>;
  sms: Collection<SmsTemplateRecord>;
  h5: Collection<TextTemplateRecord>;
}

const KINDS: readonly TemplateKind[] = ["PROTOCOL", "SMS", "H5"];

/** The stored versions of all kinds, and how a built-in text becomes one. */
export class Versions {
  readonly #collections: TemplateCollections;

  constructor(collections: TemplateCollections) {
    this.#collections = collections;
  }

  /** Every active version. */
  async active(): Promise<TemplateRow[]> {
    const found = await Promise.all(KINDS.map((kind) => this.#find(kind, { isActive: true })));
    return found.flat();
  }

  async get({ kind, code, version }: Pick<TemplateRef, "kind" | "code" | "version">): Promise<TemplateRow | null> {
    const record = await this.#of(kind).get(versionId(code, version));
    return record && rowOf(kind, record);
  }

  /**
   * Makes the built-in text the active version of its place, unless it is the newest built-in version of its code already. Old
   * versions stay, since running processes pin them. A place that an operator gave to an upload keeps it: then the new version
   * waits inactive. Twice, and by two nodes at once, is once: the key decides who inserts, the other looks again. A crash between
   * switching the old one off and inserting leaves the place empty until the next start, which comes here again.
   * @param now milliseconds
   * @returns whether this call stored a version
   */
  async plant(text: BuiltIn, now: number): Promise<boolean> {
    const { kind, code, processType, scene, signatoryType } = text;
    for (;;) {
      const ofCode = await this.#find(kind, kind === "SMS" ? { templateCode: code } : { code });
      ofCode.sort((a, b) => b.version - a.version);
      const newest = ofCode.find(({ origin }) => origin === "BUILT_IN");
      if (newest && sameText(newest, text)) return false;

      const inPlace = await this.#find(kind, { isActive: true, processType, scene, signatoryType });
      const here = processType === ANY ? inPlace.filter((row) => row.code === code) : inPlace;
      const yields = here.every(({ origin }) => origin === "BUILT_IN");
      const version = (ofCode[0]?.version ?? 0) + 1;
      // One that another node has just stored under the number we are about to take is the text itself, and stays on.
      if (yields) for (const old of here) if (old.code !== code || old.version < version) await this.#deactivate(old);
      try {
        const row: TemplateRow = { ...text, version, isActive: yields, origin: "BUILT_IN", createdAt: new Date(now) };
        await this.#of(kind).insert(recordOf(row));
        return true;
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
      }
    }
  }

  async #deactivate({ kind, code, version }: TemplateRow): Promise<void> {
    await amend(this.#of(kind), versionId(code, version), (record) => (record.isActive ? { ...record, isActive: false } : null));
  }

  async #find(kind: TemplateKind, query: Record<string, string | number | boolean>): Promise<TemplateRow[]> {
    return (await this.#of(kind).find(query)).map((record) => rowOf(kind, record));
  }

  #of(kind: TemplateKind): Collection<TemplateRecord> {
    const { protocol, sms, h5 } = this.#collections;
    return { PROTOCOL: protocol, SMS: sms, H5: h5 }[kind] as unknown as Collection<TemplateRecord>;
  }
}

/** Whether the stored version says and serves the same; what changes nothing must not make a version at every start. */
const sameText = (stored: TemplateRow, text: BuiltIn): boolean =>
  (["sha256", "name", "processType", "scene", "signatoryType", "fundPurpose", "accountType", "h5TemplateName"] as const).every((key) => stored[key] === text[key]);

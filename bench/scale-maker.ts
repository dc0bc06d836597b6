/** The thread of bench/scale-sqlite.ts that makes rows: one message with a batch, the next when it is asked for more. */
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { config } from "../config/index.ts";
import type { Doc, Model } from "../mixins/collection-types.ts";
import { createFieldCipher, type FieldCipher } from "../mixins/storage/field-cipher.ts";
import { blindIndexOf } from "../mixins/storage/model-rules.ts";
import { MODELS } from "./scale-models.ts";
import { addRows, noRows, type Patterns, type Plan, type Row } from "./scale-rows.ts";
import type { Written } from "./scale-sqlite.ts";

const BATCH = 500;

/** Writes the documents of one collection; of each pattern it knows the JSON that all rows made of it share. */
class Writer {
  readonly #model: Model;
  readonly #cipher: FieldCipher;
  readonly #shared = new WeakMap<Doc, { json: string; personal: [field: string, text: string][] }>();

  constructor(model: Model, cipher: FieldCipher) {
    this.#model = model;
    this.#cipher = cipher;
  }

  body({ of, other }: Row<Doc>): string {
    const { _id: id, ...own } = other as Doc & Record<string, unknown>;
    let shared = this.#shared.get(of);
    if (!shared) this.#shared.set(of, (shared = this.#sharedBy(of, own)));
    const named: Record<string, unknown> = own;
    for (const field of this.#model.personal ?? []) {
      const value = named[field];
      if (value == null) continue;
      const text = textOf(value);
      named[field] = this.#token(id, field, text);
      if (this.#model.blind?.includes(field)) named[blindIndexOf(field)] = this.#cipher.blindIndex(text, { collection: this.#model.name, field });
    }
    for (const [field, text] of shared.personal) named[field] = this.#token(id, field, text);
    return shared.json + JSON.stringify(named).slice(1);
  }

  /** A token is bound to its row, so each row's personal fields are encrypted for it. */
  #token(id: string, field: string, text: string): string {
    return this.#cipher.encrypt(text, { collection: this.#model.name, id, field });
  }

  #sharedBy(of: Doc, own: object): { json: string; personal: [string, string][] } {
    const { personal = [], blind = [] } = this.#model;
    const rest = Object.entries(of).filter(([field]) => field !== "_id" && field !== "version" && !Object.hasOwn(own, field));
    const secret = rest.filter(([field, value]) => personal.includes(field) && value != null);
    if (secret.some(([field]) => blind.includes(field))) throw new Error(`${this.#model.name}: what is looked up must differ`);
    const json = JSON.stringify(Object.fromEntries(rest.filter((one) => !secret.includes(one))));
    return { json: json === "{}" ? "{" : `${json.slice(0, -1)},`, personal: secret.map(([field, value]) => [field, textOf(value)]) };
  }
}
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const { plan, patterns } = workerData as { plan: Plan; patterns: Patterns };
const cipher = createFieldCipher(config.fieldEncryptionKey);
const writers = Object.fromEntries(Object.entries(MODELS).map(([name, model]) => [name, new Writer(model, cipher)]));
for (let made = 0; made < plan.total; ) {
  const rows = noRows();
  for (const end = Math.min(plan.total, made + BATCH); made < end; made += 1) addRows(rows, patterns, plan, made);
  const written: Written = Object.fromEntries(Object.entries(rows).map(([name, some]) => [name, (some as Row<Doc>[]).flatMap((row) => [row.other._id, writers[name]!.body(row)])]));
  parentPort!.postMessage({ made, written });
  if (made < plan.total) await once(parentPort!, "message");
}

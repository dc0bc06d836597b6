import type { Service, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import { config } from "../config/index.ts";
import type { Collection, Doc, Model } from "./collection-types.ts";
import { collectionOver } from "./storage/document-collection.ts";
import { adapterFor, type StorageSettings } from "./storage/engines.ts";
import { createFieldCipher } from "./storage/field-cipher.ts";
import { checkModel, storedModel } from "./storage/model-rules.ts";
import type { StoreAdapter } from "./storage/store-adapter.ts";

export { isUniqueViolation } from "./storage/unique-violation.ts";

/** What a service with the mixin has. */
export interface Collecting {
  collections: Record<string, Collection<Doc>>;
  /** moleculer-db's own adapter: that of the first model. Sees personal fields encrypted. */
  adapter: StoreAdapter;
  /** A real read of each collection and, on MongoDB, of its indexes, for readiness; rejects when one cannot answer or lacks an index. */
  pingDatabase(): Promise<void>;
}
interface Collector extends Service, Collecting {
  moreAdapters: StoreAdapter[];
  pinged: { at: number; answer: Promise<"UP" | "DOWN"> } | undefined;
  complained: boolean;
}
/** Moleculer calls `merged` with the schema a service ends up with; its types do not know it. */
interface MergedHook {
  merged(this: Service, schema: Record<string, unknown>): void;
}

/** moleculer-db publishes these and takes raw queries from whoever may call: nobody but the owner reads a collection. */
const PUBLISHED_BY_MOLECULER_DB = Object.fromEntries(
  Object.keys((DbService as unknown as ServiceSchema).actions ?? {}).map((name) => [name, false as const]),
);

/** Whoever asks within that time gets the same answer: each gateway asks once a second. */
const PING_LIFE_MS = 1_000;

function recentPing(service: Collector): Promise<"UP" | "DOWN"> {
  const now = performance.now();
  if (!service.pinged || now - service.pinged.at > PING_LIFE_MS) service.pinged = { at: now, answer: ping(service) };
  return service.pinged.answer;
}

/** Names a missing index once, until all is well again. A database that is away has said so itself. */
async function ping(service: Collector): Promise<"UP" | "DOWN"> {
  try {
    await service.pingDatabase();
    service.complained = false;
    return "UP";
  } catch (error) {
    const { type, message } = error as { type?: string; message: string };
    if (type === "INDEX_MISSING" && !service.complained) {
      service.complained = true;
      service.logger.error(message, { alert: "INDEX_MISSING" });
    }
    return "DOWN";
  }
}

/**
 * Mixin: the collections a service owns, as `this.collections.<key>`. moleculer-db with its published actions off; the first
 * model is its entity, the others are connected with it. Connected before the service's own `started` runs and until
 * after its `stopped`. The action `ping` answers `UP` or `DOWN` for readiness.
 * @param models by the key the service calls them
 * @param settings where they are kept; the process's settings unless a test says otherwise
 * @throws Error at once for a model no engine can serve
 */
export function collections(models: Record<string, Model>, settings: StorageSettings = config): Partial<ServiceSchema> {
  const entries = Object.entries(models);
  if (entries.length === 0) throw new Error("a service with collections has at least one model");
  for (const [, model] of entries) checkModel(model);
  const mixin: Partial<ServiceSchema> & MergedHook = {
    mixins: [DbService as unknown as ServiceSchema],
    actions: {
      ...PUBLISHED_BY_MOLECULER_DB,
      ping: {
        visibility: "public",
        handler(this: Service): Promise<"UP" | "DOWN"> {
          return recentPing(this as Collector);
        },
      },
    },
    methods: {
      async connect(this: Collector) {
        for (const adapter of [this.adapter, ...this.moreAdapters]) await adapter.connect();
      },
      async disconnect(this: Collector) {
        for (const adapter of [this.adapter, ...this.moreAdapters]) await adapter.disconnect();
      },
      async pingDatabase(this: Collector) {
        await Promise.all([this.adapter, ...this.moreAdapters].map((adapter) => adapter.ping()));
      },
    },
    // Each service of each broker gets adapters of its own; moleculer-db takes its one from the merged schema.
    merged(schema) {
      // A node that has no personal data has no key to it.
      const cipher = entries.some(([, model]) => model.personal?.length) ? createFieldCipher(settings.fieldEncryptionKey) : undefined;
      const adapters = entries.map(([, model]) => adapterFor(storedModel(model), settings));
      schema["adapter"] = adapters[0];
      Object.assign(this, {
        moreAdapters: adapters.slice(1),
        collections: Object.fromEntries(entries.map(([key, model], i) => [key, collectionOver(adapters[i]!, model, cipher)])),
      });
    },
  };
  return mixin;
}

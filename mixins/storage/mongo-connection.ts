import mongoose, { type Connection, type ConnectOptions } from "mongoose";
// Sets mongoose's strictQuery to its own taste when it is loaded, so it is loaded before ours is set.
import "moleculer-db-adapter-mongoose";
import type { Model } from "../collection-types.ts";
import { ensureIndexes, type NativeCollection } from "./mongo-indexes.ts";
import { MongoClock } from "./mongo-clock.ts";
import { watchMonitors } from "./mongo-monitors.ts";
import { isForeign, storageFault } from "./mongo-fault.ts";
import { mongooseSchema } from "./mongo-schema.ts";

// A mistyped filter would otherwise lose its condition and match everything.
mongoose.set("strictQuery", "throw");

/** An operation with all its tries. Less than the 5 s after which the broker gives a call up. */
export const OPERATION_TIMEOUT_MS = 4_000;
/** What the URI says about these does not count: the promises of the collection depend on them. */
const OPTIONS: ConnectOptions = {
  appName: "esign",
  writeConcern: { w: "majority", journal: true },
  // Nobody acts on what a change of the primary may take back.
  readConcern: { level: "majority" },
  // Each by its name in the URI too: the driver would put that over the two above.
  w: "majority",
  journal: true,
  readConcernLevel: "majority",
  readPreference: "primary",
  // Where the server knows sessions, the driver sends a write whose answer was lost a second time, and it is carried out once.
  retryWrites: true,
  retryReads: true,
  timeoutMS: OPERATION_TIMEOUT_MS,
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  heartbeatFrequencyMS: 2_000,
  maxPoolSize: 50,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
};
const DEFAULT_DATABASE = "esign";

/** @param index the name of one that is left of another release */
export type ConnectionLog = (event: "lost" | "back" | "clock off" | "clock right" | "check stuck" | "index left", index?: string) => void;

/** One connection a database and process, shared by the collections of all services. */
const open = new Map<string, MongoConnection>();

/** Takes a share of the connection to that database: every `shareMongo` needs its `close`. */
export function shareMongo(uri: string): MongoConnection {
  const connection = open.get(uri) ?? new MongoConnection(uri);
  open.set(uri, connection);
  return connection.share();
}

/** The pool of one process. Connects at the first use, and again when that failed; a lost server is found again by the driver. */
export class MongoConnection {
  readonly #uri: string;
  readonly #logs = new Set<ConnectionLog>();
  readonly #running = new Set<Promise<unknown>>();
  #opening: Promise<Connection> | null = null;
  #clock: MongoClock | null = null;
  #unwatch: (() => void) | null = null;
  #shares = 0;

  constructor(uri: string) {
    this.#uri = uri;
  }

  /** For `shareMongo`: one more user. */
  share(): this {
    this.#shares += 1;
    return this;
  }

  /**
   * A collection with the indexes of its model. @param log is told when the server is lost and when it is back
   * @throws Error when the server cannot be had within two seconds, or an index cannot be built
   */
  async collection(model: Model, log?: ConnectionLog) {
    // A second service reports nothing that the first one has not.
    if (log && this.#logs.size === 0) this.#logs.add(log);
    const connection = await this.#connected();
    const native: NativeCollection = connection.db!.collection(model.name);
    for (const index of await ensureIndexes(native, model)) log?.("index left", index);
    return { mongooseModel: connection.model(model.name, mongooseSchema(model), model.name, { overwriteModels: true }), native };
  }

  /** Does something with the database; `close` waits for it. @throws what `storageFault` makes of a failure that `work` does not turn into its own */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#shares === 0) throw new Error("the database is closed");
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw isForeign(error) ? storageFault(error) : error;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Gives a share back; the last one waits for what is under way and closes. */
  async close(): Promise<void> {
    this.#shares -= 1;
    if (this.#shares > 0) return;
    open.delete(this.#uri);
    await Promise.allSettled(this.#running);
    const connection = await this.#opening?.catch(() => null);
    this.#logs.clear();
    this.#clock?.stop();
    this.#unwatch?.();
    await connection?.close();
  }

  #connected(): Promise<Connection> {
    this.#opening ??= this.#connect().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #connect(): Promise<Connection> {
    const hasDatabase = /^mongodb(?:\+srv)?:\/\/[^/]+\/[^?]/.test(this.#uri);
    const connection = mongoose.createConnection(this.#uri, { ...OPTIONS, ...(!hasDatabase && { dbName: DEFAULT_DATABASE }) });
    try {
      await connection.asPromise();
    } catch (error) {
      await connection.destroy();
      throw error;
    }
    connection.on("disconnected", () => this.#tell("lost"));
    connection.on("reconnected", () => this.#tell("back"));
    const admin = connection.getClient().db("admin");
    this.#clock = await MongoClock.start((command) => admin.command(command), (right) => this.#tell(right ? "clock right" : "clock off"));
    this.#unwatch = watchMonitors(connection.getClient(), () => this.#tell("check stuck"));
    return connection;
  }

  #tell(event: Exclude<Parameters<ConnectionLog>[0], "index left">): void {
    for (const log of this.#logs) log(event);
  }
}

import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { liveSetting, parseLive, type LiveName, type LiveValues } from "../config/live-settings.ts";
import type { Config } from "../config/read.ts";
import { SETTINGS_CHANGED } from "../contract/events.ts";
import type { StoredSettings } from "../contract/settings.ts";
import { faultOf } from "./fault.ts";

/** A change that no event has told of is found by then: with the time-out of the asking less than 5 s (issue 7 point 7). */
const ASK_EVERY_MS = 3_000;
const ASK_TIMEOUT_MS = 1_500;
/** So long a node waits at its start for somebody who knows the settings; afterwards it serves by the environment's, and goes on asking. */
const WAIT_AT_START_MS = 20_000;
const PAUSE_AT_START_MS = 200;

/** Where the settings are kept: the owner reads its collection, everybody else asks the owner. Null for "as you know them". */
export type SettingsSource = (known: number) => Promise<StoredSettings | null>;

/**
 * The settings an operator has changed, as this node knows them. One for each broker, whatever services it runs. Only what was changed is
 * here; for the rest each service has the environment's value.
 */
export class SettingsInForce {
  readonly #broker: ServiceBroker;
  #source: SettingsSource | null = null;
  /** Resolved by the owner of this very node, when it can read. */
  #owner: { promise: Promise<void>; resolve(): void } | null = null;
  #version = 0;
  #changed: Partial<Record<LiveName, unknown>> = {};
  #looking: Promise<void> | null = null;
  #again = false;
  #begun: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #users = 0;
  #unreachable = false;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /** Number of the change that is in force here; 0 before the first. */
  get version(): number {
    return this.#version;
  }

  /** The value in force at this moment. @param environment what holds where no operator has changed it */
  value<K extends LiveName>(name: K, environment: LiveValues[K]): LiveValues[K] {
    return Object.hasOwn(this.#changed, name) ? (this.#changed[name] as LiveValues[K]) : environment;
  }

  /** The settings, each of which is the one in force at the moment it is read. */
  config(environment: Config): Config {
    const live = Object.create(environment) as Config;
    for (const name of Object.keys(environment) as (keyof Config)[]) {
      Object.defineProperty(live, name, { enumerable: true, get: () => (Object.hasOwn(this.#changed, name) ? this.#changed[name as LiveName] : environment[name]) });
    }
    return live;
  }

  /** The owner is on this node; whoever starts beside it waits for it. */
  expectOwner(): void {
    this.#owner ??= Promise.withResolvers<void>();
  }

  /** The owner can read from now on. */
  async ownedBy(source: SettingsSource): Promise<void> {
    this.#source = source;
    await this.#firstAnswer();
    this.#owner!.resolve();
  }

  /** Asks now, and once more when that was under way already: it may have been answered before the change. Never rejects. */
  look(): Promise<void> {
    if (this.#looking) this.#again = true;
    this.#looking ??= (async () => {
      do {
        this.#again = false;
        await this.#ask().then(
          () => void (this.#unreachable = false),
          (error: unknown) => this.#complain(error),
        );
      } while (this.#again);
      this.#looking = null;
    })();
    return this.#looking;
  }

  /** A service that uses the settings starts: resolves when they are known. */
  begin(): Promise<void> {
    this.#users++;
    this.#begun ??= this.#begin();
    return this.#begun;
  }

  end(): void {
    if (--this.#users > 0) return;
    clearTimeout(this.#timer);
    this.#begun = null;
  }

  async #begin(): Promise<void> {
    if (this.#owner) await this.#owner.promise;
    // Without a bus and without their owner, nobody changes settings here.
    else if (!this.#broker.transit) return;
    else await this.#firstAnswer();
    this.#arm();
  }

  async #firstAnswer(): Promise<void> {
    const end = performance.now() + WAIT_AT_START_MS;
    for (;;) {
      try {
        return await this.#ask();
      } catch (error) {
        if ((!this.#source && this.#ownerIsOlder()) || performance.now() >= end || this.#stopping()) return this.#complain(error);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AT_START_MS));
      }
    }
  }

  /** In a rolling upgrade: the service is there and knows nothing of settings yet. */
  #ownerIsOlder(): boolean {
    const known = this.#broker.registry.getActionList({ onlyAvailable: true } as never) as unknown as { name: string }[];
    return known.some(({ name }) => name.startsWith("process.")) && !known.some(({ name }) => name === "process.settings");
  }

  #arm(): void {
    if (this.#users === 0) return;
    this.#timer = setTimeout(() => {
      void this.look().then(() => this.#arm());
    }, ASK_EVERY_MS).unref();
  }

  async #ask(): Promise<void> {
    const stored = this.#source
      ? await this.#source(this.#version)
      : await this.#broker.call<StoredSettings | null, object>("process.settings", { known: this.#version }, { timeout: ASK_TIMEOUT_MS });
    if (stored) this.#take(stored);
  }

  /** An answer that was overtaken by a newer one changes nothing. */
  #take({ version, stored }: StoredSettings): void {
    if (version <= this.#version) return;
    const changed: Partial<Record<LiveName, unknown>> = {};
    for (const [key, text] of Object.entries(stored)) {
      const setting = liveSetting(key);
      try {
        if (setting) changed[setting.name] = parseLive(setting, text);
      } catch {
        // Another version of the platform has stored it, which knows more: the environment's value holds here.
        this.#broker.logger.warn("a stored setting is not understood by this version", { alert: "SETTING_NOT_UNDERSTOOD", key });
      }
    }
    this.#changed = changed;
    this.#version = version;
    this.#broker.logger.info("settings are in force", { settingsVersion: version });
  }

  /** The owner's collections go before its last asking is over. */
  #stopping(): boolean {
    return (this.#broker as ServiceBroker & { stopping?: boolean }).stopping === true;
  }

  #complain(error: unknown): void {
    if (this.#stopping()) return;
    if (!this.#unreachable) this.#broker.logger.warn("the settings cannot be asked for now, those known stay in force", { alert: "SETTINGS_UNREACHABLE", fault: faultOf(error) });
    this.#unreachable = true;
  }
}

const OF_BROKER = new WeakMap<ServiceBroker, SettingsInForce>();

/** The node's. */
export function settingsOf(broker: ServiceBroker): SettingsInForce {
  const known = OF_BROKER.get(broker) ?? new SettingsInForce(broker);
  OF_BROKER.set(broker, known);
  return known;
}

/** What a service with the mixin has. */
export interface ByLiveSettings {
  inForce: SettingsInForce;
}

type LiveService = Service & ByLiveSettings;

/**
 * Mixin for a service that goes by settings which may change while it runs: `this.inForce.value(…)` at the moment of use. The service is
 * not offered to others before the stored settings are known here.
 */
export function settingsInForce(): Partial<ServiceSchema> {
  return {
    events: {
      [SETTINGS_CHANGED]: {
        handler(this: LiveService) {
          return this.inForce.look();
        },
      },
    },
    created(this: LiveService) {
      this.inForce = settingsOf(this.broker);
    },
    started(this: LiveService) {
      return this.inForce.begin();
    },
    stopped(this: LiveService) {
      this.inForce.end();
    },
  } as unknown as Partial<ServiceSchema>;
}

import type { Logger } from "moleculer";
import type { ActiveRows } from "./active-rows.ts";
import type { Steps } from "./steps.ts";
import type { Versions } from "./versions.ts";

/** What the work of the template service needs. */
export interface TemplateDesk {
  versions: Versions;
  steps: Steps;
  activeRows: ActiveRows;
  logger: Logger;
  /** Milliseconds. */
  now(): number;
  /** A step was stored: this node and the others look again. */
  changed(): Promise<void>;
  /** Calls another service's action within `timeoutMs`. */
  call<T>(action: string, params: unknown, timeoutMs: number): Promise<T>;
}

import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An append-only file of JSON lines: what the other companies remember when the platform's process is killed. */
export interface Journal<T> {
  /** Writes one entry before returning, so that nothing is answered that a restart would forget. */
  append(entry: T): void;
  clear(): void;
}

/**
 * Opens the journal in `directory`, made when absent and readable by its owner only, and replays it.
 * A torn last line, left by a kill in the middle of a write, was never answered: it is cut off.
 * @param replay is given each entry, oldest first
 */
export function openJournal<T>(directory: string, replay: (entry: T) => void): Journal<T> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "state.jsonl");
  writeFileSync(path, "", { flag: "a", mode: 0o600 });
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) truncateSync(path, whole);
  for (const line of bytes.subarray(0, whole).toString("utf8").split("\n")) if (line) replay(JSON.parse(line) as T);
  return {
    append: (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`),
    clear: () => truncateSync(path, 0),
  };
}

/** What may be said in a log about an error that nobody foresaw. */
export interface Fault {
  name: string;
  /** The catalogue's code or the system's error code, where it has one. */
  code: string | null;
  /** Where it was thrown, innermost first. */
  frames: string[];
}

/**
 * Describes an error for the log. Its message is left out on purpose: a driver or a parser may have put a mobile number,
 * a name or a token into it.
 */
export function faultOf(error: unknown): Fault {
  const { name, type, code, stack } = Object(error) as { name?: unknown; type?: unknown; code?: unknown; stack?: unknown };
  const known = [type, code].find((value) => typeof value === "string" && /^[A-Z][A-Z0-9_]{0,63}$/.test(value));
  const frames = typeof stack === "string" ? stack.split("\n").map((line) => line.trim()).filter((line) => /^at .+:\d+:\d+\)?$/.test(line)) : [];
  return { name: typeof name === "string" ? name : typeof error, code: (known as string | undefined) ?? null, frames: frames.slice(0, 5) };
}

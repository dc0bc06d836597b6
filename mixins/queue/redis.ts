import { Redis, type RedisOptions } from "ioredis";

/** Bull waits for a job this long, in seconds, before it asks again: a connection silent for longer is dead. */
export const BLOCKS_FOR_SECONDS = 5;

/** A wake-up that Redis has not taken by then is done without it. */
const COMMAND_TIMEOUT_MS = 2_000;

/** The roles that Bull gives its connections. */
export type Role = "client" | "bclient" | "subscriber";

const EVERYWHERE: RedisOptions = {
  connectTimeout: COMMAND_TIMEOUT_MS,
  keepAlive: 10_000,
  disableClientInfo: true,
  retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 2_000),
};

/** Bull's own rule for those two: no check whether Redis is ready, and a command is repeated until it is answered. */
const PATIENT: RedisOptions = { ...EVERYWHERE, enableReadyCheck: false, maxRetriesPerRequest: null };

const OPTIONS: Readonly<Record<Role, RedisOptions>> = {
  // Says no at once when Redis is away, and hangs up on one that is there and says nothing; it is used again once it is ready.
  client: { ...EVERYWHERE, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS, socketTimeout: COMMAND_TIMEOUT_MS },
  bclient: { ...PATIENT, socketTimeout: 2 * BLOCKS_FOR_SECONDS * 1_000 },
  subscriber: PATIENT,
};

/** Makes Bull's connections to `url`. They come back by themselves until they are disconnected. */
export const connecting = (url: string) => (role: Role): Redis => {
  const redis = new Redis(url, OPTIONS[role]);
  // Whoever looks at the state of the connection says it aloud; without any listener the client would write to the console.
  redis.on("error", () => undefined);
  // The client leaves the timer of a closed connection running: it would close the next one, or hold up the end of the process.
  redis.on("close", () => {
    const timed = redis as unknown as { socketTimeoutTimer: NodeJS.Timeout | undefined };
    clearTimeout(timed.socketTimeoutTimer);
    timed.socketTimeoutTimer = undefined;
  });
  return redis;
};

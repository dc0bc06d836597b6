import { missing } from "../../scripts/servers/install.ts";
import { alive } from "../../scripts/servers/process-identity.ts";
import { missingS3 } from "../../scripts/servers/s3.ts";
import type { ServerKind, ServerProcess } from "../../scripts/servers/server-process.ts";
import { STARTERS } from "../../scripts/servers/start.ts";
import { SETTING, startedServers } from "../../scripts/servers/state-file.ts";

/** Set by the CI: a suite whose servers cannot be had fails instead of being skipped. */
const REQUIRED = process.env["TEST_SERVERS"] === "required";

export interface Urls {
  mongoUri?: string;
  natsUrl?: string;
  redisUrl?: string;
}
const NAME = { mongo: "mongoUri", nats: "natsUrl", redis: "redisUrl" } as const satisfies Record<ServerKind, keyof Urls>;

/** The servers that run already: named in the environment, or started by `npm run servers -- start`. */
export function servers(): Urls {
  const urls: Urls = {};
  for (const kind of Object.keys(NAME) as ServerKind[]) {
    const url = process.env[SETTING[kind]] || startedServers().find((server) => server.kind === kind && alive(server))?.url;
    if (url) urls[NAME[kind]] = url;
  }
  return urls;
}

const describeUnless = (lacking: string[], title: string, body: () => void): void => {
  if (lacking.length === 0) return void describe(title, body);
  const message = `"${title}" needs ${lacking.join(", ")}: get it by \`npm run servers -- install\``;
  if (REQUIRED) {
    test(`${title}: its servers are there`, () => {
      throw new Error(message);
    });
    return;
  }
  process.stderr.write(`skipped: ${message}\n`);
  describe.skip(title, body);
};

/**
 * A suite on servers that others may use as well: it takes names of its own for databases, subjects and keys, and stops none. Those
 * of servers() if they run; otherwise each suite has its own. Loudly skipped when they are not installed.
 * @param body gets the URLs, which are there from beforeAll on
 */
export function describeWith(kinds: ServerKind[], title: string, body: (urls: Required<Urls>) => void): void {
  const running = servers();
  const toStart = kinds.filter((kind) => !running[NAME[kind]]);
  describeUnless(toStart.flatMap(missing), title, () => {
    const urls = { ...running } as Required<Urls>;
    const own: ServerProcess[] = [];
    beforeAll(async () => {
      for (const kind of toStart) {
        const server = await STARTERS[kind]();
        own.push(server);
        urls[NAME[kind]] = server.url;
      }
    }, 60_000);
    afterAll(async () => {
      await Promise.all(own.map((server) => server.stop()));
    }, 30_000);
    body(urls);
  });
}

/** The same for the S3 server, which is no server of the cluster's and is built rather than installed. */
export const describeWithOwnS3 = (title: string, body: () => void): void => describeUnless(missingS3(), title, body);

/** A suite that starts servers itself, to kill and pause them. Loudly skipped when they are not installed. */
export const describeWithOwn = (kinds: ServerKind[], title: string, body: () => void): void => describeUnless(kinds.flatMap(missing), title, body);

/** `npm run servers -- start|stop|status|env|install`: the servers of a cluster on loopback, for developers and CI. docs/test-servers.md */
import { rmSync } from "node:fs";
import { install, missing } from "./install.ts";
import { installS3 } from "./s3.ts";
import { answers } from "./ping.ts";
import { alive, end } from "./process-identity.ts";
import type { ServerKind } from "./server-process.ts";
import { STARTERS } from "./start.ts";
import { alone, KINDS, SETTING, startedServers, writeStarted, type StartedServer } from "./state-file.ts";

const COMMANDS: Record<string, () => Promise<number>> = { start: () => alone(start), stop: () => alone(stop), status, env, install: installAll };

/** A server that is named in the environment is used as it is, and never touched. */
const given = (kind: ServerKind): string | undefined => process.env[SETTING[kind]] || undefined;
const ours = (): ServerKind[] => KINDS.filter((kind) => !given(kind));

async function installAll(): Promise<number> {
  install(ours());
  installS3();
  for (const kind of KINDS) console.error(`${kind}: ${given(kind) ? `given by ${SETTING[kind]}` : "installed"}`);
  console.error("s3: installed");
  return 0;
}

async function start(): Promise<number> {
  const wanted = ours();
  if (wanted.some((kind) => missing(kind).length > 0)) install(wanted);
  const begun = await Promise.allSettled(
    wanted.map(async (kind) => {
      const known = startedServers().find((server) => server.kind === kind);
      if (known && alive(known) && (await answers(kind, known.port))) return;
      if (known) await remove(known);
      const { pid, identity, url, port, dataDir } = await STARTERS[kind]({ outlives: true });
      writeStarted([...startedServers(), { kind, ...identity, url, port, dataDir }]);
      console.error(`${kind} started, process ${pid}`);
    }),
  );
  const failed = begun.filter((result) => result.status === "rejected");
  for (const { reason } of failed) console.error((reason as Error).message);
  await env();
  return failed.length > 0 ? 1 : 0;
}

async function stop(): Promise<number> {
  await Promise.all(startedServers().map(remove));
  return 0;
}

async function remove(server: StartedServer): Promise<void> {
  await end(server);
  rmSync(server.dataDir, { recursive: true, force: true });
  writeStarted(startedServers().filter(({ pid, born }) => pid !== server.pid || born !== server.born));
  console.error(`${server.kind} stopped, process ${server.pid}`);
}

/** One line a server; 1 when one of them is not at work. */
async function status(): Promise<number> {
  let bad = 0;
  for (const kind of KINDS) {
    const server = startedServers().find((known) => known.kind === kind);
    const state = given(kind) ? "given" : !server ? "not started" : !alive(server) ? "dead" : (await answers(kind, server.port)) ? "up" : "silent";
    if (state !== "up" && state !== "given") bad = 1;
    console.log([kind, state, ...(given(kind) || !server ? [] : [server.url, `process ${server.pid}`])].join("  "));
  }
  return bad;
}

/** Lines for .env or eval. A database's name is in the URI as the platform wants one. */
async function env(): Promise<number> {
  for (const kind of KINDS) {
    const url = given(kind) ?? startedServers().find((server) => server.kind === kind && alive(server))?.url;
    if (url) console.log(`${SETTING[kind]}=${kind === "mongo" && !given(kind) ? `${url}/esign` : url}`);
  }
  return 0;
}

const command = COMMANDS[process.argv[2] ?? ""];
if (!command) console.error(`usage: npm run servers -- ${Object.keys(COMMANDS).join("|")}`);
process.exitCode = command
  ? await command().catch((error: Error) => {
      console.error(error.message);
      return 1;
    })
  : 2;

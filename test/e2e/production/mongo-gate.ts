import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { mongo } from "mongoose";

const OP_MSG = 2013;
const OP_QUERY = 2004;
const HEADER = 16;
const UNAUTHORIZED = 13;
/** What each command needs of the collection it names, as MongoDB documents it; null is what every user may. */
const NEEDS: Record<string, string | null> = {
  find: "find", count: "find", aggregate: "find", insert: "insert", update: "update", delete: "remove",
  createIndexes: "createIndex", dropIndexes: "dropIndex", listIndexes: "listIndexes",
  hello: null, isMaster: null, ismaster: null, ping: null, getMore: null, killCursors: null, endSessions: null,
};

/** MongoDB's authorization in front of a server that has none: whoever comes by its port is that one user. */
export interface MongoGate {
  port: number;
  /** `command collection` of everything that was refused. */
  refused: string[];
  stop(): Promise<void>;
}

/** @param actions by collection, of the one database */
export async function startMongoGate(target: number, database: string, actions: Record<string, readonly string[]>): Promise<MongoGate> {
  const sockets = new Set<Socket>();
  const refused: string[] = [];
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: "127.0.0.1", noDelay: true });
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(one);
      one.on("error", () => one.destroy());
      one.on("close", () => (sockets.delete(one), other.destroy()));
    }
    upstream.pipe(client);
    let rest = Buffer.alloc(0);
    client.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= HEADER && rest.length >= rest.readInt32LE(0)) {
        const message = rest.subarray(0, rest.readInt32LE(0));
        rest = rest.subarray(message.length);
        const denied = refusalOf(message);
        if (denied === null) upstream.write(message);
        else {
          refused.push(denied);
          client.write(unauthorized(message.readInt32LE(4), denied));
        }
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  /** What is refused of it, null for nothing. */
  function refusalOf(message: Buffer): string | null {
    // The greeting of a driver that does not know the server yet.
    if (message.readInt32LE(12) === OP_QUERY) return null;
    const command = message.readInt32LE(12) === OP_MSG ? commandOf(message) : { unknown: message.readInt32LE(12) };
    const [[name, collection]] = Object.entries(command) as [[string, unknown]];
    const needed = NEEDS[name];
    const allowed = needed === null || (needed !== undefined && (command as { $db?: string }).$db === database && actions[String(collection)]?.includes(needed));
    return allowed ? null : `${name} ${String(collection)}`;
  }

  return {
    port: (server.address() as AddressInfo).port,
    refused,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The command of an OP_MSG: its section of kind 0, wherever that stands. */
function commandOf(message: Buffer): object {
  let at = HEADER + 4;
  while (message[at] !== 0) at += 1 + message.readInt32LE(at + 1);
  return mongo.BSON.deserialize(message.subarray(at + 1, at + 1 + message.readInt32LE(at + 1)));
}

function unauthorized(respondingTo: number, what: string): Buffer {
  const body = mongo.BSON.serialize({ ok: 0, errmsg: `not authorized to ${what}`, code: UNAUTHORIZED, codeName: "Unauthorized" });
  const head = Buffer.alloc(HEADER + 5);
  for (const [at, value] of [head.length + body.length, 1, respondingTo, OP_MSG].entries()) head.writeInt32LE(value, at * 4);
  return Buffer.concat([head, body]);
}

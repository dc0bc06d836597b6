import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Transform } from "node:stream";

/** A wire between client and server that can be cut and slowed. */
export interface Relay {
  port: number;
  /** Nothing passes and nothing is closed, as when a cable is pulled; new connections are accepted and silent. */
  cut(): void;
  /** What was held passes; nothing was lost. */
  heal(): void;
  /** Closes all connections hard; new ones are refused as long as `refuse` holds. */
  reset(refuse?: boolean): void;
  /** Delays what passes from now on, in milliseconds each way. */
  slow(delayMs: number): void;
  stop(): Promise<void>;
}

/** @param target the server's port on loopback */
export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const held = new Set<() => void>();
  let whole = true;
  let refusing = false;
  let delayMs = 0;

  const wire = (): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, pass) {
        const deliver = (): void => {
          if (whole) pass(null, chunk);
          else held.add(deliver);
        };
        if (delayMs > 0) setTimeout(deliver, delayMs);
        else deliver();
      },
    });

  const server = createServer({ noDelay: true }, (client) => {
    if (refusing) return void client.resetAndDestroy();
    const upstream = connect({ port: target, host: "127.0.0.1", noDelay: true });
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.pipe(wire()).pipe(to);
      from.on("error", () => from.destroy());
      from.on("close", () => {
        sockets.delete(from);
        // A cut hides even the other side's death.
        if (whole) to.destroy();
        else held.add(() => to.destroy());
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  const reset = (refuse = false): void => {
    refusing = refuse;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => void (whole = false),
    heal() {
      whole = true;
      refusing = false;
      const waiting = [...held];
      held.clear();
      for (const deliver of waiting) deliver();
    },
    reset,
    slow: (ms) => void (delayMs = ms),
    async stop() {
      whole = true;
      reset(true);
      server.close();
      await once(server, "close");
    },
  };
}

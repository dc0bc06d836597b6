import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A wire between client and server that can be cut and slowed. */
export interface Relay {
  port: number;
  /** Nothing passes and nothing is closed, as when a cable is pulled; new connections are accepted and silent. */
  cut(): void;
  /** What was held passes; nothing was lost. */
  heal(): void;
  /** Closes all connections hard; new ones are refused as long as `refuse` holds. */
  reset(refuse?: boolean): void;
  /** Delays what comes from now on, in milliseconds each way: a longer wire, not a narrower one. */
  slow(delayMs: number): void;
  /** Bytes that have passed, both ways together. */
  readonly passed: number;
  stop(): Promise<void>;
}

/** @param target the server's port on loopback */
export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const held = new Set<() => void>();
  let whole = true;
  let refusing = false;
  let delayMs = 0;
  let passed = 0;

  /** From one end to the other, in order. What waits when a cut is healed passes before its sender's end does. */
  const wire = (from: Socket, to: Socket): void => {
    const waiting: { chunk: Buffer; due: number }[] = [];
    let ended = false;
    const pass = (): void => {
      if (!whole) return void held.add(pass);
      for (let next = waiting[0]; next && next.due <= performance.now(); next = waiting[0]) {
        waiting.shift();
        passed += next.chunk.length;
        to.write(next.chunk);
      }
      const next = waiting[0];
      if (next) setTimeout(pass, Math.ceil(next.due - performance.now()));
      else if (ended) to.destroySoon();
    };
    from.on("data", (chunk: Buffer) => {
      waiting.push({ chunk, due: performance.now() + delayMs });
      // Those before it have set the clock.
      if (waiting.length === 1 || !whole) pass();
    });
    from.on("error", () => from.destroy());
    from.on("close", () => {
      sockets.delete(from);
      ended = true;
      // A cut hides even the other side's death.
      if (waiting.length === 0 || !whole) pass();
    });
  };

  const server = createServer({ noDelay: true }, (client) => {
    if (refusing) return void client.resetAndDestroy();
    const upstream = connect({ port: target, host: "127.0.0.1", noDelay: true });
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      wire(from, to);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  const reset = (refuse = false): void => {
    refusing = refuse;
    // A reset of one that is saying goodbye is refused by libuv, and Node then waits for its handle for ever when the process ends.
    for (const socket of sockets) void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy());
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
    get passed() {
      return passed;
    },
    async stop() {
      whole = true;
      reset(true);
      server.close();
      await once(server, "close");
    },
  };
}

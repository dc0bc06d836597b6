import { createServer, type AddressInfo, type Socket } from "node:net";

/** What a wallet puts on the wire once the request has come: text or bytes, the last one for ever when it is `endless`. */
export interface Script {
  head: string;
  endless?: string;
  /** Ends the connection after `head`. */
  close?: boolean;
}

/** A wallet that speaks bytes: it writes without regard for what HTTP allows and counts what it could get rid of. */
export async function rawWallet() {
  const state = { script: { head: "" } as Script, sent: 0, connections: 0, closed: 0 };
  const waiting: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    state.connections++;
    sockets.add(socket);
    const { head, endless, close } = state.script;
    const write = (text: string): boolean => {
      state.sent += text.length;
      return socket.write(text, "latin1");
    };
    socket.on("error", () => undefined);
    socket.once("close", () => {
      sockets.delete(socket);
      state.closed++;
      for (const tell of waiting.splice(0)) tell();
    });
    socket.once("data", () => {
      write(head);
      if (close) socket.end();
      const pour = (): void => {
        while (endless && !socket.destroyed && write(endless));
        if (endless && !socket.destroyed) socket.once("drain", pour);
      };
      pour();
    });
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    state,
    /** Has the next connections do so, with the counts at zero. */
    says(script: Script): void {
      Object.assign(state, { script, sent: 0, connections: 0, closed: 0 });
    },
    /** Resolves when every connection has been closed by the other side. */
    async hungUp(): Promise<void> {
      while (state.closed < Math.max(state.connections, 1)) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

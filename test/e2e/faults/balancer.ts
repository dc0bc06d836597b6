import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** What stands at PUBLIC_BASE_URL: passes each connection to the next gateway that accepts one. */
export interface Balancer {
  url: string;
  stop(): Promise<void>;
}

/** @param ports of the gateways, as they are at the moment of a connection */
export async function startBalancer(ports: () => number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const pass = (client: Socket, left: number[]): void => {
    const [port, ...others] = left;
    if (port === undefined || client.destroyed) return void client.destroy();
    const upstream = connect({ port, host: "127.0.0.1" });
    const refused = (): void => pass(client, others);
    upstream.once("error", refused);
    upstream.once("connect", () => {
      upstream.off("error", refused);
      keep(upstream);
      client.pipe(upstream).pipe(client);
      client.on("close", () => upstream.destroy());
      upstream.on("close", () => client.destroy());
    });
  };
  const server = createServer((client) => {
    keep(client);
    const all = ports();
    turn += 1;
    pass(client, [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)]);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

import mongoose from "mongoose";
import type { Socket } from "node:net";
import { watchMonitors } from "../../mixins/storage/mongo-monitors.ts";
import { describeWithOwn } from "../servers/available.ts";
import { startMongo } from "../../scripts/servers/start.ts";
import { until } from "../until.ts";

interface Inner {
  topology: { s: { servers: Map<string, { monitor: { connection: { socket: Socket } | null } }> } };
}

describeWithOwn(["mongo"], "the driver's checks of its server", () => {
  test("one that waits for a closed socket to drain is ended, and the next one finds the server", async () => {
    const server = await startMongo();
    const connection = await mongoose.createConnection(server.url, { heartbeatFrequencyMS: 500, connectTimeoutMS: 500, serverSelectionTimeoutMS: 60_000 }).asPromise();
    const client = connection.getClient();
    let stuck = 0;
    const stop = watchMonitors(client, () => (stuck += 1), 2_000);
    const monitor = () => [...(client as unknown as Inner).topology.s.servers.values()][0]!.monitor;
    await until("the server is checked on a connection of its own", () => monitor().connection !== null, { pauseMs: 20 });

    // As the driver finds a socket whose end has just been heard: nothing is taken, and nothing will ever drain.
    const { socket } = monitor().connection!;
    socket.write = () => false;
    await until("the check is stuck and ended", () => stuck === 1, { pauseMs: 50 });
    await new Promise((succeeded) => client.once("serverHeartbeatSucceeded", succeeded));
    expect(monitor().connection!.socket).not.toBe(socket);
    expect(await connection.db!.command({ ping: 1 })).toMatchObject({ ok: 1 });
    stop();
    await connection.close();
    await server.stop();
  });
});

import { connect } from "node:net";

/** One question to a server and what counts as its answer. */
interface Ping {
  /** Sent when the connection is there. */
  question?: Buffer;
  /** @returns what is to be said next, true when the server has answered, undefined when more is to come */
  heard(bytes: Buffer): Buffer | true | undefined;
}

/** A command of the MongoDB protocol (OP_MSG) whose values are integers and texts. */
export function mongoMessage(command: Record<string, number | string>): Buffer {
  const elements = Object.entries(command).map(([name, value]) => {
    const key = Buffer.from(`${typeof value === "number" ? "\x10" : "\x02"}${name}\0`);
    const bytes = Buffer.alloc(4);
    if (typeof value === "number") {
      bytes.writeInt32LE(value);
      return Buffer.concat([key, bytes]);
    }
    const text = Buffer.from(`${value}\0`);
    bytes.writeInt32LE(text.length);
    return Buffer.concat([key, bytes, text]);
  });
  const body = Buffer.concat([...elements, Buffer.from([0])]);
  const head = Buffer.alloc(25);
  head.writeInt32LE(25 + body.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(2013, 12);
  head.writeInt32LE(4 + body.length, 21);
  // The head's last four bytes are the document's own length.
  return Buffer.concat([head, body]);
}

const OK_ONE = Buffer.concat([Buffer.from("\x01ok\0"), Buffer.from(new Float64Array([1]).buffer)]);

export const PINGS = {
  mongo: { question: mongoMessage({ ping: 1, $db: "admin" }), heard: (bytes) => bytes.includes(OK_ONE) || undefined },
  nats: {
    heard: (bytes) => {
      const text = bytes.toString("latin1");
      // Who must show a password or a certificate gets no PONG: having introduced itself the server is at work.
      if (/^INFO .*"(auth|tls)_required":true/.test(text)) return true;
      if (/\r\nPONG\r\n/.test(text)) return true;
      return /^INFO [^\r]*\r\n$/.test(text) ? Buffer.from('CONNECT {"verbose":false}\r\nPING\r\n') : undefined;
    },
  },
  s3: { question: Buffer.from("GET / HTTP/1.0\r\n\r\n"), heard: (bytes) => bytes.toString("latin1").startsWith("HTTP/1.") || undefined },
  redis: { question: Buffer.from("*1\r\n$4\r\nPING\r\n"), heard: (bytes) => /^(\+PONG|-NOAUTH)/.test(bytes.toString("latin1")) || undefined },
} satisfies Record<string, Ping>;

/** Whether the server at this port answers its own protocol; an open port is no answer. */
export function answers(kind: keyof typeof PINGS, port: number, limitMs = 1_000): Promise<boolean> {
  const ping: Ping = PINGS[kind];
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let bytes = Buffer.alloc(0);
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(limitMs, () => done(false));
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("connect", () => ping.question && socket.write(ping.question));
    socket.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const next = ping.heard(bytes);
      if (next === true) done(true);
      else if (next) socket.write(next);
    });
  });
}

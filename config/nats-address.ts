export interface NatsTransporter {
  type: "NATS";
  options: { servers: string[]; user?: string; pass?: string; tls?: { caFile?: string } } & typeof LASTING;
}

/** What the client does about a server that is away; times in ms. */
const LASTING = {
  // A server that is away for an hour is found again without a restart, and one that refuses the password until its file is right too.
  maxReconnectAttempts: -1,
  ignoreAuthErrorAbort: true,
  reconnectTimeWait: 1_000,
  // To one server with all; then the next one's turn comes.
  timeout: 5_000,
  // A server that is frozen, or behind a cut cable, is given up after three seconds: before the nodes would give up each other.
  pingInterval: 1_000,
  maxPingOut: 2,
};

/** Schemes that insist on TLS: a server that does not offer it is refused before the password is sent. */
const TLS_SCHEMES = ["tls:", "nats+tls:"];

/**
 * What TRANSPORTER says, as the framework's NATS transporter takes it. The framework itself knows `nats://` only, would drop TLS and
 * would send a password with its percent signs.
 * @param address `nats|nats+tls|tls://[user:password@]host[:port][?ca=FILE]`, or several of them with commas between; user, password
 * and `ca`, a PEM file with the authority to trust in place of the public ones, are those of the first that has them
 */
export function natsTransporter(address: string): NatsTransporter {
  const urls = address.split(",").map((part) => new URL(part.trim()));
  const first = (read: (url: URL) => string | null): string | undefined => urls.map(read).find(Boolean) ?? undefined;
  const user = first((url) => decodeURIComponent(url.username));
  const pass = first((url) => decodeURIComponent(url.password));
  const caFile = first((url) => url.searchParams.get("ca"));
  const tls = caFile !== undefined || urls.some((url) => TLS_SCHEMES.includes(url.protocol));
  return {
    type: "NATS",
    options: {
      servers: urls.map((url) => url.host),
      ...(user !== undefined && { user }),
      ...(pass !== undefined && { pass }),
      ...(tls && { tls: caFile === undefined ? {} : { caFile } }),
      ...LASTING,
    },
  };
}

/**
 * A node's name. Behind its user at NATS, if it has one: users may only hear what is sent to names that begin with theirs
 * (deploy/nats/permissions.ts). Between dots NATS counts, so the rest has none.
 * @param address TRANSPORTER, if there is one
 * @param random new at each start: a node that comes back is another node, and its old leases are not its own
 */
export function nodeName(address: string | undefined, host: string, random: string): string {
  const name = `${host.replaceAll(/[^A-Za-z0-9_-]/g, "-")}-${random}`;
  const user = address === undefined ? undefined : natsTransporter(address).options.user;
  return user === undefined ? name : `${user}.${name}`;
}

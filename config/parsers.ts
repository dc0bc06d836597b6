import ipaddr from "ipaddr.js";
import ms from "ms";
import { ADMIN_ROLES, type AdminRole } from "../contract/operator.ts";

/** Turns a setting's text into its value or throws an Error whose message says what is expected, never what was given. */
export type Parser<T> = (text: string) => T;

/** A key of a rotation list: `kid:base64` of at least 32 bytes. */
export interface RotatingKey {
  kid: string;
  key: Buffer;
}
export interface Rate {
  count: number;
  perMs: number;
}

export const string: Parser<string> = (text) => text;

export const integer: Parser<number> = (text) => {
  if (!/^\d{1,9}$/.test(text)) throw new Error("expected a whole number");
  return Number(text);
};

export const port: Parser<number> = (text) => {
  const value = integer(text);
  if (value > 65535) throw new Error("expected a port between 0 and 65535");
  return value;
};

export const portOrOff: Parser<number | null> = (text) => (text === "off" ? null : port(text));

export const onOff: Parser<boolean> = (text) => {
  if (["on", "true", "1"].includes(text)) return true;
  if (["off", "false", "0"].includes(text)) return false;
  throw new Error("expected on or off");
};

export const oneOf =
  <const T extends string>(...allowed: T[]): Parser<T> =>
  (text) => {
    if (!(allowed as string[]).includes(text)) throw new Error(`expected one of ${allowed.join(", ")}`);
    return text as T;
  };

/** `24h`, `30s`, `500ms` → milliseconds. */
export const duration: Parser<number> = (text) => {
  if (!/^\d{1,9}(ms|s|m|h|d)$/.test(text)) throw new Error("expected a duration such as 24h, 30s or 500ms");
  return ms(text as ms.StringValue);
};

export const durations: Parser<number[]> = (text) => text.split(",").map((part) => duration(part.trim()));

/** Timers of one counter go no further. */
const LONGEST_RATE_MS = 24 * 86_400_000;

/** `60/m`, `10/24h` or `off`. */
export const rate: Parser<Rate | null> = (text) => {
  if (text === "off") return null;
  const match = /^(\d{1,6})\/(\d{0,9}(?:ms|s|m|h|d))$/.exec(text);
  if (!match) throw new Error("expected N/duration such as 60/m, or off");
  const [, count, per] = match as unknown as [string, string, string];
  const read = { count: Number(count), perMs: duration(/^\d/.test(per) ? per : `1${per}`) };
  if (read.count === 0 || read.perMs === 0) throw new Error("expected at least 1 in more than no time, or off");
  if (read.perMs > LONGEST_RATE_MS) throw new Error("expected a duration of at most 24d");
  return read;
};

export const httpUrl: Parser<string> = (text) => {
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol)) throw new Error("expected an http or https URL");
  if (url.username || url.password || text.includes("#")) throw new Error("expected a URL without user, password and fragment");
  return text;
};

/** By the rules for new buckets. */
export const bucketName: Parser<string> = (text) => {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text)) throw new Error("expected a bucket's name: 3 to 63 small letters, digits, dots and hyphens");
  return text;
};

/** A URL that paths are put behind. */
export const baseUrl: Parser<string> = (text) => {
  const url = httpUrl(text);
  if (url.includes("?")) throw new Error("expected a URL without query");
  return url.replace(/\/+$/, "");
};

/**
 * A server's address, by its scheme: `nats://…`. Everything behind the scheme is for its client to judge; of several hosts with commas
 * between, which no URL may have, the first must be one of a URL.
 */
export const address =
  (...schemes: string[]): Parser<string> =>
  (text) => {
    if (!schemes.some((scheme) => text.startsWith(`${scheme}://`) && URL.canParse(text.replace(/,[^/?]*/, "")))) {
      throw new Error(`expected an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`);
    }
    return text;
  };

export const cidrs: Parser<string[]> = (text) =>
  text.split(",").map((part) => {
    const cidr = part.trim();
    try {
      ipaddr.parseCIDR(cidr);
    } catch {
      throw new Error("expected CIDRs such as 10.0.0.0/8, separated by commas");
    }
    return cidr;
  });

/** A comma list of some of the given names, none twice; `none` is the empty list. */
export const someOf =
  <const T extends string>(...allowed: readonly T[]): Parser<T[]> =>
  (text) => {
    if (text === "none") return [];
    const names = text.split(",").map((part) => part.trim());
    if (!names.every((name): name is T => (allowed as readonly string[]).includes(name))) {
      throw new Error(`expected names out of ${allowed.join(", ")}, separated by commas`);
    }
    return [...new Set(names)];
  };

export const rotatingKeys: Parser<RotatingKey[]> = (text) => {
  const keys = text.split(",").map((part, at) => {
    const match = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/=_-]+)$/.exec(part.trim());
    if (!match) throw new Error("expected kid:base64, separated by commas");
    const key = Buffer.from(match[2]!, "base64");
    if (key.length < 32) throw new Error(`key ${at + 1} has fewer than 32 bytes`);
    return { kid: match[1]!, key };
  });
  if (new Set(keys.map((key) => key.kid)).size !== keys.length) throw new Error("the same kid stands twice");
  return keys;
};

/** An administrator's key: what its holder is called, the lower-case hex SHA-256 of the bearer token, and what the holder may do. */
export interface AdminKey {
  name: string;
  sha256: string;
  roles: AdminRole[];
}

/** `name:sha256hex`, comma list, each with `:role+role` behind it where its holder is not to have all roles. */
export const adminKeys: Parser<AdminKey[]> = (text) => {
  const keys = text.split(",").map((part) => {
    const match = /^([A-Za-z0-9_.-]{1,64}):([0-9a-f]{64})(?::([a-z+]+))?$/.exec(part.trim());
    if (!match) throw new Error("expected name:sha256hex or name:sha256hex:role+role, separated by commas");
    return { name: match[1]!, sha256: match[2]!, roles: rolesOf(match[3]) };
  });
  // Nor in another case: Ann and ann would be two people to the four eyes and one to whoever reads the audit.
  if (new Set(keys.map((key) => key.name.toLowerCase())).size !== keys.length) throw new Error("the same name stands twice");
  // Two names for one token would let its holder approve what the holder has written.
  if (new Set(keys.map((key) => key.sha256)).size !== keys.length) throw new Error("the same token stands under two names");
  return keys;
};

function rolesOf(text: string | undefined): AdminRole[] {
  const given = text?.split("+") ?? ADMIN_ROLES;
  if (!given.every((role): role is AdminRole => (ADMIN_ROLES as readonly string[]).includes(role))) throw new Error(`expected roles out of ${ADMIN_ROLES.join(", ")}, with + between`);
  return ADMIN_ROLES.filter((role) => given.includes(role));
}

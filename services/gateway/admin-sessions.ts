import { createHash, randomBytes } from "node:crypto";
import type { AdminKey } from "../../config/admin-keys.ts";
import { clock } from "../../mixins/clock.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { AdminSession } from "./admin-session.model.ts";

/** Nobody sits at the desk any more. */
export const IDLE_MS = 30 * 60_000;
/** A working day. */
export const LONGEST_MS = 8 * 3_600_000;
/** A use is written down that often, so that a session may end that much before its 30 minutes. */
const NOTED_EVERY_MS = 60_000;
const TOKEN = /^ses_[A-Za-z0-9_-]{43}$/;

/** A session that is open, and the key behind it as it is now. */
export interface OpenSession {
  session: AdminSession;
  key: AdminKey;
}
/** The sessions of the administration: in the database, so that each gateway knows all of them. */
export interface AdminSessions {
  /** Opens one for the holder of the key. @returns the token, which is nowhere else */
  open(key: AdminKey): Promise<{ token: string; session: AdminSession }>;
  /** The session of the token, its idle time begun anew; null for one that has ended, whose key is gone, or that there never was. */
  use(token: string): Promise<OpenSession | null>;
  /** Ends it, on every gateway; twice is once. */
  close(id: string): Promise<void>;
  /** Ids of those that have ended, oldest first: what the sweep forgets. */
  ended(now: number, limit: number): Promise<string[]>;
  /** Forgets one, unless it was used in between. */
  forget(id: string): Promise<void>;
}

/** Whether a bearer token has the form of a session's. */
export const isSessionToken = (token: string): boolean => TOKEN.test(token);

/**
 * @param keys the administrators' keys as they are configured: a session lives by its key, with the key's present roles
 */
export function adminSessions(sessions: Collection<AdminSession>, keys: readonly AdminKey[]): AdminSessions {
  const keyOf = (session: AdminSession): AdminKey | undefined => keys.find((key) => key.name === session.name && printOf(key) === session.keyPrint);
  return {
    async open(key) {
      const token = `ses_${randomBytes(32).toString("base64url")}`;
      const now = clock.now();
      const endsAt = now + LONGEST_MS;
      const session = await sessions.insert({ _id: idOf(token), name: key.name, keyPrint: printOf(key), usedAt: new Date(now), goneAt: goneAt(now, endsAt), endsAt: new Date(endsAt) });
      return { token, session };
    },

    async use(token) {
      if (!isSessionToken(token)) return null;
      const known = await sessions.get(idOf(token));
      const now = clock.now();
      const key = known && keyOf(known);
      if (!key || known.goneAt.getTime() <= now) return null;
      if (now - known.usedAt.getTime() < NOTED_EVERY_MS) return { session: known, key };
      const noted = await sessions.replaceIfVersion({ ...known, usedAt: new Date(now), goneAt: goneAt(now, known.endsAt.getTime()) });
      // Somebody else was faster: another call of the same session has noted its use, or it has been closed.
      const session = noted ?? (await sessions.get(known._id));
      return session && { session, key };
    },

    async close(id) {
      for (;;) {
        const known = await sessions.get(id);
        if (!known || (await sessions.removeIfVersion(known))) return;
      }
    },

    async ended(now, limit) {
      return (await sessions.find({ goneAt: { $lte: new Date(now) } }, { sort: ["goneAt"], limit })).map((session) => session._id);
    },

    async forget(id) {
      const session = await sessions.get(id);
      if (session && session.goneAt.getTime() <= clock.now()) await sessions.removeIfVersion(session);
    },
  };
}

const goneAt = (now: number, endsAt: number): Date => new Date(Math.min(now + IDLE_MS, endsAt));
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const idOf = (token: string): string => sha256(token);
/** Names the key without being of use to whoever looks for its token. */
const printOf = (key: AdminKey): string => sha256(`admin key ${key.sha256}`).slice(0, 32);

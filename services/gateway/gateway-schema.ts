import type { Server } from "node:http";
import { join } from "node:path";
import type { Context, Service, ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { AdminKey } from "../../config/admin-keys.ts";
import type { Callers } from "../../config/callers.ts";
import type { Config } from "../../config/index.ts";
import { failure } from "../../contract/errors.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { collections } from "../../mixins/collection.ts";
import { clock } from "../../mixins/clock.ts";
import { faultOf } from "../../mixins/fault.ts";
import { rateLimit } from "../../mixins/rate-limit.ts";
import { settingsInForce, type ByLiveSettings } from "../../mixins/settings-in-force.ts";
import { sweep } from "../../mixins/sweep.ts";
import { logWhenOver } from "./access-log.ts";
import { adminSessionModel, type AdminSession } from "./admin-session.model.ts";
import { adminSessions, type AdminSessions } from "./admin-sessions.ts";
import { administration } from "./administration.ts";
import { beginAudit, endAudit, type Audit } from "./audit.ts";
import { auditEndModel, auditModel, type AuditEnd, type AuditRecord } from "./audit.model.ts";
import { callbackRoutes } from "./callback.routes.ts";
import { clientAddress } from "./client-address.ts";
import { consoleRoutes } from "./console.routes.ts";
import { beginAnswer, sendRefusal } from "./envelope.ts";
import { header, type Draining, type GatewayRequest, type GatewayResponse } from "./exchange.ts";
import type { AuditedCall } from "./gateway.api.ts";
import { createHttpServer } from "./http-server.ts";
import { nonceModel, type Nonce } from "./nonce.model.ts";
import { agedNonces, forgetNonce, nonceUsed, useNonce } from "./nonces.ts";
import { assetFiles, publicRoutes } from "./public.routes.ts";
import { readiness, type Readiness } from "./readiness.ts";
import { refusalOf } from "./refusal.ts";
import { signerRoutes } from "./signer.routes.ts";
import { walletRoutes } from "./wallet.routes.ts";

export interface GatewayParts {
  config: Pick<Config, "port" | "host" | "production" | "trustedProxies" | "transporter" | "redisUrl" | "dataDir" | "fieldEncryptionKey" | "h5Rate">;
  callers(): Callers;
  /** Who administers; none switches the administration off: its routes are not there. */
  adminKeys?(): readonly AdminKey[];
}
interface Alias {
  isMethod(method: string): boolean;
  match(url: string): Record<string, string> | false;
}
interface GatewayThis extends Service, Draining, ByLiveSettings {
  collections: { nonces: Collection<Nonce>; audits: Collection<AuditRecord>; auditEnds: Collection<AuditEnd>; adminSessions: Collection<AdminSession> };
  audit: Audit;
  sessions: AdminSessions;
  server: Server;
  aliases: Alias[];
  ready: { at: number; answer: Promise<Readiness> } | undefined;
  closing: NodeJS.Timeout | undefined;
  closeInTime(): void;
  httpHandler(req: GatewayRequest, res: GatewayResponse): Promise<void>;
  sendError(req: GatewayRequest, res: GatewayResponse, error: unknown): void;
  readiness(): Promise<Readiness>;
  addRoute(route: Record<string, unknown>): void;
}

const PRUNE_EVERY_MS = 60_000;
/** In front of the ids of sessions among those of the sweep; no nonce begins like this, since a caller's code has no space. */
const SESSION = "session ";
const DRAIN_MS = 10_000;
/** Anybody may ask for the readiness: the parts are asked once a second at most. */
const READINESS_LIFE_MS = 1_000;
const PAGE_FOLDER = join(import.meta.dirname, "../../public-h5");
const CONSOLE_FOLDER = join(import.meta.dirname, "../../public-admin");

/**
 * The gateway's schema.
 * @param parts the settings it needs and who may call
 */
export function gatewaySchema(parts: GatewayParts): ServiceSchema {
  const { config } = parts;
  return {
    name: "gateway",
    mixins: [
      // In this order it listens before it is connected, and can say that the database is down; and before it knows the settings.
      settingsInForce(),
      collections({ nonces: nonceModel, audits: auditModel, auditEnds: auditEndModel, adminSessions: adminSessionModel }, config),
      ApiGateway,
      sweep<GatewayThis>({
        every: PRUNE_EVERY_MS,
        async due(now, limit) {
          const ended = (await this.sessions.ended(now, limit)).map((id) => SESSION + id);
          return [...ended, ...(await agedNonces(this.collections.nonces, now, limit))].slice(0, limit);
        },
        handle(id) {
          return id.startsWith(SESSION) ? this.sessions.forget(id.slice(SESSION.length)) : forgetNonce(this.collections.nonces, id);
        },
      }),
    ],
    settings: {
      port: config.port,
      ip: config.host,
      // Not a list: for an empty one moleculer-web would open a route to every action.
      routes: null,
      cors: null,
      logRequest: null,
      logRequestParams: null,
      logResponse: null,
      logRouteRegistration: null,
    },
    actions: {
      // For the sandbox and the bench, which run in this process; nobody adds a route over the bus.
      addRoute: { visibility: "protected" },
      removeRoute: { visibility: "protected" },
      listAliases: false,
      // Its own readiness asks, and nobody else.
      ping: { visibility: "protected" },

      /** The console's operations stand in the same audit as the administration's. */
      beginAudit(this: GatewayThis, ctx: Context<AuditedCall>) {
        return beginAudit(this.audit, ctx.params);
      },
      endAudit(this: GatewayThis, ctx: Context<{ id: string; outcome: string }>) {
        return endAudit(this.audit, ctx.params.id, ctx.params.outcome);
      },
    },
    methods: {
      createServer(this: GatewayThis) {
        this.server = createHttpServer((req, res) => void this.httpHandler(req as GatewayRequest, res as GatewayResponse));
      },

      /** Every request passes here, whatever becomes of it. */
      async httpHandler(this: GatewayThis, req: GatewayRequest, res: GatewayResponse) {
        const requestID = beginAnswer(res);
        if (this.draining) res.shouldKeepAlive = false;
        logWhenOver(req, res, this.logger);
        try {
          // moleculer-web would run the action that an OPTIONS request names.
          const taken = req.method === "OPTIONS" ? null : await this.actions["rest"]!({ req, res }, { requestID });
          if (taken === null || taken === undefined) throw failure("NOT_FOUND");
        } catch (error) {
          this.sendError(req, res, error);
        }
      },

      sendError(this: GatewayThis, req: GatewayRequest, res: GatewayResponse, error: unknown) {
        if (req.$route?.onError) return req.$route.onError.call(this, req, res, error);
        const refused = refusalOf(error);
        if (refused.code === "INTERNAL_ERROR") {
          this.logger.error("a request failed for an unforeseen reason", { alert: "INTERNAL_ERROR", fault: faultOf(error), traceId: res.traceId });
        } else if (refused.code === "SERVICE_UNAVAILABLE") {
          this.logger.warn("a request could not be served now", { type: (error as { type?: unknown }).type, traceId: res.traceId });
        }
        sendRefusal(res, refused);
      },

      /** moleculer-web's, except that HEAD is like GET (CONTRACT.md §2). */
      resolveAlias(this: GatewayThis, url: string, method = "GET") {
        const wanted = method === "HEAD" ? "GET" : method;
        for (const alias of this.aliases) {
          const params = alias.isMethod(wanted) && alias.match(url);
          if (params) return { alias, params };
        }
        return false;
      },

      /** The query is read by who needs it. A trailing slash is doubled, since moleculer-web takes one away and then matches. */
      parseQueryString(req: GatewayRequest) {
        const mark = req.url!.indexOf("?");
        const url = mark < 0 ? req.url! : req.url!.slice(0, mark);
        return { query: {}, url: url.length > 1 && url.endsWith("/") ? `${url}/` : url };
      },

      /** One answer for all who ask within a second. */
      readiness(this: GatewayThis): Promise<Readiness> {
        const now = performance.now();
        if (!this.ready || now - this.ready.at > READINESS_LIFE_MS) this.ready = { at: now, answer: readiness(this.broker, config, (options) => this.actions["ping"]!({}, options)) };
        return this.ready.answer;
      },

      /** Whoever holds a connection longer than that does not hold up the stop. */
      closeInTime(this: GatewayThis) {
        this.closing ??= setTimeout(() => this.server.closeAllConnections(), DRAIN_MS).unref();
      },

      /**
       * Takes no new calls and resolves when the running ones are answered, or when the time for that is over. Goes on
       * listening, since a running call may need the sandbox's routes.
       */
      async drain(this: GatewayThis): Promise<void> {
        this.draining = true;
        this.closeInTime();
        for (const res of this.open) {
          res.shouldKeepAlive = false;
          // A request that is still being sent was not acknowledged; waiting for a slow sender could outlast the supervisor's patience.
          if (!res.req.complete) res.req.destroy();
        }
        await Promise.all([...this.open].map((res) => new Promise((resolve) => res.on("close", resolve))));
      },
    },
    created(this: GatewayThis) {
      this.open = new Set();
      this.draining = false;
      const { nonces, audits, auditEnds, adminSessions: sessions } = this.collections;
      this.audit = { records: audits, ends: auditEnds, logger: this.logger };
      const addressOf = clientAddress(config.trustedProxies);
      const address = (req: GatewayRequest) => addressOf(req.socket.remoteAddress, header(req, "x-forwarded-for"));
      const adminKeys = parts.adminKeys?.() ?? [];
      this.sessions = adminSessions(sessions, adminKeys);
      const wallet = {
        production: config.production,
        callers: parts.callers,
        nonceUsed: (caller: string, keyId: string, nonce: string) => nonceUsed(nonces, caller, keyId, nonce),
        useNonce: (caller: string, keyId: string, nonce: string) => useNonce(nonces, caller, keyId, nonce),
      };
      for (const route of [
        walletRoutes(wallet),
        signerRoutes({ addressOf: address, rate: rateLimit(() => this.inForce.value("h5Rate", config.h5Rate), clock.now) }),
        callbackRoutes(wallet, this.logger),
        ...administration({ keys: adminKeys, sessions: this.sessions, audit: this.audit, addressOf: address, logger: this.logger }),
        ...publicRoutes({ pageFolder: PAGE_FOLDER, readiness: () => this.readiness() }),
        assetFiles("page-files", "/h5/assets/", PAGE_FOLDER),
        ...(adminKeys.length ? consoleRoutes(CONSOLE_FOLDER) : []),
      ]) {
        this.addRoute(route);
      }
    },
    started(this: GatewayThis) {
      parts.callers().onBadFile((problems) => this.logger.error("CALLERS_FILE is bad, the callers stay as they were", { alert: "CALLERS_FILE_INVALID", problems }));
    },
    stopped(this: GatewayThis) {
      this.draining = true;
      this.closeInTime();
    },
  } as unknown as ServiceSchema;
}

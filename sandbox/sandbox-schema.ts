import type { Service, ServiceSchema } from "moleculer";
import type { ServerResponse } from "node:http";
import { isoSeconds } from "../contract/time.ts";
import { clock } from "../mixins/clock.ts";
import { Books, type Verification } from "./books.ts";
import { callerHeaders } from "./caller-keys.ts";
import { DEFAULT_PATIENCE, deliver, type Patience } from "./delivery.ts";
import { sandboxRoute } from "./routes.ts";
import { resultOf, VerificationSystem } from "./verification-system.ts";

export interface SandboxOptions {
  /** Where the stand-ins keep what they remember: outside DATA_DIR, for it holds mobiles. */
  stateDir: string;
  /** Prefix of the links that people open. */
  publicBaseUrl: string;
  /** Address the gateway listens on. */
  host: string;
  callersFile: string;
  patience?: Patience;
}

interface SandboxThis extends Service {
  books: Books;
  closing: AbortController;
  held: Set<ServerResponse>;
  tellResult(verification: Verification): void;
  sendReceipt(url: string, messageId: string): void;
}

/** The stand-ins of SMS gateway, verification system and wallet, on the gateway of the same process (CONTRACT.md §2.6). */
export const sandboxService = (options: SandboxOptions): ServiceSchema =>
  ({
    name: "sandbox",

    methods: {
      /** Brings a result to the platform (§2.1.3), in the background and again until it is acknowledged. */
      tellResult(this: SandboxThis, verification: Verification) {
        const { callbackUrl: url, callbackToken, processId, verificationId } = verification;
        const body = JSON.stringify({ ...resultOf(verification), processId });
        const headers = () => ({
          ...callerHeaders(options.callersFile, { systemCode: "AUTH", businessId: "", url, body }),
          "X-Callback-Token": callbackToken,
        });
        void deliver(url, body, headers, options.patience ?? DEFAULT_PATIENCE, this.closing.signal).then((told) => {
          const now = this.books.verifications.get(verificationId);
          if (told && now) this.books.keepVerification({ ...now, notified: true });
          if (!told && !this.closing.signal.aborted) this.logger.warn(`The result of ${verificationId} was not acknowledged.`);
        });
      },

      sendReceipt(this: SandboxThis, url: string, messageId: string) {
        const body = JSON.stringify({ messageId, status: "DELIVERED", at: isoSeconds(clock.now()) });
        const headers = () => callerHeaders(options.callersFile, { systemCode: "SMS", businessId: "", url, body });
        void deliver(url, body, headers, options.patience ?? DEFAULT_PATIENCE, this.closing.signal);
      },
    },

    /**
     * Mounts the routes before the gateway listens, by the action itself and not over the registry, which knows it only afterwards:
     * a platform that comes back and at once repeats an SMS must not meet a 404, which would be final (CONTRACT.md §3.1).
     */
    async started(this: SandboxThis) {
      const gateway = this.broker.getLocalService("gateway");
      if (!gateway) {
        this.logger.warn("No gateway in this process: the sandbox is not mounted.");
        return;
      }
      this.closing = new AbortController();
      this.held = new Set();
      this.books = new Books(options.stateDir);
      const system = new VerificationSystem(this.books, options.publicBaseUrl, (verification) => this.tellResult(verification));
      const route = sandboxRoute({
        books: this.books,
        system,
        sendReceipt: (url, messageId) => this.sendReceipt(url, messageId),
        callersFile: options.callersFile,
        host: reachable(options.host),
        closing: this.closing.signal,
        held: this.held,
      });
      await gateway.actions["addRoute"]!({ route, toBottom: false });
      for (const verification of this.books.verifications.values()) {
        if (verification.status !== "PENDING" && !verification.notified) this.tellResult(verification);
      }
    },

    /** Lets go of the connections that SILENT holds, so that the gateway can close. */
    async stopped(this: SandboxThis) {
      this.closing?.abort();
      for (const response of this.held ?? []) response.destroy();
    },
  }) as unknown as ServiceSchema;

/** A wildcard address cannot be called, but loopback reaches the same listener; an IPv6 literal needs brackets in a URL. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

import type { Context, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import { VERIFICATION_COMPLETED } from "../../contract/events.ts";
import type { MerchantType, ProcessType, VerificationType } from "../../contract/vocabulary.ts";
import { failure } from "../../contract/errors.ts";
import type { Page, PageParams } from "../../contract/paging.ts";
import { callbackToken } from "../../mixins/callback-token.ts";
import { collections } from "../../mixins/collection.ts";
import { faultOf } from "../../mixins/fault.ts";
import { queue } from "../../mixins/queue.ts";
import { recentHealth } from "../../mixins/recent-health.ts";
import { settingsInForce } from "../../mixins/settings-in-force.ts";
import { singleFlight } from "../../mixins/single-flight.ts";
import { sweep } from "../../mixins/sweep.ts";
import { attend, dueAttempts, queryNow } from "./asking.ts";
import type { Bridge } from "./bridge.ts";
import { receiveResult } from "./callback.ts";
import { confirmAnswer } from "./confirming.ts";
import { httpVerificationDriver, type Links } from "./drivers/http.ts";
import { loadModeRules } from "./mode-rules.ts";
import { verificationMode } from "./mode.ts";
import { hurry, inspect, unstarted } from "./operating.ts";
import { startAttempt } from "./starting.ts";
import type { AttemptState, CallbackParams, Confirmed, ConfirmParams, QueryAnswer, Started, StartParams } from "./verification-bridge.api.ts";
import { verificationModel } from "./verification.model.ts";

/** An answer of the signer must be queried within 2 s even when the wake-up is lost. */
const SWEEP_EVERY = 2_000;
/** While the system is silent, results that are to be told do not stand behind starts that hang. */
const PATIENCE_MS = 1_000;

export default {
  name: "verification-bridge",
  mixins: [
    collections({ attempts: verificationModel }),
    settingsInForce(),
    queue<Bridge>({ concurrency: 16, handle(id) { return attend(this, id); } }),
    sweep<Bridge>({
      every: SWEEP_EVERY,
      patience: PATIENCE_MS,
      due(now, limit) { return dueAttempts(this, now, limit); },
      handle(id) { return attend(this, id); },
    }),
  ],
  settings: {
    baseUrl: config.verificationBaseUrl,
    timeoutMs: config.verificationTimeout,
    queryAfterMs: config.verificationQueryAfter,
    graceMs: config.expiryQueryGrace,
    $secureSettings: ["baseUrl"],
  },
  actions: {
    /** Which verification the signer gets (§4.2.2). */
    mode: {
      handler(this: Bridge, ctx: Context<{ processType: ProcessType; merchantType: MerchantType }>): { type: VerificationType } {
        const type = verificationMode(this.inForce.value("verificationRules", this.rules), ctx.params);
        if (!type) throw failure("INTERNAL_ERROR");
        return { type };
      },
    },
    start: {
      handler(this: Bridge, ctx: Context<StartParams>): Promise<Started> {
        return this.startOnce(ctx.params.requestId, () => startAttempt(this, ctx.params));
      },
    },
    confirm: {
      handler(this: Bridge, ctx: Context<ConfirmParams>): Promise<Confirmed> {
        return this.confirmOnce(ctx.params.answerId, () => confirmAnswer(this, ctx.params));
      },
    },
    query: {
      handler(this: Bridge, ctx: Context<{ processId: string }>): Promise<QueryAnswer> {
        return queryNow(this, ctx.params.processId);
      },
    },
    /** §2.1.3. Answers nothing: what became of the result is not the caller's. */
    callback: {
      async handler(this: Bridge, ctx: Context<CallbackParams>): Promise<void> {
        await receiveResult(this, ctx.params.token, ctx.params.body, "CALLBACK");
      },
    },
    /** For operators: the newest attempt of a process, those that the system has not taken, and trying now. */
    inspect: {
      handler(this: Bridge, ctx: Context<{ processId: string }>): Promise<AttemptState | null> {
        return inspect(this, ctx.params.processId);
      },
    },
    unstarted: {
      handler(this: Bridge, ctx: Context<PageParams>): Promise<Page<AttemptState>> {
        return unstarted(this, ctx.params);
      },
    },
    hurry: {
      handler(this: Bridge, ctx: Context<{ processId: string }>): Promise<{ hurried: boolean; attempt: AttemptState | null }> {
        return hurry(this, ctx.params.processId);
      },
    },
    health: {
      handler(this: Bridge): "UP" | "DOWN" {
        return this.health.state();
      },
    },
  },
  events: {
    /** §2.2.1: the same body as the callback plus `callbackToken`, the same effect. Nobody waits for an event, so a bad one ends in the log. */
    [VERIFICATION_COMPLETED]: {
      async handler(this: Bridge, ctx: Context<Record<string, unknown> | null>): Promise<void> {
        await receiveResult(this, ctx.params?.["callbackToken"], ctx.params, "EVENT").catch((error: unknown) =>
          this.logger.warn("a verification event had no effect", { fault: faultOf(error) }),
        );
      },
    },
  },
  methods: {
    linksFor(processId: string): Links {
      return {
        callbackUrl: `${config.publicBaseUrl}/api/internal/esign/callback/verification`,
        callbackToken: callbackToken(config.callbackTokenSecret, "verification-callback", processId),
        returnUrl: `${config.publicBaseUrl}/h5/sign?return=face`,
      };
    },
  },
  created(this: Bridge) {
    const { baseUrl, timeoutMs } = this.settings;
    this.rules = loadModeRules(config.verificationRulesFile);
    this.health = recentHealth();
    this.driver = httpVerificationDriver({ baseUrl, timeoutMs, keyFile: config.outboundKeyFile, health: this.health });
    this.startOnce = singleFlight();
    this.confirmOnce = singleFlight();
  },
  async stopped(this: Bridge) {
    await this.driver.close();
  },
} as unknown as ServiceSchema;

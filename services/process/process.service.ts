import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Context, Service, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import { codeOf, failure } from "../../contract/errors.ts";
import { clock } from "../../mixins/clock.ts";
import { collections } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { rateLimit } from "../../mixins/rate-limit.ts";
import type { ByLiveSettings } from "../../mixins/settings-in-force.ts";
import { sweep } from "../../mixins/sweep.ts";
import type { DownloadLink } from "../protocol/protocol.api.ts";
import { Actor, type Applied, type CommandOn } from "./actor.ts";
import { statusOf } from "./decision.ts";
import { tell, type Teller } from "./effects.ts";
import { expire, type Expirer } from "./expire.ts";
import { GONE_AFTER_MS, GoneNodes, ownerOf } from "./gone-nodes.ts";
import { initiate, type Initiator } from "./initiate.ts";
import { linkToken } from "./link-token.ts";
import { operatorActions } from "./operator-actions.ts";
import type { OperatorDesk } from "./operating.ts";
import type { Strike } from "./owed.ts";
import type { CancelParams, InitiateParams, ProcessQuery, ResendParams, SampleParams, SignerCall, VerificationStartedParams, VerifiedOutcome, VerifiedParams } from "./process.api.ts";
import { resend, type Resender } from "./resend.ts";
import { sampleProcess } from "./sample.ts";
import { settingVersionModel } from "./setting-version.model.ts";
import { settingsOwner } from "./settings-owner.ts";
import * as signer from "./signer-calls.ts";
import * as verifying from "./verification-calls.ts";
import { signingProcessModel, type OwedEffect, type SigningProcess } from "./signing-process.model.ts";
import { validate } from "./validation.ts";
import { queryView } from "./views.ts";

interface ProcessThis extends Service, ByLiveSettings {
  collections: { processes: Collection<SigningProcess> };
  actor: Actor;
  goneNodes: GoneNodes;
  stopping: AbortController;
  desk: Initiator & Resender & signer.SignerDesk & Expirer & Teller & OperatorDesk;
  performEffect(process: SigningProcess, owed: OwedEffect): Promise<CommandOn | undefined>;
  strikeOff(id: string, strikes: Strike[], command: CommandOn | undefined, known: SigningProcess): Promise<SigningProcess>;
  decide(id: string, command: CommandOn): Promise<Applied>;
  effectFailed(process: SigningProcess, owed: OwedEffect, error: unknown): string;
  link(process: SigningProcess): string | null;
}

/** From here on a failing effect is an alert: somebody should look. */
const ALERT_FROM_ATTEMPT = 3;
/** Sealings that hang together, their storage being away, must not keep invitations of a dead node waiting. */
const SWEEP_PATIENCE_MS = 2_000;
/** All services of a node are there by then; otherwise the sweep finds what was left as its leases run out. */
const COMPLETE_WITHIN_MS = 30_000;

const processService = {
  name: "process",
  mixins: [
    // Started behind its collections, which it reads: the framework starts the last mixin first.
    settingsOwner,
    collections({ processes: signingProcessModel, settings: settingVersionModel }),
    /** Whoever died in between: effects whose lease has run out, those that failed and are due again, and what a database that was away broke off. */
    sweep<ProcessThis>({
      every: 1_000,
      concurrency: 16,
      patience: SWEEP_PATIENCE_MS,
      async due(now, limit) {
        const rows = await this.collections.processes.find({ owedDueAt: { $lte: new Date(now) } }, { sort: ["owedDueAt"], limit });
        return [...new Set([...rows.map((row) => row._id), ...this.actor.interrupted()])];
      },
      handle(id) {
        return this.actor.settle(id);
      },
    }),
  ],

  actions: {
    initiate(this: ProcessThis, ctx: Context<InitiateParams>) {
      return initiate(this.desk, ctx.params);
    },

    async get(this: ProcessThis, ctx: Context<ProcessQuery>) {
      const process = await this.collections.processes.get(ctx.params.processId);
      if (!process || process.systemCode !== ctx.params.systemCode) throw failure("PROCESS_NOT_FOUND");
      const link = statusOf(process) === "COMPLETED" ? await this.desk.call<DownloadLink>("protocol.link", { protocolId: process.protocolId }, 5_000) : null;
      return queryView(process, link?.url ?? null);
    },

    async cancel(this: ProcessThis, ctx: Context<CancelParams>) {
      const { systemCode, processId, reason } = ctx.params;
      const validated = validate<{ reason: string }>("reason", { reason });
      if (validated.errors) throw failure("PARAM_INVALID", { errors: validated.errors });
      const process = await this.collections.processes.get(processId);
      if (!process || process.systemCode !== systemCode) throw failure("PROCESS_NOT_FOUND");
      const { process: cancelled } = await this.decide(processId, () => ({ name: "cancel", at: clock.now(), reason: validated.value.reason }));
      return queryView(cancelled, null);
    },

    resend(this: ProcessThis, ctx: Context<ResendParams>) {
      return resend(this.desk, ctx.params);
    },

    page(this: ProcessThis, ctx: Context<{ token: string }>) {
      return signer.page(this.desk, ctx.params.token);
    },
    open(this: ProcessThis, ctx: Context<SignerCall>) {
      return signer.open(this.desk, ctx.params);
    },
    signCode(this: ProcessThis, ctx: Context<SignerCall>) {
      return signer.sendCode(this.desk, ctx.params);
    },
    sign(this: ProcessThis, ctx: Context<SignerCall>) {
      return signer.sign(this.desk, ctx.params);
    },
    decline(this: ProcessThis, ctx: Context<SignerCall>) {
      return signer.decline(this.desk, ctx.params);
    },
    answer(this: ProcessThis, ctx: Context<SignerCall>) {
      return verifying.answer(this.desk, ctx.params);
    },
    face(this: ProcessThis, ctx: Context<SignerCall>) {
      return verifying.face(this.desk, ctx.params);
    },

    /** The bridge got a late start through. */
    async verificationStarted(this: ProcessThis, ctx: Context<VerificationStartedParams>) {
      const { processId, ...started } = ctx.params;
      await this.decide(processId, () => ({ name: "verificationStarted", at: clock.now(), started }));
    },

    /** A result whose authenticity the bridge has checked; answered before the sealing it may lead to. */
    async verified(this: ProcessThis, ctx: Context<VerifiedParams>): Promise<VerifiedOutcome> {
      const { processId, ...result } = ctx.params;
      const { decision } = await this.decide(processId, () => ({ name: "verified", at: clock.now(), result }));
      const outcome = decision.outcome ?? "REPEATED";
      if (outcome === "LATE" || outcome === "ANOMALY") this.logger.warn("verification result out of turn", { alert: `RESULT_${outcome}`, processId });
      return { outcome };
    },

    expire(this: ProcessThis, ctx: Context<{ processId: string }>) {
      return expire(this.desk, ctx.params.processId);
    },

    ...operatorActions,
    sample(this: ProcessThis, ctx: Context<SampleParams>) {
      return sampleProcess(this.desk, ctx.params);
    },
  },

  events: {
    "$node.disconnected"(this: ProcessThis, ctx: Context<{ node: { id: string } }>) {
      void this.goneNodes.look(ctx.params.node.id);
    },
    "$node.connected"(this: ProcessThis, ctx: Context<{ node: { id: string } }>) {
      this.goneNodes.back(ctx.params.node.id);
      void this.goneNodes.look();
    },
  },

  methods: {
    async performEffect(this: ProcessThis, process: SigningProcess, owed: OwedEffect) {
      return tell(this.desk, process, owed);
    },

    async strikeOff(this: ProcessThis, id: string, strikes: Strike[], command: CommandOn | undefined, known: SigningProcess) {
      return (await this.actor.apply(id, command, strikes, known)).process;
    },

    /** Decides, starts what the process came to owe, and throws the refusal there may be. */
    async decide(this: ProcessThis, id: string, command: CommandOn): Promise<Applied> {
      const applied = await this.actor.apply(id, command);
      if (applied.decision.effects.length) void this.actor.settle(id, applied.process);
      const { refusal } = applied.decision;
      if (refusal) throw failure(refusal.code, refusal);
      return applied;
    },

    effectFailed(this: ProcessThis, process: SigningProcess, owed: OwedEffect, error: unknown): string {
      const reason = codeOf(error) ?? (error as { type?: string }).type ?? (error as Error).name;
      const facts = { processId: process.processId, effect: owed.name, attempt: owed.attempt, reason };
      if (owed.attempt >= ALERT_FROM_ATTEMPT) this.logger.error("an owed effect keeps failing", { alert: "EFFECT_STUCK", ...facts });
      else this.logger.warn("an owed effect failed and will be tried again", facts);
      return reason;
    },

    link(this: ProcessThis, process: SigningProcess): string | null {
      const key = config.h5TokenSecret.find((one) => one.kid === process.h5PageTokenKid);
      return key ? `${process.h5PageUrl}?token=${linkToken(key, process.processId)}` : null;
    },
  },

  created(this: ProcessThis) {
    const processes = this.collections.processes;
    this.stopping = new AbortController();
    this.goneNodes = new GoneNodes({
      processes,
      now: clock.now,
      present: (nodeId) => this.broker.registry.nodes.get(nodeId)?.available === true,
      connected: () => this.broker.transit?.connected === true,
      patience: () => delay(GONE_AFTER_MS, undefined, { ref: false, signal: this.stopping.signal }),
      settle: (id) => this.actor.settle(id),
      onFault: (error) => this.logger.error("what a node left behind could not be taken over now", { fault: (error as Error).name }),
    });
    this.actor = new Actor({
      processes,
      now: clock.now,
      owner: ownerOf(this.broker.nodeID, randomUUID()),
      isGone: (owner) => this.goneNodes.isGone(owner),
      // One process holds DATA_DIR's lock: whatever another owner leased, it is dead.
      soleOwner: !config.transporter,
      perform: (process, owed) => this.performEffect(process, owed),
      strikeOff: (id, strikes, command, known) => this.strikeOff(id, strikes, command, known),
      onFailure: (process, owed, error) => this.effectFailed(process, owed, error),
      onFault: (id, error) => this.logger.error("what a process owes could not be looked after now", { processId: id, fault: (error as Error).name }),
    });
    const live = this.inForce.config(config);
    this.desk = {
      config: live,
      processes,
      actor: this.actor,
      walletRate: rateLimit(() => live.walletRate, clock.now),
      now: clock.now,
      queryGraceMs: () => live.expiryQueryGrace,
      newAnswerId: randomUUID,
      link: (process) => this.link(process),
      call: <T>(action: string, params: unknown, timeout: number) => this.broker.call<T, unknown>(action, params, { timeout }),
      command: async (id, command) => (await this.decide(id, command)).process,
      verified: (processId, result) => this.decide(processId, () => ({ name: "verified", at: clock.now(), result })),
    };
  },

  /** What an earlier run of this sole node left leased is taken up at once; with several nodes when the others have had time to be heard. */
  async started(this: ProcessThis) {
    if (config.transporter) return void this.goneNodes.look();
    const left = await this.collections.processes.find({ owedDueAt: { $gt: new Date(0) } }, { sort: ["owedDueAt"], limit: 1_000 });
    // Bounded: without a limit a node that never gets complete would look every second for ever, even when it has been stopped.
    void this.broker.waitForServices(["evidence", "protocol", "sms", "expiry", "notifier", "verification-bridge", "template"], COMPLETE_WITHIN_MS).then(
      () => left.forEach((process) => void this.actor.settle(process._id)),
      () => undefined,
    );
  },

  async stopped(this: ProcessThis) {
    this.stopping.abort();
    await this.actor.idle();
  },
};

export default processService as unknown as ServiceSchema;

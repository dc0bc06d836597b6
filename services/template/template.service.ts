import type { Context, Service, ServiceSchema } from "moleculer";
import { failure } from "../../contract/errors.ts";
import { clock } from "../../mixins/clock.ts";
import { collections } from "../../mixins/collection.ts";
import { faultOf } from "../../mixins/fault.ts";
import { sweep } from "../../mixins/sweep.ts";
import { ActiveRows } from "./active-rows.ts";
import { contentHash, readBuiltIns, templatesFolder } from "./built-in.ts";
import { coverage } from "./coverage.ts";
import type { TemplateDesk } from "./desk.ts";
import { difference } from "./diff.ts";
import { inForceAt } from "./life.ts";
import { get, list } from "./listing.ts";
import { plantAll } from "./planting.ts";
import { preview, previewDraft } from "./preview.ts";
import { CompiledVersions, type Fill } from "./render.ts";
import { select, type Selection } from "./select.ts";
import { smsTemplate } from "./sms-template.model.ts";
import { take } from "./stepping.ts";
import { Steps } from "./steps.ts";
import { versionId } from "./stored.ts";
import { checked, submit } from "./submitting.ts";
import type * as api from "./template.api.ts";
import { templateStep } from "./template-step.model.ts";
import { h5Template, protocolTemplate } from "./template-version.model.ts";
import { variablesOf } from "./variable-list.ts";
import { KINDS, Versions, type TemplateCollections } from "./versions.ts";

/** Broadcast when a step was stored; a hint, since the bus may lose it. */
const CHANGED = "template.changed";
/** A change whose event was lost is seen after this. */
const MAX_AGE_MS = 5_000;
/** More versions than are in use at a time; an agreement compiles in 0.2 ms. */
const COMPILED_LIMIT = 200;
/** How late the copy in the column of §3.1 may be behind a scheduled activation. */
const COPY_EVERY_MS = 60_000;

interface TemplateThis extends Service<{ folder: string | null }> {
  collections: TemplateCollections;
  desk: TemplateDesk;
  compiled: CompiledVersions;
  /** What the column of §3.1 was last brought in line with. */
  copied: string;
  plantBuiltIns(): Promise<void>;
  changed(): Promise<void>;
  activeIds(): Promise<Map<api.TemplateKind, Set<string>>>;
  copyActive(): Promise<void>;
  selectNow(wanted: api.ChooseParams): Promise<Selection>;
  compileStored(ref: api.TemplateRef): Promise<Fill>;
}

/** Owns the texts (§1.2.1, §4.1.2): their life from draft to retirement, the choice for a flow, the filling of pinned versions. */
const template = {
  name: "template",
  mixins: [
    collections({ protocol: protocolTemplate, sms: smsTemplate, h5: h5Template, steps: templateStep }),
    sweep<TemplateThis>({
      every: COPY_EVERY_MS,
      async due() {
        return signature(await this.activeIds()) === this.copied ? [] : ["is_active"];
      },
      handle() {
        return this.copyActive();
      },
    }),
  ],
  /** `folder`: where the built-in texts lie; null for those that came with the program. */
  settings: { folder: null },

  actions: {
    choose: {
      visibility: "public",
      async handler(this: TemplateThis, ctx: Context<api.ChooseParams>): Promise<api.Chosen> {
        const { scene, processType, signerType } = ctx.params;
        let { chosen, missing } = await this.selectNow(ctx.params);
        if (!chosen) {
          // What is kept may be older than a version that came since, or have been read in the middle of a change.
          this.desk.activeRows.forget();
          ({ chosen, missing } = await this.selectNow(ctx.params));
        }
        if (chosen) return chosen;
        this.logger.error("no single template serves a flow", { alert: "TEMPLATE_NOT_FOUND", scene, processType, signerType, ...missing });
        throw failure("TEMPLATE_NOT_FOUND", missing!.codes.length ? { message: "签约模板配置冲突，请联系运营人员" } : {});
      },
    },

    render: {
      visibility: "public",
      async handler(this: TemplateThis, ctx: Context<api.RenderParams>): Promise<api.Rendered> {
        const { ref, variables } = ctx.params;
        const fill = this.compiled.get(ref) ?? (await this.compileStored(ref));
        try {
          return { text: fill(variables) };
        } catch (error) {
          this.logger.error("a template could not be filled", { alert: "INTERNAL_ERROR", ...named(ref), fault: faultOf(error) });
          throw failure("INTERNAL_ERROR");
        }
      },
    },

    list(this: TemplateThis, ctx: Context<api.ListParams>) {
      return list(this.desk, ctx.params);
    },
    get(this: TemplateThis, ctx: Context<api.NamedParams>) {
      return get(this.desk, ctx.params);
    },
    async lint(this: TemplateThis, ctx: Context<api.LintParams>) {
      return checked(this.desk, ctx.params);
    },
    submit(this: TemplateThis, ctx: Context<api.SubmitParams>) {
      return submit(this.desk, ctx.params);
    },
    approve(this: TemplateThis, ctx: Context<api.OperatorStep>) {
      return take(this.desk, "APPROVE", ctx.params);
    },
    reject(this: TemplateThis, ctx: Context<api.OperatorStep>) {
      return take(this.desk, "REJECT", ctx.params);
    },
    activate(this: TemplateThis, ctx: Context<api.OperatorStep>) {
      return take(this.desk, "ACTIVATE", ctx.params);
    },
    deactivate(this: TemplateThis, ctx: Context<api.OperatorStep>) {
      return take(this.desk, "DEACTIVATE", ctx.params);
    },
    preview(this: TemplateThis, ctx: Context<api.PreviewParams>) {
      return preview(this.desk, ctx.params);
    },
    previewDraft(this: TemplateThis, ctx: Context<api.DraftPreviewParams>) {
      return previewDraft(this.desk, ctx.params);
    },
    diff(this: TemplateThis, ctx: Context<api.DiffParams>) {
      return difference(this.desk, ctx.params);
    },
    async coverage(this: TemplateThis) {
      return { items: coverage(await this.desk.activeRows.get(clock.now())) };
    },
    async variables(this: TemplateThis, ctx: Context<{ kind?: api.TemplateKind }>) {
      return variablesOf(ctx.params.kind);
    },
  },

  events: {
    [CHANGED](this: TemplateThis) {
      this.desk.activeRows.forget();
    },
  },

  methods: {
    async plantBuiltIns(this: TemplateThis): Promise<void> {
      const { PLANTED, BEHIND } = await plantAll(this.desk, readBuiltIns(this.settings.folder ?? templatesFolder()));
      if (BEHIND.length) this.logger.info("built-in templates that are not in force: others are", { templates: BEHIND });
      if (PLANTED.length) this.logger.info("built-in templates became versions in force", { planted: PLANTED });
      if (PLANTED.length) await this.changed();
      else await this.copyActive();
    },

    /** After a step: this node and the others look again, and the column of §3.1 follows. */
    async changed(this: TemplateThis): Promise<void> {
      this.desk.activeRows.forget();
      await this.broker.broadcast(CHANGED);
      await this.copyActive();
    },

    async activeIds(this: TemplateThis): Promise<Map<api.TemplateKind, Set<string>>> {
      const now = clock.now();
      const idsOf = async (kind: api.TemplateKind) => inForceAt(await this.desk.steps.lives(kind), now).map(({ life: { submitted } }) => versionId(submitted.code, submitted.version));
      return new Map(await Promise.all(KINDS.map(async (kind) => [kind, new Set(await idsOf(kind))] as const)));
    },

    /** Nothing is decided by the copy, so a step stands whether or not it could be brought in line now. */
    async copyActive(this: TemplateThis): Promise<void> {
      try {
        const ids = await this.activeIds();
        for (const [kind, active] of ids) await this.desk.versions.copyActive(kind, active);
        this.copied = signature(ids);
      } catch (error) {
        this.logger.warn("is_active could not be brought in line now", { fault: faultOf(error) });
      }
    },

    async selectNow(this: TemplateThis, wanted: api.ChooseParams): Promise<Selection> {
      return select(await this.desk.activeRows.get(clock.now()), wanted);
    },

    /**
     * Loads and compiles a pinned version, once. A stored text that is not the one the process pinned would be a contract nobody
     * was shown: it is refused, never filled.
     */
    async compileStored(this: TemplateThis, ref: api.TemplateRef): Promise<Fill> {
      const row = await this.desk.versions.get(ref);
      if (!row) {
        this.logger.error("a pinned template version is gone", { alert: "TEMPLATE_NOT_FOUND", ...named(ref) });
        throw failure("TEMPLATE_NOT_FOUND");
      }
      if (row.sha256 !== ref.sha256 || contentHash(row.content) !== ref.sha256) {
        this.logger.error("a stored template is not the pinned one", { alert: "INTERNAL_ERROR", ...named(ref) });
        throw failure("INTERNAL_ERROR");
      }
      return this.compiled.add(ref, row.content);
    },
  },

  created(this: TemplateThis) {
    const versions = new Versions(this.collections);
    const steps = new Steps(this.collections.steps, clock.now);
    const unfit = (ref: Pick<api.TemplateRef, "kind" | "code" | "version">) =>
      this.logger.error("a version in force is not the text that was approved", { alert: "TEMPLATE_BROKEN", ...named(ref) });
    this.desk = {
      versions,
      steps,
      activeRows: new ActiveRows({ kinds: KINDS, lives: (kind) => steps.lives(kind), row: (ref) => versions.get(ref), unfit }, MAX_AGE_MS),
      logger: this.logger,
      now: clock.now,
      changed: () => this.changed(),
      call: <T>(action: string, params: unknown, timeout: number) => this.broker.call<T, unknown>(action, params, { timeout }),
    };
    this.compiled = new CompiledVersions(COMPILED_LIMIT);
    this.copied = "";
  },

  async started(this: TemplateThis) {
    await this.plantBuiltIns();
  },
};

const named = ({ kind, code, version }: Pick<api.TemplateRef, "kind" | "code" | "version">) => ({ kind, template: code, templateVersion: version });
const signature = (ids: Map<api.TemplateKind, Set<string>>): string => [...ids].map(([kind, active]) => `${kind} ${[...active].sort().join(" ")}`).join("\n");

export default template as unknown as ServiceSchema;

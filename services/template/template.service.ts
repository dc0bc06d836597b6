import type { Context, Service, ServiceSchema } from "moleculer";
import { failure } from "../../contract/errors.ts";
import { clock } from "../../mixins/clock.ts";
import { collections } from "../../mixins/collection.ts";
import { faultOf } from "../../mixins/fault.ts";
import { ActiveRows } from "./active-rows.ts";
import { contentHash, readBuiltIns, templatesFolder } from "./built-in.ts";
import { h5Template, protocolTemplate } from "./template-version.model.ts";
import { CompiledVersions, type Fill } from "./render.ts";
import { select, type Selection } from "./select.ts";
import { smsTemplate } from "./sms-template.model.ts";
import type { ChooseParams, Chosen, Rendered, RenderParams, TemplateRef } from "./template.api.ts";
import { Versions, type TemplateCollections } from "./versions.ts";

/** Broadcast when versions came or changed their state; a hint, since the bus may lose it. */
const CHANGED = "template.changed";
/** A change whose event was lost is seen after this. */
const MAX_AGE_MS = 60_000;
/** More versions than are in use at a time; an agreement compiles in 0.2 ms. */
const COMPILED_LIMIT = 200;

interface TemplateThis extends Service<{ folder: string | null }> {
  collections: TemplateCollections;
  versions: Versions;
  activeRows: ActiveRows;
  compiled: CompiledVersions;
  plantBuiltIns(): Promise<void>;
  selectNow(wanted: ChooseParams): Promise<Selection>;
  compileStored(ref: TemplateRef): Promise<Fill>;
}

/** Owns the texts (§1.2.1, §4.1.2): chooses them for a flow and fills the versions a process has pinned. */
const template = {
  name: "template",
  mixins: [collections({ protocol: protocolTemplate, sms: smsTemplate, h5: h5Template })],
  /** `folder`: where the built-in texts lie; null for those that came with the program. */
  settings: { folder: null },

  actions: {
    choose: {
      visibility: "public",
      async handler(this: TemplateThis, ctx: Context<ChooseParams>): Promise<Chosen> {
        const { scene, processType, signerType } = ctx.params;
        let { chosen, missing } = await this.selectNow(ctx.params);
        if (!chosen) {
          // What is kept may be older than a version that came since, or have been read in the middle of a change.
          this.activeRows.forget();
          ({ chosen, missing } = await this.selectNow(ctx.params));
        }
        if (chosen) return chosen;
        this.logger.error("no single template serves a flow", { alert: "TEMPLATE_NOT_FOUND", scene, processType, signerType, ...missing });
        throw failure("TEMPLATE_NOT_FOUND", missing!.codes.length ? { message: "签约模板配置冲突，请联系运营人员" } : {});
      },
    },

    render: {
      visibility: "public",
      async handler(this: TemplateThis, ctx: Context<RenderParams>): Promise<Rendered> {
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
  },

  events: {
    [CHANGED](this: TemplateThis) {
      this.activeRows.forget();
    },
  },

  methods: {
    async plantBuiltIns(this: TemplateThis): Promise<void> {
      const planted: string[] = [];
      for (const text of readBuiltIns(this.settings.folder ?? templatesFolder())) {
        if (await this.versions.plant(text, clock.now())) planted.push(`${text.kind} ${text.code}`);
      }
      if (planted.length === 0) return;
      this.logger.info("built-in templates became new versions", { planted });
      this.activeRows.forget();
      await this.broker.broadcast(CHANGED);
    },

    async selectNow(this: TemplateThis, wanted: ChooseParams): Promise<Selection> {
      return select(await this.activeRows.get(clock.now()), wanted);
    },

    /**
     * Loads and compiles a pinned version, once. A stored text that is not the one the process pinned would be a contract nobody
     * was shown: it is refused, never filled.
     */
    async compileStored(this: TemplateThis, ref: TemplateRef): Promise<Fill> {
      const row = await this.versions.get(ref);
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
    this.versions = new Versions(this.collections);
    this.activeRows = new ActiveRows(() => this.versions.active(), MAX_AGE_MS);
    this.compiled = new CompiledVersions(COMPILED_LIMIT);
  },

  async started(this: TemplateThis) {
    await this.plantBuiltIns();
  },
};

const named = ({ kind, code, version }: TemplateRef) => ({ kind, template: code, templateVersion: version });

export default template as unknown as ServiceSchema;

import { randomBytes } from "node:crypto";
import type { Context, Service, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import { failure } from "../../contract/errors.ts";
import { clock } from "../../mixins/clock.ts";
import { collections, isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { Mailbox } from "../../mixins/mailbox.ts";
import type { PdfFile } from "../protocol/protocol.api.ts";
import { appendItems, headOf, tailOf, type Ledger } from "./append.ts";
import { BundleRefused, writeBundle } from "./bundle.ts";
import { SALT_BYTES } from "./chain.ts";
import { checkedItems } from "./checked-items.ts";
import { evidenceChain, type EvidenceEvent } from "./evidence-chain.model.ts";
import type { AppendParams, Bundle, ChainHead, EvidenceOverview, ExportParams, HandOutParams, OutlineEntry } from "./evidence.api.ts";
import { custodyOf, outlineOf, ownerOf } from "./handing-out.ts";
import { overviewOf } from "./overview.ts";
import { readSealKey } from "./seal-key.ts";

/** Reading a sealed PDF back and hashing it; the export itself waits longer (timeouts nest). */
const READ_PDF_MS = 8_000;
/** One export, reading the PDF among it. */
const HAND_OUT_MS = 20_000;

interface EvidenceThis extends Service<{ sealKeyFile: string; sealCertFile: string }> {
  collections: { records: Collection<EvidenceEvent> };
  mailbox: Mailbox;
  ledger(): Ledger;
}

/** Keeps the evidence chain of every process (§1.2.4, §3.1 `evidence_chain`) and hands it out as a bundle anyone can check. */
const evidence = {
  name: "evidence",
  mixins: [collections({ records: evidenceChain })],
  settings: { sealKeyFile: config.sealKeyFile, sealCertFile: config.sealCertFile, $secureSettings: ["sealKeyFile", "sealCertFile"] },

  actions: {
    append: {
      visibility: "public",
      async handler(this: EvidenceThis, ctx: Context<AppendParams>): Promise<ChainHead> {
        const { processId, systemCode, items } = ctx.params;
        const checked = checkedItems(items);
        return this.mailbox.run(processId, () => appendItems(this.ledger(), processId, systemCode, checked));
      },
    },

    /** `{processId}`; a process without evidence has the length 0. */
    head: {
      visibility: "public",
      async handler(this: EvidenceThis, ctx: Context<{ processId: string }>): Promise<ChainHead> {
        return headOf(await tailOf(this.collections.records, ctx.params.processId));
      },
    },

    export: {
      visibility: "public",
      async handler(this: EvidenceThis, ctx: Context<ExportParams>): Promise<Bundle> {
        const { systemCode, processId, view } = ctx.params;
        if (view !== undefined && view !== "redacted") throw failure("PARAM_INVALID", { errors: [{ field: "view", message: "只能为 redacted" }] });
        const rows = await this.collections.records.find({ processId: String(processId) }, { sort: ["seq"] });
        if (rows.length === 0 || rows[0]!.systemCode !== systemCode) throw failure("PROCESS_NOT_FOUND");
        try {
          const zip = await writeBundle(processId, rows, view === "redacted", {
            readPdf: (protocolId) => ctx.call<PdfFile, { protocolId: string }>("protocol.read", { protocolId }, { timeout: READ_PDF_MS }),
            seal: () => readSealKey(this.settings.sealKeyFile, this.settings.sealCertFile, clock.now()),
          });
          return { fileName: `${processId}${view ? `-${view}` : ""}.zip`, base64: zip.toString("base64") };
        } catch (error) {
          if (!(error instanceof BundleRefused)) throw error;
          this.logger.error("evidence bundle refused", { alert: "EVIDENCE_BROKEN", processId, reason: error.message });
          throw failure("INTERNAL_ERROR");
        }
      },
    },

    /** The bundle for an operator: without the CUSTODY in the chain nothing is handed out. */
    handOut: {
      visibility: "public",
      async handler(this: EvidenceThis, ctx: Context<HandOutParams>): Promise<Bundle> {
        const { processId, view } = ctx.params;
        const systemCode = await ownerOf(this.collections.records, processId);
        const items = [custodyOf(ctx.params, clock.now())];
        await ctx.call<ChainHead, AppendParams>("evidence.append", { processId, systemCode, items });
        return ctx.call<Bundle, ExportParams>("evidence.export", { systemCode, processId, ...(view ? { view } : {}) }, { timeout: HAND_OUT_MS });
      },
    },

    outline: {
      visibility: "public",
      handler(this: EvidenceThis, ctx: Context<{ processId: string }>): Promise<OutlineEntry[]> {
        return outlineOf(this.collections.records, ctx.params.processId);
      },
    },

    overview: {
      visibility: "public",
      async handler(this: EvidenceThis, ctx: Context<{ processId: string }>): Promise<EvidenceOverview> {
        const processId = String(ctx.params.processId);
        const overview = overviewOf(processId, await this.collections.records.find({ processId }, { sort: ["seq"] }));
        if (!overview.chain.ok) this.logger.error("a stored chain does not hold", { alert: "EVIDENCE_BROKEN", processId });
        return overview;
      },
    },
  },

  methods: {
    ledger(this: EvidenceThis): Ledger {
      const alert = (code: string, message: string) => (event: EvidenceEvent) =>
        this.logger.error(message, { alert: code, processId: event.processId, seq: event.seq, type: event.evidenceType });
      return {
        records: this.collections.records,
        now: () => clock.now(),
        salt: () => randomBytes(SALT_BYTES).toString("hex"),
        isUniqueViolation,
        contradicted: alert("EVIDENCE_CONTRADICTED", "a key came again with other content; the first stays"),
        broken: alert("EVIDENCE_BROKEN", "an event read back does not match its hashes"),
      };
    },
  },

  created(this: EvidenceThis) {
    this.mailbox = new Mailbox();
  },
};

export default evidence as unknown as ServiceSchema;

import { join } from "node:path";
import type { Context, Service, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import { codeOf, failure } from "../../contract/errors.ts";
import { clock } from "../../mixins/clock.ts";
import { collections } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { faultOf } from "../../mixins/fault.ts";
import { settingsInForce, type ByLiveSettings } from "../../mixins/settings-in-force.ts";
import { singleFlight } from "../../mixins/single-flight.ts";
import type { Rendered } from "../template/template.api.ts";
import { launchBrowser } from "./chromium/launch.ts";
import { createPrinter, type Printer } from "./chromium/printer.ts";
import { mintLink, protocolOfLink, type LinkParts } from "./download-link.ts";
import { Explained } from "./explained.ts";
import { freeze, prepare, type Freezing, type RenderedAgreement } from "./freezing.ts";
import { printableCodePoints } from "../../mixins/glyphs.ts";
import type * as api from "./protocol.api.ts";
import { Previewer } from "./preview.ts";
import { protocolRecordModel, type ProtocolRecord } from "./protocol-record.model.ts";
import { frozenAgreement } from "./recorded.ts";
import { markSigned, seal } from "./sealing.ts";
import type { FileStorage } from "./storage/file-storage.ts";
import { createStorage } from "./storage/drivers.ts";

interface ProtocolThis extends Service, ByLiveSettings {
  collections: { records: Collection<ProtocolRecord> };
  printer: Printer;
  previewer: Previewer;
  storage: FileStorage;
  memo: Map<string, RenderedAgreement>;
  once: (protocolId: string, work: () => Promise<api.Sealed>) => Promise<api.Sealed>;
  alert(code: string, message: string, facts: Record<string, unknown>): void;
  alarmed(code: string, protocolId: string, error: unknown): Error;
  freezing(ctx: Context<unknown>): Freezing;
  agreement(protocolId: string): Promise<ProtocolRecord>;
  file(record: ProtocolRecord): Promise<api.PdfFile>;
}

/** Longest one print may take; it is done a second time, and `protocol.seal` is given 60 s. */
const PRINT_TIMEOUT_MS = 15_000;
/** Rendering is one read and pure computing. */
const RENDER_TIMEOUT_MS = 4_000;

/** Owns the agreement: frozen at initiation, signed by its hash, printed, sealed and kept (§1.2.4, §4.1.2). */
const protocol = {
  name: "protocol",
  mixins: [collections({ records: protocolRecordModel }), settingsInForce()],

  actions: {
    prepare: {
      visibility: "public",
      handler(this: ProtocolThis, ctx: Context<api.PrepareParams>): Promise<api.Prepared> {
        return prepare(this.freezing(ctx), ctx.params);
      },
    },

    freeze: {
      visibility: "public",
      handler(this: ProtocolThis, ctx: Context<api.FreezeParams>): Promise<api.Frozen> {
        return freeze(this.freezing(ctx), ctx.params);
      },
    },

    /** Marked as a preview on every sheet: it must not pass for a contract. */
    preview: {
      visibility: "public",
      handler(this: ProtocolThis, ctx: Context<api.PreviewParams>): Promise<api.Previewed> {
        return this.previewer.preview(ctx.params, clock.now());
      },
    },

    show: {
      visibility: "public",
      async handler(this: ProtocolThis, ctx: Context<{ protocolId: string }>): Promise<api.Shown> {
        const { protocolId, protocolName, protocolContent, evidenceHash, sm3, keyClauses } = await this.agreement(ctx.params.protocolId);
        return { protocolId, protocolName, html: protocolContent, protocolHash: evidenceHash, sm3, keyClauses };
      },
    },

    markSigned: {
      visibility: "public",
      handler(this: ProtocolThis, ctx: Context<api.MarkSignedParams>): Promise<api.MarkedSigned> {
        return markSigned(this.collections.records, ctx.params);
      },
    },

    seal: {
      visibility: "public",
      async handler(this: ProtocolThis, ctx: Context<api.SealParams>): Promise<api.Sealed> {
        const { protocolId } = ctx.params;
        const { records } = this.collections;
        const { printer, storage } = this;
        const { sealKeyFile, sealCertFile } = config;
        try {
          return await this.once(protocolId, async () =>
            seal({ records, printer, storage, sealKeyFile, sealCertFile }, await this.agreement(protocolId), ctx.params),
          );
        } catch (error) {
          throw codeOf(error) ? error : this.alarmed("SEAL_FAILED", protocolId, error);
        }
      },
    },

    /** `{protocolId}`; the link of an agreement that is not sealed leads nowhere. */
    link: {
      visibility: "public",
      handler(this: ProtocolThis, ctx: Context<{ protocolId: string }>): api.DownloadLink {
        const { publicBaseUrl, downloadSecret, downloadLinkTtl } = config;
        const life = this.inForce.value("downloadLinkTtl", downloadLinkTtl);
        return { url: mintLink(publicBaseUrl, ctx.params.protocolId, downloadSecret, clock.now() + life) };
      },
    },

    /** Bad, late, incomplete, unknown or not sealed: one and the same LINK_INVALID (CONTRACT.md §2). */
    download: {
      visibility: "public",
      async handler(this: ProtocolThis, ctx: Context<LinkParts>): Promise<api.PdfFile> {
        const protocolId = protocolOfLink(ctx.params, config.downloadSecret, clock.now());
        const record = protocolId === null ? null : await this.collections.records.get(protocolId);
        if (!record?.storagePath) throw failure("LINK_INVALID");
        return this.file(record);
      },
    },

    read: {
      visibility: "public",
      async handler(this: ProtocolThis, ctx: Context<{ protocolId: string }>): Promise<api.PdfFile> {
        const record = await this.collections.records.get(ctx.params.protocolId);
        if (!record) throw failure("PROCESS_NOT_FOUND");
        if (!record.storagePath) throw failure("PROCESS_STATE_INVALID");
        return this.file(record);
      },
    },

    health: {
      visibility: "public",
      async handler(this: ProtocolThis): Promise<api.ProtocolHealth> {
        const storage = await this.storage.check().then(
          () => "UP" as const,
          () => "DOWN" as const,
        );
        // A browser that did not start is tried again, whether or not there is anything to print.
        if (!this.printer.isUp()) this.printer.warm();
        return { chromium: this.printer.isUp() ? "UP" : "DOWN", storage };
      },
    },
  },

  methods: {
    alert(this: ProtocolThis, code: string, message: string, facts: Record<string, unknown>): void {
      this.logger.error(message, { alert: code, ...facts });
    },

    /** Says what went wrong to operators and nothing to the caller. */
    alarmed(this: ProtocolThis, code: string, protocolId: string, error: unknown): Error {
      const known = error instanceof Explained ? error : null;
      this.alert(known?.alert ?? code, known?.message ?? "a PDF could not be made or read", { protocolId, fault: faultOf(error) });
      return failure("INTERNAL_ERROR");
    },

    freezing(this: ProtocolThis, ctx: Context<unknown>): Freezing {
      return {
        records: this.collections.records,
        memo: this.memo,
        alert: (code, message, facts) => this.alert(code, message, facts),
        render: async (ref, variables) => {
          const { text } = await ctx.call<Rendered, unknown>("template.render", { ref, variables }, { timeout: RENDER_TIMEOUT_MS });
          return text;
        },
      };
    },

    /** The frozen text, never one that has changed since. */
    agreement(this: ProtocolThis, protocolId: string): Promise<ProtocolRecord> {
      return frozenAgreement(this.collections.records, protocolId, () => {
        this.alert("PROTOCOL_CONTENT_CHANGED", "a stored agreement is not what was frozen", { protocolId });
        return failure("INTERNAL_ERROR");
      });
    },

    /** The sealed PDF, hashed on this read; a changed or missing one is never served. */
    async file(this: ProtocolThis, record: ProtocolRecord): Promise<api.PdfFile> {
      try {
        const bytes = await this.storage.get(record.storagePath!);
        return { base64: bytes.toString("base64"), sha256: record.pdfSha256! };
      } catch (error) {
        throw this.alarmed("STORAGE_UNAVAILABLE", record.protocolId, error);
      }
    },
  },

  created(this: ProtocolThis) {
    this.memo = new Map();
    this.once = singleFlight();
    this.storage = createStorage(config);
    this.printer = createPrinter({
      launch: () => launchBrowser({ executable: config.chromiumPath, workDir: join(config.dataDir, "browser"), timeoutMs: PRINT_TIMEOUT_MS }),
      logger: this.logger,
      pages: 2,
      recycleAfter: 1_000,
      timeoutMs: PRINT_TIMEOUT_MS,
    });
    this.previewer = new Previewer(this.printer);
  },
  started(this: ProtocolThis) {
    // Nobody waits for the browser but the first seal; the font is read before the first initiation has to.
    this.printer.warm();
    printableCodePoints();
  },
  async stopped(this: ProtocolThis) {
    await this.printer.close();
  },
};

export default protocol as unknown as ServiceSchema;

import { config } from "./settings-of-this-test.ts";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "moleculer";
import { ensureSealKey } from "../../config/development-seal.ts";
import { clock } from "../../mixins/clock.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type * as api from "../../services/protocol/protocol.api.ts";
import type { ProtocolRecord } from "../../services/protocol/protocol-record.model.ts";
import protocol from "../../services/protocol/protocol.service.ts";
import type { TemplateRef, TemplateVariables } from "../../services/template/template.api.ts";
import { nodeWith } from "./node-with.ts";

jest.setTimeout(60_000);

type Protocol = Service & { collections: { records: Collection<ProtocolRecord> } };
const ref: TemplateRef = { kind: "PROTOCOL", code: "RB_BATCH_ENTERPRISE", version: 1, sha256: "00", name: "天财分账业务授权协议（总部与接收方）" };
const variables: TemplateVariables = { partyBName: "上海天财门店", payeeName: "上海天财门店", signerName: "张三", signerMobile: "13800138000", poolingRatio: null };
const fields = { partyBName: "payeeInfo.merchantName", payeeName: "payeeInfo.merchantName", signerName: "payeeInfo.contactInfo.name" };

let template: string;
let renders: number;
const templates = {
  name: "template",
  actions: {
    render: ({ variables: filled }: { variables: TemplateVariables }) => {
      renders += 1;
      return { text: template.replaceAll("〈乙方〉", String(filled["partyBName"])).replaceAll("〈签署人〉", `${filled["signerName"]} ${filled["signerMobile"]}`) };
    },
  },
};

async function start() {
  const node = await nodeWith<Protocol>(protocol, {}, [templates]);
  const alerts: string[] = [];
  node.service.logger.error = (...parts: unknown[]) => alerts.push(...parts.flatMap((part) => (part as { alert?: string }).alert ?? []));
  return { ...node, alerts };
}
type Node = Awaited<ReturnType<typeof start>>;
let node: Node;
let number = 0;
const newId = () => `PROTO_20261124T${++number}`;
const filePath = (sealed: api.Sealed) => join(config.dataDir, "files", sealed.storagePath);

const prepare = (protocolId: string, change: TemplateVariables = {}, on = node) =>
  on.call<api.Prepared>("protocol.prepare", { protocolId, template: ref, variables: { ...variables, ...change }, fields });
const freeze = (protocolId: string, protocolHash: string, on = node) =>
  on.call<api.Frozen>("protocol.freeze", {
    protocolId,
    processId: `ESIGN_${protocolId}`,
    template: ref,
    variables,
    protocolHash,
    signatoryA: "北京天财餐饮有限公司（总部）",
    signatoryB: "上海天财门店",
    signatoryBType: 1,
    createdAt: "2026-11-24T07:00:00Z",
  });
const sign = (protocolId: string, protocolHash: string, change: Partial<api.MarkSignedParams> = {}) =>
  node.call<api.MarkedSigned>("protocol.markSigned", { protocolId, protocolHash, signedAt: "2026-11-24T07:30:00Z", signIp: "203.0.113.25", signUserAgent: "WeChat 😀", ...change });
const seal = (protocolId: string, protocolHash: string, on = node) =>
  on.call<api.Sealed>("protocol.seal", { protocolId, protocolHash, signaturePage: [{ label: "签署人", value: "张三" }] });
const read = (protocolId: string, on = node) => on.call<api.PdfFile>("protocol.read", { protocolId });

async function frozen() {
  const protocolId = newId();
  const prepared = await prepare(protocolId);
  await freeze(protocolId, prepared.protocolHash);
  return { protocolId, ...prepared };
}
async function signed() {
  const agreement = await frozen();
  await sign(agreement.protocolId, agreement.protocolHash);
  return agreement;
}

beforeAll(async () => {
  await ensureSealKey(config);
  template = "";
  node = await start();
});
beforeEach(() => {
  template = '<h1>协议</h1><p>乙方：〈乙方〉</p><section data-key-clause="scope"><p>签署人：〈签署人〉</p></section>';
  renders = 0;
  node.alerts.length = 0;
});
afterEach(() => clock.use(Date.now));
afterAll(async () => {
  await node.stop();
  rmSync(config.dataDir, { recursive: true, force: true });
});

describe("preparing", () => {
  test("tells hash, SM3 and key clauses of what will be shown and stores nothing", async () => {
    const protocolId = newId();
    const { protocolHash, keyClauses } = await prepare(protocolId);
    expect(keyClauses).toEqual([{ id: "scope", text: "签署人：张三 13800138000" }]);
    expect(protocolHash).toMatch(/^[0-9a-f]{64}$/);
    expect(await node.service.collections.records.get(protocolId)).toBeNull();
  });

  test("names the request's field, once, and the code point of a character that cannot be printed, never the value", async () => {
    const error = await prepare(newId(), { partyBName: "上海\uE123", payeeName: "上海\uE123", signerName: "张😀" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      type: "PARAM_INVALID",
      data: {
        errors: [
          { field: "payeeInfo.merchantName", message: "字符 U+E123 无法打印，请更换" },
          { field: "payeeInfo.contactInfo.name", message: "字符 U+1F600 无法打印，请更换" },
        ],
      },
    });
    expect(renders).toBe(0);
  });

  test.each([
    ["characters that cannot be printed", "<p>模板 😀</p>"],
    ["two key clauses of one id", '<p data-key-clause="a">1</p><p data-key-clause="a">2</p>'],
  ])("a template with %s is the operator's to mend", async (_, text) => {
    template = text;
    await expect(prepare(newId())).rejects.toMatchObject({ type: "TEMPLATE_NOT_FOUND", code: 500 });
    expect(node.alerts).toEqual(["TEMPLATE_BROKEN"]);
  });
});

describe("freezing", () => {
  test("right after preparing renders nothing again, and what is shown has the hash that was prepared", async () => {
    const { protocolId, protocolHash } = await frozen();
    expect(renders).toBe(1);
    const shown = await node.call<api.Shown>("protocol.show", { protocolId });
    expect(shown).toMatchObject({ protocolId, protocolName: ref.name, protocolHash });
    expect(createHash("sha256").update(shown.html).digest("hex")).toBe(protocolHash);
  });

  test("twice, at once, late or on a node that has not prepared is once", async () => {
    const protocolId = newId();
    const { protocolHash } = await prepare(protocolId);
    const other = await start();
    await Promise.all([freeze(protocolId, protocolHash), freeze(protocolId, protocolHash, other), freeze(protocolId, protocolHash)]);
    template = "<p>后来的模板</p>";
    expect(await freeze(protocolId, protocolHash, other)).toEqual({ protocolId, protocolHash });
    expect(await node.service.collections.records.count({ protocolId })).toBe(1);
    await other.stop();
  });

  test("a template that no longer renders what was prepared freezes nothing and raises an alert", async () => {
    const protocolId = newId();
    const { protocolHash } = await prepare(protocolId);
    const other = await start();
    template += " ";
    await expect(freeze(protocolId, protocolHash, other)).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    expect(other.alerts).toEqual(["PROTOCOL_RENDER_CHANGED"]);
    expect(await node.service.collections.records.get(protocolId)).toBeNull();
    await other.stop();
  });

  test("another text never takes the place of a frozen one", async () => {
    const { protocolId, protocolHash } = await frozen();
    await expect(freeze(protocolId, "0".repeat(64))).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    expect(node.alerts).toEqual(["PROTOCOL_FROZEN_OTHERWISE"]);
    expect(await node.call("protocol.show", { protocolId })).toMatchObject({ protocolHash });
  });

  test("a stored text that was changed is neither shown nor sealed", async () => {
    const { protocolId, protocolHash } = await signed();
    const record = (await node.service.collections.records.get(protocolId))!;
    await node.service.collections.records.replaceIfVersion({ ...record, protocolContent: record.protocolContent.replace("乙方", "丙方") });
    await expect(node.call("protocol.show", { protocolId })).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    await expect(seal(protocolId, protocolHash)).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    expect(node.alerts).toEqual(["PROTOCOL_CONTENT_CHANGED", "PROTOCOL_CONTENT_CHANGED"]);
  });

  test("names and numbers are not readable in the database's files", async () => {
    await signed();
    const files = readdirSync(config.dataDir).filter((name) => name.startsWith("esign.db"));
    expect(files).toContain("esign.db");
    for (const name of files) {
      const bytes = readFileSync(join(config.dataDir, name));
      for (const personal of ["13800138000", "张三", "203.0.113.25"]) expect(bytes.includes(personal)).toBe(false);
    }
  });
});

describe("signing", () => {
  test("the first signature stays, whatever comes again", async () => {
    const { protocolId, protocolHash } = await signed();
    const again = await sign(protocolId, protocolHash, { signedAt: "2026-11-24T09:00:00Z", signIp: "198.51.100.1" });
    expect(again.signedAt).toBe("2026-11-24T07:30:00Z");
    expect(await node.service.collections.records.get(protocolId)).toMatchObject({ signIp: "203.0.113.25", signUserAgent: "WeChat 😀" });
  });

  test("another hash than the frozen one signs nothing", async () => {
    const { protocolId } = await frozen();
    await expect(sign(protocolId, "0".repeat(64))).rejects.toMatchObject({ type: "PROTOCOL_CHANGED" });
    expect(await node.service.collections.records.get(protocolId)).toMatchObject({ signedAt: null });
  });
});

describe("sealing", () => {
  test("gives a PDF whose name, record and bytes agree, and says so to whoever reads it", async () => {
    const { protocolId, protocolHash } = await signed();
    const sealed = await seal(protocolId, protocolHash);
    const file = await read(protocolId);
    const bytes = Buffer.from(file.base64, "base64");
    expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
    expect(bytes.includes("/SubFilter /ETSI.CAdES.detached")).toBe(true);
    expect(sealed).toMatchObject({ protocolId, size: bytes.length, pdfSha256: file.sha256, storagePath: `${protocolId}-${file.sha256}.pdf` });
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sealed.pdfSha256);
    expect(readFileSync(filePath(sealed)).equals(bytes)).toBe(true);
    expect(await node.call("protocol.health", {})).toEqual({ chromium: "UP", storage: "UP" });
  });

  test("twice, at once, on two nodes and after a restart gives the one recorded file", async () => {
    const { protocolId, protocolHash } = await signed();
    const other = await start();
    const all = await Promise.all([seal(protocolId, protocolHash), seal(protocolId, protocolHash), seal(protocolId, protocolHash, other)]);
    await other.stop();
    const restarted = await start();
    all.push(await seal(protocolId, protocolHash, restarted));
    expect(new Set(all.map((sealed) => JSON.stringify(sealed))).size).toBe(1);
    expect((await read(protocolId, restarted)).sha256).toBe(all[0]!.pdfSha256);
    await restarted.stop();
  });

  test("who dies between storing and recording seals once more, and the recorded file is the one that is read", async () => {
    const { protocolId, protocolHash } = await signed();
    const dying = await start();
    dying.service.collections.records.replaceIfVersion = () => Promise.reject(new Error("killed"));
    await expect(seal(protocolId, protocolHash, dying)).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    await dying.stop();
    const sealed = await seal(protocolId, protocolHash);
    expect((await read(protocolId)).sha256).toBe(sealed.pdfSha256);
  });

  test.each<[string, () => Promise<[string, string]>, string]>([
    ["an agreement nobody signed", async () => frozen().then(({ protocolId, protocolHash }) => [protocolId, protocolHash]), "PROCESS_STATE_INVALID"],
    ["an agreement of another hash", async () => signed().then(({ protocolId }) => [protocolId, "0".repeat(64)]), "PROTOCOL_CHANGED"],
    ["an agreement nobody knows", async () => [newId(), "0".repeat(64)], "PROCESS_NOT_FOUND"],
  ])("%s is not sealed", async (_, make, type) => {
    await expect(seal(...(await make()))).rejects.toMatchObject({ type });
  });

  test("with a certificate that has run out nothing is sealed, an alert is raised, and a later try succeeds", async () => {
    const { protocolId, protocolHash } = await signed();
    const later = Date.now() + 11 * 365 * 86_400_000;
    clock.use(() => later);
    await expect(seal(protocolId, protocolHash)).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    expect(node.alerts).toEqual(["SEAL_UNUSABLE"]);
    clock.use(Date.now);
    expect(await seal(protocolId, protocolHash)).toMatchObject({ protocolId });
  });

  test("a template that swallows the signature page is never sealed without it", async () => {
    template += "<!--";
    const { protocolId, protocolHash } = await signed();
    await expect(seal(protocolId, protocolHash)).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    expect(node.alerts).toEqual(["TEMPLATE_BROKEN"]);
  });
});

describe("downloading", () => {
  const linkOf = async (protocolId: string) => {
    const { url } = await node.call<api.DownloadLink>("protocol.link", { protocolId });
    expect(url.startsWith(`${config.publicBaseUrl}/protocol/download/${protocolId}.pdf?`)).toBe(true);
    return { protocolId, ...Object.fromEntries(new URL(url).searchParams) } as api.DownloadParams;
  };
  const download = (params: Partial<api.DownloadParams>) => node.call<api.PdfFile>("protocol.download", params);
  let link: api.DownloadParams;
  let sealed: api.Sealed;
  beforeAll(async () => {
    template = "<h1>协议</h1>";
    const { protocolId, protocolHash } = await signed();
    sealed = await seal(protocolId, protocolHash);
    link = await linkOf(protocolId);
  });

  test("a fresh link gives the sealed PDF, as often as it is followed", async () => {
    for (let i = 0; i < 2; i++) expect((await download(link)).sha256).toBe(sealed.pdfSha256);
  });

  test.each<[string, () => Promise<Partial<api.DownloadParams>>]>([
    ["a changed signature", async () => ({ ...link, sig: link.sig.replace(/^./, (first) => (first === "A" ? "B" : "A")) })],
    ["no signature", async () => ({ ...link, sig: undefined as never })],
    ["an agreement nobody knows", () => linkOf(newId())],
    ["an agreement that is not sealed", async () => linkOf((await signed()).protocolId)],
    ["a link whose time is up", async () => (clock.use(() => Date.now() + config.downloadLinkTtl + 1_000), link)],
  ])("%s fails like every other bad link", async (_, make) => {
    const error = (await download(await make()).catch((thrown: unknown) => thrown)) as { type: string; code: number; message: string; data: unknown };
    expect([error.type, error.code, error.message, error.data]).toEqual(["LINK_INVALID", 401, "下载链接无效或已过期", {}]);
  });

  test("a PDF that was changed on the disk is never served and raises an alert", async () => {
    const bytes = readFileSync(filePath(sealed));
    writeFileSync(filePath(sealed), Buffer.concat([bytes, Buffer.from(" ")]));
    await expect(download(link)).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    await expect(read(sealed.protocolId)).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
    expect(node.alerts).toEqual(["STORED_FILE_CHANGED", "STORED_FILE_CHANGED"]);
    writeFileSync(filePath(sealed), bytes);
    expect((await download(link)).sha256).toBe(sealed.pdfSha256);
  });
});

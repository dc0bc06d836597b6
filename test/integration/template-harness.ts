import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ServiceBroker, type Service, type ServiceSchema } from "moleculer";
import { clock } from "../../mixins/clock.ts";
import type { BuiltIn } from "../../services/template/built-in.ts";
import { recordOf, type TemplateRow } from "../../services/template/stored.ts";
import type { Chosen, ChooseParams, Rendered, RenderParams } from "../../services/template/template.api.ts";
import type { TemplateCollections, Versions } from "../../services/template/versions.ts";
import { VARIABLES } from "../../templates/variables.ts";

export const CODE = "RB_BATCH_ENTERPRISE";
export const flow: ChooseParams = { scene: "BATCH_PAYMENT", processType: "RELATION_BINDING", signerType: "ENTERPRISE" };
export const variables = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, `〈${name}〉`]));

/** The agreement's file, and words in it that a test changes. */
export const AGREEMENT = `protocol/${CODE}/content.ejs`;
export const BEFORE = "<strong>特别提示：</strong>";
export const AFTER = "<strong>重要提示：</strong>";

/** A node with the template service. */
export interface TemplateNode {
  broker: ServiceBroker;
  service: Service & { versions: Versions; collections: TemplateCollections };
  alerts: Record<string, unknown>[];
  choose(wanted?: ChooseParams): Promise<Chosen>;
  render(params: RenderParams): Promise<string>;
}

let makeSchema: (dataDir: string) => ServiceSchema;
let builtInsOf: (folder: string) => BuiltIn[];
let data: string;
let folder: string;
let nodes: TemplateNode[];

/** Gives each test of the suite a database and a copy of the built-in texts of its own, and stops its nodes. */
export function eachTestAlone(): void {
  beforeAll(async () => {
    // The settings are read when they are first imported, and generate keys where DATA_DIR points.
    const settingsHome = mkdtempSync(join(tmpdir(), "template-settings-"));
    process.env["DATA_DIR"] = settingsHome;
    const { default: schema } = await import("../../services/template/template.service.ts");
    const { collections } = await import("../../mixins/collection.ts");
    const { config } = await import("../../config/index.ts");
    const { h5Template, protocolTemplate } = await import("../../services/template/template-version.model.ts");
    const { smsTemplate } = await import("../../services/template/sms-template.model.ts");
    builtInsOf = (await import("../../services/template/built-in.ts")).readBuiltIns;
    const models = { protocol: protocolTemplate, sms: smsTemplate, h5: h5Template };
    makeSchema = (dataDir) => ({ ...schema, mixins: [collections(models, { ...config, dataDir })] });
    rmSync(settingsHome, { recursive: true, force: true });
  });
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "template-data-"));
    folder = mkdtempSync(join(tmpdir(), "template-texts-"));
    cpSync(resolve(__dirname, "../../templates"), folder, { recursive: true });
    nodes = [];
  });
  afterEach(async () => {
    for (const node of nodes) await node.broker.stop();
    clock.use(Date.now);
    for (const one of [data, folder]) rmSync(one, { recursive: true, force: true });
  });
}

/** Changes a file of the built-in texts; words that are not there would make a test mean nothing. */
export function edit(path: string, from: string, to: string): void {
  const file = join(folder, path);
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
  writeFileSync(file, text.replace(from, to));
}
export const builtIns = (): BuiltIn[] => builtInsOf(folder);

/** A node, not yet started; nodes of one test share the database and, on request, a bus. */
export function node(bus = false): TemplateNode {
  const schema = makeSchema(data);
  const alerts: Record<string, unknown>[] = [];
  const broker = new ServiceBroker({ nodeID: `node-${nodes.length}`, namespace: data, logger: false, ...(bus && { transporter: "Fake" }) });
  const service = broker.createService({ ...schema, settings: { ...schema.settings, folder } }) as TemplateNode["service"];
  service.logger.error = (...parts: unknown[]) => alerts.push(...parts.filter((part) => typeof part === "object" && part !== null && "alert" in part) as never[]);
  const made: TemplateNode = {
    broker,
    service,
    alerts,
    choose: (wanted = flow) => broker.call<Chosen, ChooseParams>("template.choose", wanted, { nodeID: broker.nodeID }),
    render: async (params) => (await broker.call<Rendered, RenderParams>("template.render", params, { nodeID: broker.nodeID })).text,
  };
  nodes.push(made);
  return made;
}
export async function startedNode(bus = false): Promise<TemplateNode> {
  const made = node(bus);
  await made.broker.start();
  return made;
}
export async function restarted(old: TemplateNode): Promise<TemplateNode> {
  await old.broker.stop();
  nodes.splice(nodes.indexOf(old), 1);
  return startedNode();
}

/** Everything stored of the flow's agreement, as `version origin active`. */
export async function stored({ service }: TemplateNode): Promise<string[]> {
  const records = await service.collections.protocol.find({ code: CODE }, { sort: ["templateVersion"] });
  return records.map(({ templateVersion, origin, isActive }) => `${templateVersion} ${origin} ${isActive ? "active" : "inactive"}`);
}
export async function upload({ service }: TemplateNode, over: Partial<TemplateRow>): Promise<void> {
  const first = (await service.versions.get({ kind: "PROTOCOL", code: CODE, version: 1 }))!;
  await service.collections.protocol.insert(recordOf({ ...first, origin: "UPLOAD", isActive: true, ...over }) as never);
}

/** Switches a version of the flow's agreement off, as an operator would. */
export async function switchOff({ service }: TemplateNode, version: number): Promise<void> {
  const record = await service.collections.protocol.findOne({ code: CODE, templateVersion: version });
  await service.collections.protocol.replaceIfVersion({ ...record!, isActive: false });
}

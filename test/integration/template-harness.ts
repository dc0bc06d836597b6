import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ServiceBroker, type Service, type ServiceSchema } from "moleculer";
import { clock } from "../../mixins/clock.ts";
import type { BuiltIn } from "../../services/template/built-in.ts";
import type { Operator } from "../../contract/operator.ts";
import type { Page } from "../../contract/paging.ts";
import type { TemplateDesk } from "../../services/template/desk.ts";
import type { Chosen, ChooseParams, Rendered, RenderParams, Submission, Submitted, TemplateView } from "../../services/template/template.api.ts";
import type { TemplateCollections } from "../../services/template/versions.ts";
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
  service: Service & { desk: TemplateDesk; collections: TemplateCollections; sweepNow(): Promise<number> };
  alerts: Record<string, unknown>[];
  choose(wanted?: ChooseParams): Promise<Chosen>;
  render(params: RenderParams): Promise<string>;
  /** An action of this node's template service. */
  call<T>(action: string, params: object): Promise<T>;
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
    const { templateStep } = await import("../../services/template/template-step.model.ts");
    const models = { protocol: protocolTemplate, sms: smsTemplate, h5: h5Template, steps: templateStep };
    makeSchema = (dataDir) => ({ ...schema, mixins: [collections(models, { ...config, dataDir }), ...schema.mixins!.slice(1)] });
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
    call: <T>(action: string, params: object) => broker.call<T, object>(`template.${action}`, params, { nodeID: broker.nodeID }),
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

/** Everything stored of the flow's agreement, as `version origin state`. */
export async function stored({ call }: TemplateNode): Promise<string[]> {
  const { items } = await call<Page<TemplateView>>("list", { kind: "PROTOCOL", code: CODE });
  return items.sort((a, b) => a.version - b.version).map(({ version, origin, state }) => `${version} ${origin} ${state}`);
}

let operations = 0;
/** Somebody with an administrator's key, in an operation of their own. */
export const by = (name: string): Operator => ({ id: `AUDIT_${++operations}`, name, reason: `${name} 的理由`, via: "ADMIN_API" });

/** Ann uploads a version of the flow's agreement, in which words are changed. */
export async function upload({ call, service }: TemplateNode, over: Partial<Submission> = {}): Promise<number> {
  const { content } = (await service.desk.versions.get({ kind: "PROTOCOL", code: CODE, version: 1 }))!;
  const submission = { kind: "PROTOCOL", code: CODE, content: content.replace(BEFORE, "<strong>请注意：</strong>"), ...over, operator: by("ann") };
  return (await call<Submitted>("submit", submission)).version;
}
/** One step of a version of the flow's agreement, by bob. */
export const step = ({ call }: TemplateNode, name: string, version: number, over: object = {}): Promise<TemplateView> =>
  call<TemplateView>(name, { kind: "PROTOCOL", code: CODE, version, operator: by("bob"), ...over });

/** Ann uploads, bob approves and activates. @returns the version */
export async function uploadInForce(on: TemplateNode, over: Partial<Submission> = {}): Promise<number> {
  const version = await upload(on, over);
  await step(on, "approve", version);
  await step(on, "activate", version);
  return version;
}

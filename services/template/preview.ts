import { FLOWS } from "../../contract/flows.ts";
import { badField } from "../../contract/paging.ts";
import { failure } from "../../contract/errors.ts";
import type { SampleProcess } from "../process/process.api.ts";
import type { Previewed } from "../protocol/protocol.api.ts";
import type { TemplateDesk } from "./desk.ts";
import { rowNamed } from "./listing.ts";
import { compile } from "./render.ts";
import { SAMPLES, type Sample } from "./samples.ts";
import { candidatesOf } from "./select.ts";
import { ANY, signerOf, type TemplateRow } from "./stored.ts";
import { contentErrors, normalized } from "./submitting.ts";
import type { ChooseParams, DraftPreviewParams, Preview, PreviewFormat, PreviewParams, TemplateKind } from "./template.api.ts";
import { KINDS } from "./versions.ts";

/** A print waits for its turn and may be done twice. */
const PRINT_MS = 40_000;
const SAMPLE_MS = 3_000;
const FORMATS: Readonly<Record<TemplateKind, readonly PreviewFormat[]>> = { PROTOCOL: ["page", "pdf"], SMS: ["text"], H5: ["page"] };
/** What only an SMS has; the platform makes both itself. */
const OF_SMS = { link: `https://e-sign.example.com/h5/sign?token=${"A".repeat(43)}`, code: "527491" };
/** One SMS holds 70 characters of Chinese; of a longer one each part holds 67. */
const ONE_SMS = 70;
const PART_OF_SMS = 67;

type Text = Pick<TemplateRow, "kind" | "code" | "name" | "content" | "processType" | "scene" | "signatoryType">;

/** A stored version filled with sample data, as the signer would see it. @throws NOT_FOUND, PARAM_INVALID */
export const preview = async (on: TemplateDesk, params: PreviewParams): Promise<Preview> => fill(on, await rowNamed(on, params), params);

/** The same for words that are not stored; they must be without flaw. @throws PARAM_INVALID */
export function previewDraft(on: TemplateDesk, params: DraftPreviewParams): Promise<Preview> {
  const { kind, code, name, processType = ANY, scene = ANY, signerType } = params;
  if (!KINDS.includes(kind)) throw badField("kind", `取值不正确，可选值：${KINDS.join("、")}`);
  if (typeof params.content !== "string") throw badField("content", "必填，应为文字");
  const content = normalized(params.content);
  const errors = contentErrors(kind, content, { processType });
  if (errors.length) throw failure("PARAM_INVALID", { errors });
  const word = (value: unknown, otherwise: string): string => (typeof value === "string" && value.trim() ? value : otherwise);
  const signatoryType = { ENTERPRISE: 1, INDIVIDUAL: 2 }[word(signerType, ANY)] ?? 0;
  return fill(on, { kind, code: word(code, "DRAFT"), name: word(name, "（未命名）"), content, processType, scene, signatoryType }, params);
}

async function fill(on: TemplateDesk, text: Text, params: { format?: PreviewFormat; sample?: string }): Promise<Preview> {
  const format = params.format ?? FORMATS[text.kind][0]!;
  if (!FORMATS[text.kind].includes(format)) throw badField("format", `此类模板可选：${FORMATS[text.kind].join("、")}`);
  const sample = sampleFor(text, params.sample);
  const flow = FLOWS.find(({ processType, scene }) => processType === text.processType && scene === text.scene) ?? FLOWS[0]!;
  if (!flow[flow.signer].includes(sample.signerType)) throw badField("sample", "该业务的签署方没有此商户类型");
  const { processType, scene } = flow;
  const { signerType, verificationType, codeRequired } = sample;
  const protocolName = await titleFor(on, text, { processType, scene, signerType });
  const signedWith = (keyClauses: number): Promise<SampleProcess> =>
    on.call("process.sample", { processType, scene, signerType, verificationType, codeRequired, protocolName, keyClauses }, SAMPLE_MS);
  const { variables } = await signedWith(0);
  const filled = compile(text.kind, text.content)({ ...variables, ...OF_SMS });
  if (text.kind === "SMS") return { sample: sample.name, text: filled, ...lengthOf(filled) };
  if (text.kind === "H5") return { sample: sample.name, page: JSON.parse(filled) as Preview["page"] };
  // Only the filled text tells which key clauses this signer is shown.
  const { signaturePage } = await signedWith(filled.match(/ data-key-clause="/g)?.length ?? 0);
  const { keyClauses, base64 } = await on.call<Previewed>("protocol.preview", { html: filled, protocolName, signaturePage, pdf: format === "pdf" }, PRINT_MS);
  return { sample: sample.name, ...(format === "pdf" ? { base64, fileName: `${text.code}-预览.pdf` } : { html: filled, keyClauses }) };
}

/** What `protocolName` says: an agreement's own name; in an SMS or a page that of the agreement which serves the flow now. */
async function titleFor(on: TemplateDesk, { kind, name }: Text, flow: ChooseParams): Promise<string> {
  if (kind === "PROTOCOL") return name;
  return candidatesOf(await on.activeRows.get(on.now()), flow).protocol[0]?.name ?? "（该流程的协议）";
}

/** The sample by its name; without one, the first that the template serves. */
function sampleFor({ signatoryType }: Text, name: string | undefined): Sample {
  const given = name === undefined || name === ANY ? SAMPLES.find(({ signerType }) => [ANY, signerType].includes(signerOf(signatoryType))) : SAMPLES.find((sample) => sample.name === name);
  if (!given) throw badField("sample", `取值不正确，可选值：${SAMPLES.map((sample) => sample.name).join("、")}`);
  return given;
}

/** Characters as a carrier counts them, and how many SMS that makes. */
function lengthOf(text: string): { length: number; segments: number } {
  return { length: text.length, segments: text.length <= ONE_SMS ? 1 : Math.ceil(text.length / PART_OF_SMS) };
}

import { MERCHANT_TYPES, PROCESS_TYPES, SCENES, SIGNATORY_NUMBER } from "../../../contract/vocabulary.ts";
import { select } from "../../../services/template/select.ts";
import type { TemplateRow } from "../../../services/template/stored.ts";
import type { Chosen } from "../../../services/template/template.api.ts";

const row = (over: Partial<TemplateRow>): TemplateRow => ({
  kind: "PROTOCOL",
  code: "CODE",
  version: 1,
  scene: "BATCH_PAYMENT",
  processType: "RELATION_BINDING",
  signatoryType: 1,
  fundPurpose: "",
  accountType: "",
  name: "名称",
  content: "",
  sha256: "00",
  h5TemplateName: "",
  isActive: true,
  origin: "BUILT_IN",
  createdAt: new Date(0),
  ...over,
});
const signCode = row({ kind: "SMS", code: "SIGN_CODE", scene: "ANY", processType: "ANY", signatoryType: 0 });
const reminder = { ...signCode, code: "CONTINUE_VERIFICATION" };
const product = PROCESS_TYPES.flatMap((processType) =>
  SCENES.flatMap((scene) => MERCHANT_TYPES.map((signerType) => ({ processType, scene, signerType }))),
);
type Wanted = (typeof product)[number];
const codeOf = ({ processType, scene, signerType }: Wanted): string => `${processType}-${scene}-${signerType}`;
/** Agreement, invitation and page of one flow; the page only by the name the invitation gives it. */
const flow = (wanted: Wanted): TemplateRow[] => {
  const place = { processType: wanted.processType, scene: wanted.scene, signatoryType: SIGNATORY_NUMBER[wanted.signerType] };
  const code = codeOf(wanted);
  return [row({ ...place, code }), row({ ...place, kind: "SMS", code, h5TemplateName: `${code}-PAGE` }), row({ ...place, kind: "H5", code: `${code}-PAGE` })];
};

describe("choosing the templates of a flow", () => {
  test.each(product)("with every flow served, $processType $scene $signerType gets its own and no other's", (wanted) => {
    const { chosen } = select([...product.flatMap(flow), signCode, reminder], wanted);
    const codes = Object.fromEntries(Object.entries(chosen!).map(([part, ref]) => [part, ref.code]));
    const code = codeOf(wanted);
    expect(codes).toEqual({ protocol: code, sms: code, smsCode: "SIGN_CODE", smsContinue: "CONTINUE_VERIFICATION", h5: `${code}-PAGE` });
  });

  test.each(product)("with every flow served but its own, $processType $scene $signerType gets nothing", (wanted) => {
    const others = product.filter((other) => codeOf(other) !== codeOf(wanted));
    expect(select([...others.flatMap(flow), signCode, reminder], wanted)).toEqual({ missing: { part: "protocol", codes: [] } });
  });

  const wanted = product[0]!;
  const [protocol, sms, h5] = flow(wanted) as [TemplateRow, TemplateRow, TemplateRow];
  const all: Record<keyof Chosen, TemplateRow> = { protocol, sms, smsCode: signCode, smsContinue: reminder, h5 };
  const parts = Object.keys(all) as (keyof Chosen)[];

  test.each(parts)("a flow without its %s gets nothing", (part) => {
    const rest = parts.filter((other) => other !== part).map((other) => all[other]);
    expect(select(rest, wanted)).toEqual({ missing: { part, codes: [] } });
  });

  test.each(parts)("two active candidates for %s are an error that names both, and no guess", (part) => {
    const twin = { ...all[part], version: 2 };
    expect(select([...Object.values(all), twin], wanted)).toEqual({ missing: { part, codes: [twin.code, twin.code] } });
  });

  test("the chosen version is pinned by kind, code, version, hash and name", () => {
    const exact = { ...protocol, version: 7, sha256: "ab", name: "协议" };
    expect(select([exact, sms, signCode, reminder, h5], wanted).chosen?.protocol).toEqual({
      kind: "PROTOCOL",
      code: protocol.code,
      version: 7,
      sha256: "ab",
      name: "协议",
    });
  });
});

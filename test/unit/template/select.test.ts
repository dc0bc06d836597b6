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

  describe("that name a fund purpose or an account type", () => {
    const place = { fundPurpose: "股东分红", accountType: "TIANCAI_RECEIVE_ACCOUNT" } as const;
    const by = (code: string, over: Partial<TemplateRow>): TemplateRow => ({ ...protocol, code, ...over });
    const rows = [
      by("ANY", {}),
      by("ANY_SIGNER", { signatoryType: 0 }),
      by("ACCOUNT", { accountType: place.accountType }),
      by("PURPOSE", { fundPurpose: place.fundPurpose }),
      by("PURPOSE_ANY_SIGNER", { fundPurpose: place.fundPurpose, signatoryType: 0 }),
      by("BOTH", place),
      by("OTHER_PURPOSE", { fundPurpose: "货款", accountType: place.accountType }),
      by("OTHER_ACCOUNT", { fundPurpose: place.fundPurpose, accountType: "TIANCAI_RECEIVER_ACCOUNT" }),
    ];
    const codeChosen = (among: readonly TemplateRow[], more: object) => select([...among, sms, signCode, reminder, h5], { ...wanted, ...more }).chosen?.protocol.code;
    const without = (...codes: string[]) => rows.filter(({ code }) => !codes.includes(code));

    test.each<[string, string[], object, string | undefined]>([
      ["both before one", [], place, "BOTH"],
      ["the purpose before the account", ["BOTH"], place, "PURPOSE"],
      ["the account before none", ["BOTH", "PURPOSE", "PURPOSE_ANY_SIGNER"], place, "ACCOUNT"],
      ["the signer's type before any signer's", ["BOTH", "PURPOSE", "PURPOSE_ANY_SIGNER", "ACCOUNT"], place, "ANY"],
      ["any signer's where nothing else is", ["BOTH", "PURPOSE", "PURPOSE_ANY_SIGNER", "ACCOUNT", "ANY"], place, "ANY_SIGNER"],
      ["the general one for another purpose and account", [], { fundPurpose: "工资", accountType: null }, "ANY"],
      ["the general one for a caller who says neither", [], {}, "ANY"],
      ["the purpose to the letter only", [], { ...place, fundPurpose: "股东分红 " }, "ACCOUNT"],
      ["no special one where the general one is missing", ["ANY", "ANY_SIGNER"], { fundPurpose: "工资", accountType: null }, undefined],
    ])("the most specific wins: %s", (_rule, missing, more, code) => {
      expect(codeChosen(without(...missing), more)).toBe(code);
    });

    test("two of the same fields are a tie that names both, and what is less specific does not settle it", () => {
      const twin = by("TWIN", { fundPurpose: place.fundPurpose });
      expect(select([...without("BOTH"), twin, sms, signCode, reminder, h5], { ...wanted, ...place })).toEqual({ missing: { part: "protocol", codes: ["PURPOSE", "TWIN"] } });
    });

    test("no two different sets of fields ever tie", () => {
      const sets = ["", place.fundPurpose].flatMap((fundPurpose) => ["", place.accountType].flatMap((accountType) => [0, protocol.signatoryType].map((signatoryType) => by(`${fundPurpose}-${accountType}-${signatoryType}`, { fundPurpose, accountType, signatoryType }))));
      for (const one of sets) for (const other of sets) if (one !== other) expect(codeChosen([one, other], place)).toBeDefined();
    });

    test("the page of a special SMS is the one that it names", () => {
      const special = { ...sms, code: "SPECIAL", fundPurpose: place.fundPurpose, h5TemplateName: "SPECIAL_PAGE" };
      const specialPage = { ...h5, code: "SPECIAL_PAGE" };
      const { chosen } = select([protocol, sms, special, signCode, reminder, h5, specialPage], { ...wanted, ...place });
      expect([chosen?.protocol.code, chosen?.sms.code, chosen?.h5.code]).toEqual([protocol.code, "SPECIAL", "SPECIAL_PAGE"]);
    });
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

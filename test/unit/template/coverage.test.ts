import { FLOWS } from "../../../contract/flows.ts";
import { readBuiltIns, templatesFolder } from "../../../services/template/built-in.ts";
import { coverage, type Coverage } from "../../../services/template/coverage.ts";
import { select } from "../../../services/template/select.ts";
import type { TemplateRow } from "../../../services/template/stored.ts";
import type { ChooseParams } from "../../../services/template/template.api.ts";

const rows: TemplateRow[] = readBuiltIns(templatesFolder()).map((text) => ({ ...text, fundPurpose: "", accountType: "", version: 1, isActive: true, origin: "BUILT_IN", createdAt: new Date(0) }) as TemplateRow);
const of = (kind: string, code: string): TemplateRow => rows.find((row) => row.kind === kind && row.code === code)!;
const named = ({ processType, scene, signerType, fundPurpose, accountType }: Coverage) => [processType, scene, signerType, fundPurpose, accountType].join(" ").trimEnd();
const faulty = (lines: Coverage[]) => lines.filter(({ gap, tie }) => gap || tie.length > 0).map((line) => `${named(line)}: ${line.gap ? "gap" : ""}${line.tie.join("+")}`);

test("with the built-in texts there is a line for each row of the flow table and signer type, and none has a gap or a tie", () => {
  const lines = coverage(rows);
  expect(lines.map(named)).toEqual(FLOWS.flatMap(({ processType, scene, signer, ...flow }) => flow[signer].map((type) => `${processType} ${scene} ${type}`)));
  expect(faulty(lines)).toEqual([]);
  expect(lines[0]).toMatchObject({ protocol: { code: "RB_BATCH_ENTERPRISE", version: 1 }, sms: { code: "RB_BATCH_ENTERPRISE", version: 1 }, h5: { code: "RB_BATCH_ENTERPRISE", version: 1 } });
});

test.each([
  ["an agreement", (row: TemplateRow) => !(row.kind === "PROTOCOL" && row.code === "POOLING_INDIVIDUAL"), ["POOLING_AUTH POOLING INDIVIDUAL: gap"]],
  ["a page that an SMS names", (row: TemplateRow) => !(row.kind === "H5" && row.code === "RB_BATCH_ENTERPRISE"), ["RELATION_BINDING BATCH_PAYMENT ENTERPRISE: gap"]],
  ["an invitation, and with it the page", (row: TemplateRow) => !(row.kind === "SMS" && row.code === "OPEN_BATCH_ENTERPRISE"), ["OPEN_PAYMENT BATCH_PAYMENT ENTERPRISE: gap"]],
])("without %s its line has a gap and the others have none", (_what, kept, expected) => {
  expect(faulty(coverage(rows.filter(kept)))).toEqual(expected);
});

test("without the sign code every line has a gap", () => {
  expect(coverage(rows.filter(({ code }) => code !== "SIGN_CODE")).every(({ gap }) => gap)).toBe(true);
});

test("a purpose and an account type that templates name make lines of their own, in their flow only", () => {
  const special = { ...of("PROTOCOL", "RB_BATCH_ENTERPRISE"), code: "DIVIDENDS", fundPurpose: "股东分红" };
  const account = { ...of("PROTOCOL", "RB_BATCH_ENTERPRISE"), code: "RECEIVER", accountType: "TIANCAI_RECEIVER_ACCOUNT" };
  const lines = coverage([...rows, special, account]);
  expect(lines.filter(({ scene, processType, signerType }) => processType === "RELATION_BINDING" && scene === "BATCH_PAYMENT" && signerType === "ENTERPRISE").map((line) => [line.fundPurpose, line.accountType, line.protocol?.code])).toEqual([
    ["", "", "RB_BATCH_ENTERPRISE"],
    ["", "TIANCAI_RECEIVER_ACCOUNT", "RECEIVER"],
    ["股东分红", "", "DIVIDENDS"],
    ["股东分红", "TIANCAI_RECEIVER_ACCOUNT", "DIVIDENDS"],
  ]);
  expect(lines).toHaveLength(coverage(rows).length + 3);
  expect(faulty(lines)).toEqual([]);
});

test("two codes in one place are a tie that names them", () => {
  const twin = { ...of("PROTOCOL", "RB_BATCH_ENTERPRISE"), code: "TWIN" };
  expect(faulty(coverage([...rows, twin]))).toEqual(["RELATION_BINDING BATCH_PAYMENT ENTERPRISE: RB_BATCH_ENTERPRISE+TWIN"]);
});

test("a special text without a general one leaves the gap of everybody else to be seen", () => {
  const special = { ...of("PROTOCOL", "RB_BATCH_ENTERPRISE"), fundPurpose: "股东分红" };
  expect(faulty(coverage([...rows.filter((row) => row !== of("PROTOCOL", "RB_BATCH_ENTERPRISE")), special]))).toEqual(["RELATION_BINDING BATCH_PAYMENT ENTERPRISE: gap"]);
});

test("every line says what an initiation of that kind would get", () => {
  const special = { ...of("SMS", "RB_BATCH_ENTERPRISE"), code: "DIVIDENDS", fundPurpose: "股东分红" };
  const all = [...rows, special].filter(({ code }) => code !== "POOLING_ENTERPRISE");
  for (const { processType, scene, signerType, fundPurpose, accountType, ...line } of coverage(all)) {
    const wanted: ChooseParams = { processType, scene, signerType, fundPurpose: fundPurpose || "任何其他用途", accountType: accountType || null };
    const { chosen } = select(all, wanted);
    expect([line.gap || line.tie.length > 0, line.protocol?.code, line.sms?.code, line.h5?.code]).toEqual(chosen ? [false, chosen.protocol.code, chosen.sms.code, chosen.h5.code] : [true, line.protocol?.code, line.sms?.code, line.h5?.code]);
  }
});

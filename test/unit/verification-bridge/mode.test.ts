import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MERCHANT_TYPES, PROCESS_TYPES, type MerchantType, type ProcessType, type VerificationType } from "../../../contract/vocabulary.ts";
import { loadModeRules } from "../../../services/verification-bridge/mode-rules.ts";
import { BUILT_IN_RULES, verificationMode } from "../../../services/verification-bridge/mode.ts";

/** §4.2.2, cell by cell. */
const EXPECTED: Record<ProcessType, Record<MerchantType, VerificationType>> = {
  RELATION_BINDING: { ENTERPRISE: "REMITTANCE", INDIVIDUAL: "FACE" },
  OPEN_PAYMENT: { ENTERPRISE: "REMITTANCE", INDIVIDUAL: "FACE" },
  POOLING_AUTH: { ENTERPRISE: "REMITTANCE", INDIVIDUAL: "REMITTANCE" },
};
const ALL = PROCESS_TYPES.flatMap((processType) => MERCHANT_TYPES.map((merchantType) => ({ processType, merchantType })));

test.each(ALL)("$processType of $merchantType is verified as §4.2.2 says", (signer) => {
  expect(verificationMode(BUILT_IN_RULES, signer)).toBe(EXPECTED[signer.processType][signer.merchantType]);
});

test("the first row that matches wins, and without one there is no mode", () => {
  const signer = { processType: "OPEN_PAYMENT", merchantType: "ENTERPRISE" } as const;
  expect(verificationMode([{ merchantType: "INDIVIDUAL", mode: "REMITTANCE" }, { mode: "FACE" }, { mode: "REMITTANCE" }], signer)).toBe("FACE");
  expect(verificationMode([{ merchantType: "INDIVIDUAL", mode: "FACE" }], signer)).toBeNull();
});

const fileWith = (content: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), "rules-")), "rules.json");
  writeFileSync(file, content);
  return file;
};

test("rules of a file replace the built-in ones", () => {
  expect(loadModeRules(undefined)).toBe(BUILT_IN_RULES);
  expect(loadModeRules(fileWith('[{"mode":"FACE"}]'))).toEqual([{ mode: "FACE" }]);
});

test.each([
  ["is not JSON", "{", /cannot be read as JSON/],
  ["is no list", "{}", /expected a list/],
  ["has a row that is no object", "[1]", /row 1: expected an object/],
  ["has an unknown member", '[{"mode":"FACE","scene":"POOLING"}]', /row 1: an unknown member/],
  ["has an unknown word", '[{"mode":"FACE"},{"processType":"X","mode":"FACE"}]', /row 2: processType: expected one of/],
  ["has a row without a mode", '[{"merchantType":"INDIVIDUAL"}]', /row 1: mode: missing/],
  ["leaves a signer open", '[{"merchantType":"INDIVIDUAL","mode":"FACE"}]', /no row for RELATION_BINDING and ENTERPRISE/],
])("a file that %s stops the start", (_, content, message) => {
  expect(() => loadModeRules(fileWith(content))).toThrow(message);
});

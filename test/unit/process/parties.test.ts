import { MERCHANT_TYPES, PROCESS_TYPES, SCENES, type MerchantType, type ProcessType, type Scene, type VerificationType } from "../../../contract/vocabulary.ts";
import { checksumErrors, flowErrors, flowOf, signerCard, signerOf } from "../../../services/process/parties.ts";
import type { PartyInfo } from "../../../contract/schemas/initiate.ts";
import { clientExample } from "../../fixtures/client-example.ts";

const contact = (name: string) => ({ name, mobile: "13800138000", idCardNo: "110101199001011234" });
const card = (cardNo: string) => ({ cardNo });
const party = (merchantType: MerchantType, rest: Partial<PartyInfo> = {}): PartyInfo => ({ merchantNo: "M1", merchantName: "甲", merchantType, accountNo: "A1", ...rest });
const full = (merchantType: MerchantType, name: string, cardNo: string) => party(merchantType, { contactInfo: contact(name), bankCardInfo: card(cardNo) });
const LITERAL = { payeeContactSigns: false };
const BORROWING = { payeeContactSigns: true };
const fields = (errors: { field: string }[]) => errors.map((error) => error.field);

/** CONTRACT.md §2.1 "Flow table", written down once more: payer types, payee types (`-` is no payee), who signs. */
const E = "ENTERPRISE";
const I = "INDIVIDUAL";
const TABLE: Readonly<Record<string, { payer: string[]; payee: string[]; signer: "payer" | "payee" }>> = {
  "RELATION_BINDING BATCH_PAYMENT": { payer: [E], payee: [E, I], signer: "payee" },
  "RELATION_BINDING MEMBER_SETTLEMENT": { payer: [E], payee: [E, I], signer: "payee" },
  "POOLING_AUTH POOLING": { payer: [E, I], payee: [E], signer: "payer" },
  "OPEN_PAYMENT BATCH_PAYMENT": { payer: [E], payee: [E, "-"], signer: "payer" },
  "OPEN_PAYMENT MEMBER_SETTLEMENT": { payer: [E], payee: [E, "-"], signer: "payer" },
};

const product = PROCESS_TYPES.flatMap((processType) =>
  SCENES.flatMap((scene) => MERCHANT_TYPES.flatMap((payer) => [...MERCHANT_TYPES, "-" as const].map((payee) => ({ processType, scene, payer, payee })))),
);

test.each(product)("$processType $scene from $payer to $payee is as the contract's table has it", ({ processType, scene, payer, payee }) => {
  const row = TABLE[`${processType} ${scene}`];
  const payeeInfo = payee === "-" ? null : full(payee, "付", "22222222");
  const request = clientExample({ processType, scene, payerInfo: full(payer, "付", "11111111"), payeeInfo });
  const wrong = row
    ? [...(row.payer.includes(payer) ? [] : ["payerInfo.merchantType"]), ...(row.payee.includes(payee) ? [] : [payee === "-" ? "payeeInfo" : "payeeInfo.merchantType"])]
    : ["scene"];
  expect(fields(flowErrors(request, "REMITTANCE", LITERAL))).toEqual(wrong);
  const flow = flowOf(processType, scene);
  expect(flow?.signer).toBe(row?.signer);
  if (flow && wrong.length === 0) {
    const signer = signerOf(flow, request, LITERAL)!;
    expect([signer.side, signer.source, signer.card?.cardNo]).toEqual([row!.signer, `${row!.signer}Info`, row!.signer === "payer" ? "11111111" : "22222222"]);
  }
});

const bare = (processType: ProcessType, scene: Scene, rest: object) => clientExample({ processType, scene, payerInfo: party("ENTERPRISE"), payeeInfo: party("ENTERPRISE"), ...rest });

test.each<[string, VerificationType, object, string[]]>([
  ["nothing of the payee", "REMITTANCE", {}, ["payeeInfo.contactInfo", "payeeInfo.bankCardInfo"]],
  ["a contact without a card", "REMITTANCE", { payeeInfo: party("ENTERPRISE", { contactInfo: contact("乙") }) }, ["payeeInfo.bankCardInfo"]],
  ["a card without a contact", "REMITTANCE", { payeeInfo: party("ENTERPRISE", { bankCardInfo: card("22222222") }) }, ["payeeInfo.contactInfo"]],
  ["a contact without an ID number at a remittance", "REMITTANCE", { payeeInfo: party("ENTERPRISE", { contactInfo: { name: "乙", mobile: "13800138000" }, bankCardInfo: card("22222222") }) }, []],
  ["a contact without an ID number at a face check", "FACE", { payeeInfo: party("INDIVIDUAL", { contactInfo: { name: "乙", mobile: "13800138000" } }) }, ["payeeInfo.contactInfo.idCardNo"]],
  ["a contact without a card at a face check", "FACE", { payeeInfo: party("INDIVIDUAL", { contactInfo: contact("乙") }) }, []],
])("with %s the signer is asked for what a %s needs", (_, type, change, expected) => {
  expect(fields(flowErrors(bare("RELATION_BINDING", "BATCH_PAYMENT", change), type, LITERAL))).toEqual(expected);
});

describe("where the payer signs and only the payee's contact and card are there", () => {
  const request = bare("POOLING_AUTH", "POOLING", { payeeInfo: full("ENTERPRISE", "乙", "22222222") });
  const flow = flowOf("POOLING_AUTH", "POOLING")!;

  test("it is refused, since the counterparty's phone would sign away the store's money", () => {
    expect(fields(flowErrors(request, "REMITTANCE", LITERAL))).toEqual(["payerInfo.contactInfo", "payerInfo.bankCardInfo"]);
  });
  test("PAYEE_CONTACT_SIGNS accepts it as §2.1.1 has it", () => {
    expect(flowErrors(request, "REMITTANCE", BORROWING)).toEqual([]);
    const signer = signerOf(flow, request, BORROWING)!;
    expect([signer.side, signer.source, signer.contact?.name, signer.card?.cardNo]).toEqual(["payer", "payeeInfo", "乙", "22222222"]);
  });
  test("the payer's own card goes before one that stands in, wherever it is asked for", () => {
    const own = { ...request, payerInfo: party("ENTERPRISE", { bankCardInfo: card("11111111") }) };
    expect([signerOf(flow, own, BORROWING)!.card?.cardNo, signerCard(own, "payer")?.cardNo]).toEqual(["11111111", "11111111"]);
  });
  test("the payee's card is never verified for a payer who has a contact", () => {
    const own = { ...request, payerInfo: party("ENTERPRISE", { contactInfo: contact("甲") }) };
    expect([signerOf(flow, own, BORROWING)!.card, signerCard(own, "payer")]).toEqual([null, null]);
    expect(fields(flowErrors(own, "REMITTANCE", BORROWING))).toEqual(["payerInfo.bankCardInfo"]);
  });
});

test("a pooling without its ratio is refused by name", () => {
  const request = bare("POOLING_AUTH", "POOLING", { payerInfo: full("INDIVIDUAL", "甲", "11111111"), extInfo: null });
  expect(fields(flowErrors(request, "REMITTANCE", LITERAL))).toEqual(["extInfo.orderAggregationMaxRatio"]);
});

test.each([
  ["4111111111111111", "11010519491231002X", []],
  ["4111111111111111", "11010519491231002x", []],
  ["4111111111111112", "110105194912310021", ["payeeInfo.bankCardInfo.cardNo", "payeeInfo.contactInfo.idCardNo"]],
  ["6228480012345678901", "110101199001011234", ["payeeInfo.bankCardInfo.cardNo", "payeeInfo.contactInfo.idCardNo"]],
])("checksums of card %s and ID %s: %j", (cardNo, idCardNo, expected) => {
  const payeeInfo = party("ENTERPRISE", { bankCardInfo: card(cardNo), contactInfo: { ...contact("乙"), idCardNo } });
  expect(fields(checksumErrors(clientExample({ payeeInfo })))).toEqual(expected);
});

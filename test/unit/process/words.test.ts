import { chineseTime, templateVariables, variableFields } from "../../../services/process/agreement-variables.ts";
import { moved, statusOf } from "../../../services/process/decision.ts";
import { differences } from "../../../services/process/idempotency.ts";
import { answerDigest, isCode, isToken, linkToken, signCode, tokenHash } from "../../../services/process/link-token.ts";
import { signingEvent } from "../../../services/process/signing-event.ts";
import { initiatedView, queryView, signerView, verificationView } from "../../../services/process/views.ts";
import { VARIABLES } from "../../../templates/variables.ts";
import { clientExample } from "../../fixtures/client-example.ts";
import { initiated, START } from "../../fixtures/process.ts";

describe("two requests under one key", () => {
  const first = { businessId: "BIZ-1", request: clientExample() };
  const differing = (request: object, businessId = "BIZ-1") => differences(first, { businessId, request: request as never })?.map((one) => one.field);
  const reversed = (value: object): object => Object.fromEntries(Object.entries(value).toReversed().map(([key, inner]) => [key, inner && typeof inner === "object" ? reversed(inner) : inner]));

  test.each<[string, object, string[] | undefined]>([
    ["the same", clientExample(), undefined],
    ["other key order", reversed(clientExample()), undefined],
    ["another purpose", clientExample({ fundPurpose: "货款" }), ["fundPurpose"]],
    ["no payee's card", { ...clientExample(), payeeInfo: { ...clientExample().payeeInfo!, bankCardInfo: null } }, ["payeeInfo.bankCardInfo.cardNo", "payeeInfo.bankCardInfo.accountName", "payeeInfo.bankCardInfo.bankCode"]],
    ["no extInfo", clientExample({ extInfo: null }), ["extInfo.orderAggregationMaxRatio"]],
    ["two changes", clientExample({ fundPurpose: "货款", callbackUrl: "https://other.example.com/" }), ["fundPurpose", "callbackUrl"]],
  ])("%s: the differing fields are named", (_, request, expected) => expect(differing(request)).toEqual(expected));

  test("another X-Business-Id is named by its header", () => expect(differing(clientExample(), "BIZ-2")).toEqual(["X-Business-Id"]));
  test("an empty extInfo says nothing more than an absent one", () => {
    expect(differences({ businessId: "B", request: clientExample({ extInfo: null }) }, { businessId: "B", request: clientExample({ extInfo: {} }) })).toBeUndefined();
  });
  test("no value is repeated in what is named", () => expect(JSON.stringify(differences(first, { businessId: "B", request: clientExample({ fundPurpose: "秘密用途" }) }))).not.toContain("秘密"));
});

describe("links and codes", () => {
  const key = { kid: "k1", key: Buffer.alloc(32, 7) };
  const other = { kid: "k2", key: Buffer.alloc(32, 8) };

  test("a link's token is 43 characters that only its key and process give", () => {
    const token = linkToken(key, "P1");
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([linkToken(key, "P1"), linkToken(key, "P2"), linkToken(other, "P1")].map((one) => one === token)).toEqual([true, false, false]);
    expect([isToken(key, "P1", token), isToken(other, "P1", token), isToken(key, "P2", token), isToken(key, "P1", token + "="), isToken(key, "P1", "")]).toEqual([true, false, false, false, false]);
    expect(tokenHash(token)).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    ["process", signCode(key, "P2", "h", 1)],
    ["agreement", signCode(key, "P1", "i", 1)],
    ["number", signCode(key, "P1", "h", 2)],
    ["key", signCode(other, "P1", "h", 1)],
  ])("a code is bound to its %s", (_, code) => {
    expect(code).toMatch(/^\d{6}$/);
    expect(code).not.toBe(signCode(key, "P1", "h", 1));
  });

  test.each([["012345", true], [" 012345 ", true], ["０１２３４５", true], ["12345", false], ["0123456", false], ["", false]])("%j typed for 012345 is right: %s", (typed, right) => expect(isCode("012345", typed)).toBe(right));

  test("an answer's digest tells amounts and remarks apart", () => {
    const of = (amount: string, remark: string) => answerDigest({ amount, remark });
    expect(new Set([of("0.12", "a"), of("0.13", "a"), of("0.12", "b"), of("0.12", "|a")]).size).toBe(4);
    expect(of("0.12", "a")).toBe(of("0.12", "a"));
  });
});

describe("what a wallet sees", () => {
  const { process } = initiated();
  const verification = { type: "REMITTANCE" as const, status: "SUCCESS" as const, attempt: 1, requestId: "R", verificationId: "VER1", remainingAttempts: 2, verifiedAt: "2026-11-24T09:00:00Z", answer: null, faceUrl: null, faceUrlExpiresAt: null };

  test("personal data is masked to the letter of the contract, companies and numbers are not", () => {
    expect(queryView(process, null)["payeeInfo"]).toEqual({
      merchantNo: "M100002",
      merchantName: "上海天财门店",
      merchantType: "ENTERPRISE",
      accountNo: "ACC100002",
      accountType: "TIANCAI_RECEIVE_ACCOUNT",
      bankCardInfo: { cardNo: "622848*********8901", accountName: "上海天财门店", bankCode: "ICBC" },
      contactInfo: { name: "张*", idCardNo: "1****************4", mobile: "138****8000" },
    });
  });
  test.each([
    ["6228480012345678901", "622848*********8901"],
    ["12345678901234", "123456****1234"],
    ["1234567890123", "*********0123"],
    ["12345678", "****5678"],
  ])("the card %s is shown as %s", (cardNo, shown) => {
    const payeeInfo = { ...process.request.payeeInfo!, bankCardInfo: { cardNo } };
    expect(queryView({ ...process, request: { ...process.request, payeeInfo } }, null)["payeeInfo"]).toMatchObject({ bankCardInfo: { cardNo: shown, accountName: null, bankCode: null } });
  });
  test("a person's account name is masked like a name, one star a character", () => {
    const payeeInfo = { ...process.request.payeeInfo!, merchantType: "INDIVIDUAL" as const, bankCardInfo: { cardNo: "12345678", accountName: "欧阳𠮷德" } };
    expect(queryView({ ...process, request: { ...process.request, payeeInfo } }, null)["payeeInfo"]).toMatchObject({ merchantName: "上海天财门店", bankCardInfo: { accountName: "欧***" } });
  });
  test("before the signature there is neither agreement nor verification, and absent objects are null", () => {
    expect(queryView({ ...process, request: { ...process.request, payeeInfo: null } }, null)).toMatchObject({
      status: "INIT", requestId: "WALLET_REQ_202310120001", payeeInfo: null, protocolInfo: null, verificationInfo: null, failureCode: null, failureReason: null,
      expiredAt: "2026-11-25T08:00:00Z", completedAt: null, extInfo: { orderAggregationMaxRatio: "0.8" }, initiatorInfo: { merchantNo: "M100001" },
    });
  });
  test("after it both are there", () => {
    const signed = { ...process, signedAt: new Date(START + 1_234), verification };
    expect(queryView(signed, "https://x/y.pdf")).toMatchObject({
      protocolInfo: { protocolId: process.protocolId, signedAt: "2026-11-24T08:00:01Z", downloadUrl: "https://x/y.pdf" },
      verificationInfo: { verificationId: "VER1", type: "REMITTANCE", status: "SUCCESS", verifiedAt: "2026-11-24T09:00:00Z" },
    });
  });
  test("no view holds a full number", () => {
    const seen = JSON.stringify([queryView(process, null), initiatedView(process, "L"), signerView(process)]);
    for (const secret of ["13800138000", "110101199001011234", "6228480012345678901", "张三"]) expect(seen).not.toContain(secret);
  });
  test.each([["NOT_STARTED", true], ["PENDING", true], ["SUCCESS", false], ["FAILED", false]] as const)("the signer is told when money arrives while the verification is %s: %s", (status, told) => {
    expect(verificationView({ ...process, verification: { ...verification, status } })!.arrivalHint !== null).toBe(told);
  });
});

describe("the event", () => {
  const { process } = initiated();
  test("a completed one has neither failure nor personal data", () => {
    const done = moved({ ...process, signedAt: new Date(START), verificationId: "VER1" }, "COMPLETED", START + 5_000, "sealed");
    const event = signingEvent(done, "c".repeat(64));
    expect(event).toEqual({
      eventId: process.eventId,
      type: "SIGNING_PROCESS_COMPLETED",
      timestamp: "2026-11-24T08:00:05Z",
      payload: {
        processId: process.processId, requestId: process.requestId, businessType: "TIANCAI_SPLIT_ACCOUNT", scene: "BATCH_PAYMENT", processType: "RELATION_BINDING", status: "COMPLETED",
        payerMerchantNo: "M100001", payeeMerchantNo: "M100002", protocolId: process.protocolId, verificationId: "VER1", fundPurpose: "股东分红",
      },
      evidence: { chainHead: "c".repeat(64), checkpoint: null },
    });
    expect(statusOf(done)).toBe("COMPLETED");
  });
  test.each(["FAILED", "EXPIRED"] as const)("a process that ended %s is a failed one that says so", (status) => {
    const ended = moved({ ...process, payeeMerchantNo: null }, status, START, "x", { failureCode: "SIGN_TIMEOUT", failureReason: "过期" });
    expect(signingEvent(ended, "c")).toMatchObject({ type: "SIGNING_PROCESS_FAILED", payload: { status: "FAILED", processStatus: status, failureCode: "SIGN_TIMEOUT", failureReason: "过期", payeeMerchantNo: null, protocolId: null } });
  });
});

describe("what the templates are told", () => {
  const { process } = initiated();
  test("every variable a template may use has a value or null, but for the link and the code", () => {
    const given = Object.keys(templateVariables(process));
    expect(given.toSorted()).toEqual(Object.keys(VARIABLES).filter((name) => name !== "link" && name !== "code").toSorted());
  });
  test("parties, card and ratio are those of the flow", () => {
    expect(templateVariables(process)).toMatchObject({ partyAName: "北京天财餐饮有限公司（总部）", partyBName: "上海天财门店", bankCardNo: "6228480012345678901", poolingRatio: "80%", signDeadline: "2026年11月25日 16:00" });
  });
  test("flags and the parties say the same facts, to branch on and to repeat for", () => {
    expect(templateVariables(process)).toMatchObject({
      codeRequired: true,
      byFace: false,
      signerIsCompany: true,
      signerStandsIn: false,
      hasIdCard: true,
      hasBankCard: true,
      hasPayee: true,
      parties: [
        { role: "甲方", name: "北京天财餐饮有限公司（总部）", merchantNo: "M100001", accountNo: "ACC100001" },
        { role: "乙方", name: "上海天财门店", merchantNo: "M100002", accountNo: "ACC100002" },
      ],
    });
    const request = { ...process.request, payerInfo: { ...process.request.payerInfo, ...process.request.payeeInfo }, payeeInfo: null };
    const opening = { ...process, processType: "OPEN_PAYMENT" as const, signer: "payer" as const, verificationType: "FACE" as const, signerType: "INDIVIDUAL" as const, payeeContactIdCard: null, request };
    expect(templateVariables(opening)).toMatchObject({
      byFace: true,
      signerIsCompany: false,
      hasIdCard: false,
      hasPayee: false,
      parties: [{ role: "甲方", name: "拉卡拉支付股份有限公司", merchantNo: null, accountNo: null }, { role: "乙方", name: "上海天财门店" }],
    });
  });
  test("every value has its declared type, and a list its declared fields", () => {
    for (const [name, value] of Object.entries(templateVariables(process))) {
      const { type, fields } = VARIABLES[name]!;
      if (type === "text") expect(value === null || typeof value === "string").toBe(true);
      else if (type === "flag") expect(typeof value).toBe("boolean");
      else for (const entry of value as Record<string, unknown>[]) expect(Object.keys(entry)).toEqual(Object.keys(fields!));
    }
  });
  test("an unprintable name in the list of the parties is reported as the request's field, like the variable of the party itself", () => {
    const fields = variableFields(process);
    expect(["name", "merchantNo", "accountNo"].flatMap((field) => [fields[`parties.0.${field}`], fields[`parties.1.${field}`]])).toEqual([
      "payerInfo.merchantName", "payeeInfo.merchantName", "payerInfo.merchantNo", "payeeInfo.merchantNo", "payerInfo.accountNo", "payeeInfo.accountNo",
    ]);
  });
  test("an account without a name of its own is named and reported as the merchant's, which is how it is verified; none has none", () => {
    const carded = (bankCardInfo: { cardNo: string } | null) => ({ ...process, request: { ...process.request, payeeInfo: { ...process.request.payeeInfo!, bankCardInfo } } });
    expect([carded({ cardNo: "12345678" }), carded(null)].map((one) => templateVariables(one)["bankAccountName"])).toEqual(["上海天财门店", null]);
    expect([process, carded({ cardNo: "12345678" })].map((one) => variableFields(one)["bankAccountName"])).toEqual(["payeeInfo.bankCardInfo.accountName", "payeeInfo.merchantName"]);
  });
  test.each([["0.8", "80%"], ["1", "100%"], ["0.125", "12.5%"], ["0.000001", "0.0001%"], ["0.333333", "33.3333%"]])("the ratio %s is said as %s", (ratio, said) => {
    const request = { ...process.request, extInfo: { orderAggregationMaxRatio: ratio } };
    expect(templateVariables({ ...process, request })["poolingRatio"]).toBe(said);
  });
  test("times are Beijing's, also across midnight", () => expect(chineseTime(new Date("2026-12-31T16:00:05Z"), true)).toBe("2027年1月1日 00:00:05"));
  test("a payer who signs is party B, and a contact or card that stands in is reported where it stands", () => {
    const request = clientExample({ processType: "POOLING_AUTH", scene: "POOLING" });
    const pooling = { ...process, processType: "POOLING_AUTH" as const, scene: "POOLING" as const, signer: "payer" as const, request };
    expect(templateVariables(pooling)).toMatchObject({ partyAName: "上海天财门店", partyBName: "北京天财餐饮有限公司（总部）" });
    expect(variableFields(pooling)).toMatchObject({ partyBName: "payerInfo.merchantName", signerName: "payeeInfo.contactInfo.name", bankCardNo: "payeeInfo.bankCardInfo.cardNo" });
    const own = { ...pooling, request: { ...request, payerInfo: { ...request.payerInfo, contactInfo: request.payeeInfo!.contactInfo } } };
    expect(templateVariables(own)["bankCardNo"]).toBeNull();
    expect(variableFields(own)).toMatchObject({ signerName: "payerInfo.contactInfo.name", bankCardNo: "payerInfo.bankCardInfo.cardNo" });
  });
});

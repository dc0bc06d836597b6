/**
 * THE sample data: what the sandbox starts, the demo and the bench sign, and the API document shows, one body a flow. Nobody in it is
 * a real person.
 */

export interface Flow {
  processType: string;
  scene: string;
  signerType: string;
}

interface Party {
  merchantNo: string;
  merchantName: string;
  merchantType: string;
  accountNo: string;
  accountType: string;
  bankCardInfo?: { cardNo: string; accountName: string; bankCode: string };
  contactInfo?: { name: string; idCardNo: string; mobile: string };
}

const HEADQUARTERS: Party = {
  merchantNo: "M100001",
  merchantName: "北京天财餐饮有限公司（总部）",
  merchantType: "ENTERPRISE",
  accountNo: "ACC100001",
  accountType: "TIANCAI_RECEIVE_ACCOUNT",
};

const CONTACT = { name: "张三", idCardNo: "110101199001011234", mobile: "13800138000" };

/** The receiver of §2.1.1, to the letter. */
const STORE: Party = {
  merchantNo: "M100002",
  merchantName: "上海天财门店",
  merchantType: "ENTERPRISE",
  accountNo: "ACC100002",
  accountType: "TIANCAI_RECEIVE_ACCOUNT",
  bankCardInfo: { cardNo: "6228480012345678901", accountName: "上海天财门店", bankCode: "ICBC" },
  contactInfo: CONTACT,
};

const PERSON: Party = {
  merchantNo: "M100003",
  merchantName: "李四",
  merchantType: "INDIVIDUAL",
  accountNo: "ACC100003",
  accountType: "TIANCAI_RECEIVER_ACCOUNT",
  bankCardInfo: { cardNo: "6222020200112230007", accountName: "李四", bankCode: "ICBC" },
  contactInfo: { name: "李四", idCardNo: "110101199003070134", mobile: "13900139000" },
};

/** A self-employed store: an INDIVIDUAL all the same (§4.2.2). */
const SMALL_STORE: Party = {
  merchantNo: "M100004",
  merchantName: "李记小吃店",
  merchantType: "INDIVIDUAL",
  accountNo: "ACC100004",
  accountType: "TIANCAI_RECEIVE_ACCOUNT",
  bankCardInfo: { cardNo: "6222020200445566778", accountName: "李四", bankCode: "ICBC" },
  contactInfo: PERSON.contactInfo!,
};

/** The signing party of a flow where it is a store or a receiver. */
const signerOf = (flow: Flow): Party =>
  flow.signerType !== "INDIVIDUAL" ? STORE : flow.processType === "RELATION_BINDING" && flow.scene === "BATCH_PAYMENT" ? PERSON : SMALL_STORE;

const headquartersSigning = (flow: Flow): Party => ({
  ...HEADQUARTERS,
  merchantType: flow.signerType,
  bankCardInfo: { cardNo: "6222021001122334455", accountName: HEADQUARTERS.merchantName, bankCode: "ICBC" },
  contactInfo: { name: "王五", idCardNo: "110101198503150291", mobile: "13700137000" },
});

/** One row a process type (the flow table of CONTRACT.md §2.1): its usual scene, its parties, the purpose of the money. */
const FLOWS: Record<string, { scene: string; parties: (flow: Flow) => { payerInfo: Party; payeeInfo?: Party }; purpose: string }> = {
  RELATION_BINDING: { scene: "BATCH_PAYMENT", parties: (flow) => ({ payerInfo: HEADQUARTERS, payeeInfo: signerOf(flow) }), purpose: "股东分红" },
  POOLING_AUTH: { scene: "POOLING", parties: (flow) => ({ payerInfo: signerOf(flow), payeeInfo: HEADQUARTERS }), purpose: "门店资金归集" },
  OPEN_PAYMENT: { scene: "BATCH_PAYMENT", parties: (flow) => ({ payerInfo: headquartersSigning(flow) }), purpose: "批量付款" },
};
const CLIENTS_OWN = FLOWS["RELATION_BINDING"]!;
const rowOf = (processType: string) => (Object.hasOwn(FLOWS, processType) ? FLOWS[processType] : undefined);

/** Completes a flow: nothing given is the client's own. Words that mean nothing are kept, so that the platform refuses them. */
export function flowOf(given: Record<string, unknown>): Flow {
  const word = (value: unknown, otherwise: string) => (typeof value === "string" && value ? value : otherwise);
  const processType = word(given["processType"], "RELATION_BINDING");
  return {
    processType,
    scene: word(given["scene"], (rowOf(processType) ?? CLIENTS_OWN).scene),
    signerType: word(given["signerType"], "ENTERPRISE"),
  };
}

/**
 * The body a wallet would post for a flow. RELATION_BINDING + BATCH_PAYMENT of a company is the client's example of §2.1.1;
 * only `requestId` and `callbackUrl` differ from it.
 */
export function sampleRequest(flow: Flow, requestId: string, callbackUrl: string) {
  const { parties, purpose } = rowOf(flow.processType) ?? CLIENTS_OWN;
  return {
    requestId,
    businessType: "TIANCAI_SPLIT_ACCOUNT",
    scene: flow.scene,
    processType: flow.processType,
    ...parties(flow),
    initiatorInfo: { merchantNo: HEADQUARTERS.merchantNo, merchantName: HEADQUARTERS.merchantName },
    fundPurpose: flow.scene === "MEMBER_SETTLEMENT" ? "会员结算" : purpose,
    callbackUrl,
    extInfo: { orderAggregationMaxRatio: "0.8" },
  };
}

/** The phone the invitation of such a request goes to: the signing party's. */
export const mobileOf = (request: ReturnType<typeof sampleRequest>): string =>
  (request.payerInfo.contactInfo ?? request.payeeInfo?.contactInfo ?? CONTACT).mobile;

/** Every row of the flow table with every type its signer can be (CONTRACT.md §2.1), and what the flow is called. */
export const SAMPLE_FLOWS: readonly (Flow & { title: string })[] = [
  { processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE", title: "关系绑定 · 批量付款 · 企业接收方（打款验证）" },
  { processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "INDIVIDUAL", title: "关系绑定 · 批量付款 · 个人接收方（人脸验证）" },
  { processType: "RELATION_BINDING", scene: "MEMBER_SETTLEMENT", signerType: "ENTERPRISE", title: "关系绑定 · 会员结算 · 企业门店（打款验证）" },
  { processType: "RELATION_BINDING", scene: "MEMBER_SETTLEMENT", signerType: "INDIVIDUAL", title: "关系绑定 · 会员结算 · 个体门店（人脸验证）" },
  { processType: "POOLING_AUTH", scene: "POOLING", signerType: "ENTERPRISE", title: "归集授权 · 归集 · 企业门店（打款验证）" },
  { processType: "POOLING_AUTH", scene: "POOLING", signerType: "INDIVIDUAL", title: "归集授权 · 归集 · 个体门店（打款验证）" },
  { processType: "OPEN_PAYMENT", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE", title: "开通付款 · 批量付款 · 总部（打款验证）" },
  { processType: "OPEN_PAYMENT", scene: "MEMBER_SETTLEMENT", signerType: "ENTERPRISE", title: "开通付款 · 会员结算 · 总部（打款验证）" },
];

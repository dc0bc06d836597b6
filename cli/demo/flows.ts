import type { Outside, Started } from "./outside.ts";
import type { SignerPhone } from "./phone.ts";

/** One flow of the table in CONTRACT.md §2.1. */
export interface Flow {
  /** Folder of its results. */
  name: string;
  /** Chinese. */
  title: string;
  processType: string;
  scene: string;
  signerType: string;
  /** How the signer proves who they are. */
  verify: (signing: { phone: SignerPhone; outside: Outside; started: Started; step: Step }) => Promise<void>;
}

/** Does one step, prints it with its time, and keeps what the phone shows afterwards under this name; without a name nothing. */
export type Step = (title: string, name: string, act: () => Promise<string | void>) => Promise<void>;

/** The signer reads amount and remark off the bank statement and types them in. */
const byRemittance: Flow["verify"] = async ({ phone, outside, started, step }) => {
  await step("认证系统已打款，页面等待填写", "remittance", () => phone.view("remittance"));
  await step("查看银行流水，填写金额和备注", "remittance-filled", async () => {
    const { amount, remark } = await outside.remittance(started);
    await phone.type("#amount", amount);
    await phone.type("#remark", remark);
    return `${amount} 元，备注“${remark}”`;
  });
  await step("提交，认证通过，协议封签", "completed", async () => {
    await phone.tap("#submit-answer");
    await phone.view("completed");
  });
};

/** The signer goes to the verification system's face page and comes back from it. */
const byFace: Flow["verify"] = async ({ phone, step }) => {
  await step("页面请签署人做人脸识别", "face", () => phone.view("face"));
  await step("前往认证系统的人脸页面", "face-system", async () => {
    await phone.tap("#start-face");
    await phone.page.waitForSelector("#pass:not([disabled])");
  });
  await step("人脸识别通过，回到签署页，协议封签", "completed", async () => {
    await phone.page.tap("#pass");
    await phone.view("completed");
  });
};

/** The flows that are shown, one row each: the whole flow table with every type of signer. */
export const FLOWS: readonly Flow[] = [
  ["RELATION_BINDING", "BATCH_PAYMENT", "ENTERPRISE", byRemittance, "关系绑定 · 批量付款 · 企业接收方（打款验证）"],
  ["RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL", byFace, "关系绑定 · 批量付款 · 个人接收方（人脸识别）"],
  ["RELATION_BINDING", "MEMBER_SETTLEMENT", "ENTERPRISE", byRemittance, "关系绑定 · 会员结算 · 企业门店（打款验证）"],
  ["RELATION_BINDING", "MEMBER_SETTLEMENT", "INDIVIDUAL", byFace, "关系绑定 · 会员结算 · 个体门店（人脸识别）"],
  ["POOLING_AUTH", "POOLING", "ENTERPRISE", byRemittance, "归集授权 · 企业门店（打款验证）"],
  ["POOLING_AUTH", "POOLING", "INDIVIDUAL", byRemittance, "归集授权 · 个体门店（打款验证）"],
  ["OPEN_PAYMENT", "BATCH_PAYMENT", "ENTERPRISE", byRemittance, "开通付款 · 批量付款 · 总部（打款验证）"],
  ["OPEN_PAYMENT", "MEMBER_SETTLEMENT", "ENTERPRISE", byRemittance, "开通付款 · 会员结算 · 总部（打款验证）"],
].map(([processType, scene, signerType, verify, title]) => {
  const row = { processType, scene, signerType, verify, title } as Omit<Flow, "name">;
  return { ...row, name: [row.processType, row.scene, row.signerType].join("-").toLowerCase().replaceAll("_", "-") };
});

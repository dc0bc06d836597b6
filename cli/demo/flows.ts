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

/** The flows that are shown, one row each. */
export const FLOWS: readonly Flow[] = [
  {
    name: "relation-binding-batch-payment-enterprise",
    title: "关系绑定 · 批量付款 · 企业（打款验证）",
    processType: "RELATION_BINDING",
    scene: "BATCH_PAYMENT",
    signerType: "ENTERPRISE",
    verify: byRemittance,
  },
];

import { eventually } from "./eventually.ts";
import type { Flow } from "./flows.ts";

export interface Started {
  processId: string;
  mobile: string;
  h5PageUrl: string;
}
/** A callback as the sandbox's wallet received and judged it. */
export interface WalletCall {
  headers: Record<string, string>;
  rawBody: string;
  body: { type: string; payload: { status: string }; evidence: { chainHead: string } };
  signature: { valid: boolean; reason: string };
  at: string;
}

/** The three systems around the platform, as the sandbox shows them to whoever watches (CONTRACT.md §2.6), and the wallet's own calls. */
export function outside(platform: string) {
  const sandbox = async <T>(path: string): Promise<T> => (await (await fetch(`${platform}/sandbox/api/${path}`)).json()) as T;
  const messages = (mobile: string) => sandbox<{ messageId: string; link?: string; code?: string; content: string }[]>(`sms?mobile=${mobile}`);

  return {
    /** The wallet starts a signing. @throws Error with the platform's answer when it is refused */
    async start({ processType, scene, signerType }: Flow): Promise<Started> {
      const response = await fetch(`${platform}/sandbox/api/start`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ processType, scene, signerType }),
      });
      const answer = (await response.json()) as { data: Started };
      if (!response.ok) throw new Error(`发起被拒绝（${response.status}）：${JSON.stringify(answer)}`);
      return answer.data;
    },

    /** The invitation on the signer's phone. */
    invitation: ({ mobile, processId }: Started) =>
      eventually("签约短信", async () => (await messages(mobile)).find(({ messageId, link }) => link && messageId.includes(processId))),

    /** The newest code on the signer's phone. */
    code: ({ mobile }: Started) => eventually("验证码短信", async () => (await messages(mobile)).findLast(({ code }) => code)?.code),

    /** The line on the company's bank statement. */
    remittance: ({ processId }: Started) =>
      eventually("打款到账", async () => (await sandbox<{ amount: string; remark: string }[]>(`bank?processId=${processId}`))[0]),

    /** What the wallet has been called back with. */
    callback: ({ processId }: Started) => eventually("钱包回调", async () => (await sandbox<WalletCall[]>(`wallet?processId=${processId}`))[0]),

    /** The status of §2.1.2, asked as the wallet asks. */
    async status({ processId }: Started): Promise<string> {
      const response = await fetch(`${platform}/api/v1/esign/process/${processId}`);
      return ((await response.json()) as { data: { status: string } }).data.status;
    },

    /** The evidence bundle. */
    async bundle({ processId }: Started): Promise<Buffer> {
      const response = await fetch(`${platform}/api/v1/esign/process/${processId}/evidence`);
      if (!response.ok) throw new Error(`证据包取不到（${response.status}）`);
      return Buffer.from(await response.arrayBuffer());
    },
  };
}

export type Outside = ReturnType<typeof outside>;

import { SAMPLE_FLOWS, sampleRequest } from "../../../contract/sample-requests.ts";
import type { Operation } from "./operation.ts";

const CALLBACK_URL = "https://wallet.example.com/callback/esign";

/** A body for each row of the flow table and each type of signer; the first is the client's own (§2.1.1). */
export const initiationExamples = (): NonNullable<Operation["examples"]> =>
  Object.fromEntries(
    SAMPLE_FLOWS.map(({ title, ...flow }, at) => [
      `${flow.processType}-${flow.scene}-${flow.signerType}`,
      { summary: title, value: sampleRequest(flow, `WALLET_REQ_20231012${String(at + 1).padStart(4, "0")}`, CALLBACK_URL) },
    ]),
  );

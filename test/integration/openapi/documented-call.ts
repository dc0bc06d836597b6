import { call, type Told } from "../gateway-harness.ts";
import { holdAgainstDocument } from "./documented.ts";

/** `call` of gateway-harness.ts, its answer held against the document. */
export async function documentedCall(...request: Parameters<typeof call>): Promise<Told> {
  const told = await call(...request);
  const [, method, target] = request;
  holdAgainstDocument(method, target, { status: told.status, headers: told.headers, text: told.bytes.toString() });
  return told;
}

import { failure } from "../../contract/errors.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { fingerprints } from "./agreement.ts";
import type { ProtocolRecord } from "./protocol-record.model.ts";

/**
 * The frozen agreement, its text hashed on this read.
 * @throws PROCESS_NOT_FOUND when there is none; whatever `changed` returns when the text is no longer the frozen one
 */
export async function frozenAgreement(
  records: Collection<ProtocolRecord>,
  protocolId: string,
  changed: (record: ProtocolRecord) => Error,
): Promise<ProtocolRecord> {
  const record = await records.get(protocolId);
  if (!record) throw failure("PROCESS_NOT_FOUND");
  if (fingerprints(record.protocolContent).protocolHash !== record.evidenceHash) throw changed(record);
  return record;
}

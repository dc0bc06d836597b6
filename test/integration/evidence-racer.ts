import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { config } from "../../config/index.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import { createFieldCipher } from "../../mixins/storage/field-cipher.ts";
import { openSqlite } from "../../mixins/storage/sqlite-engine.ts";
import { appendItems } from "../../services/evidence/append.ts";
import { evidenceChain, type EvidenceEvent } from "../../services/evidence/evidence-chain.model.ts";

/** One of several operating system processes that write the chain of one signing process: `evidence-racer.ts processId name count`. */
const [processId = "", name = "", count = "0"] = process.argv.slice(2);
const engine = openSqlite(join(config.dataDir, "esign.db"));
const ledger = {
  records: engine.collection<EvidenceEvent>(evidenceChain, createFieldCipher(config.fieldEncryptionKey)),
  now: () => Date.parse("2026-11-24T08:00:00Z"),
  salt: () => randomBytes(32).toString("hex"),
  isUniqueViolation,
  contradicted: () => process.exit(3),
  broken: () => process.exit(4),
};
const note = (key: string) => ({ key, type: "SMS_RECORD" as const, at: "2026-11-24T08:00:00Z", data: { key } });
for (let i = 0; i < Number(count); i++) await appendItems(ledger, processId, "WALLET", [note(`common:${i}`), note(`${name}:${i}`)]);
engine.close();

/**
 * `npm run rekey`: moves everything personal in the database to the first key of FIELD_ENCRYPTION_KEY, with the platform's own
 * settings and beside a platform at work, so that the old keys may go (docs/key-rotation.md). Exit code 0 when all of it is moved,
 * 1 when something could not be, 2 when it was too early.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Model } from "../mixins/collection-types.ts";
import { rekeyAll } from "../mixins/storage/personal-collections.ts";
import { PERSONAL_MODELS } from "./rekey/personal-models.ts";

/** Lets a platform at work write between two batches. */
const PAUSE_MS = 5;

process.exitCode = await main(PERSONAL_MODELS);

async function main(models: readonly Model[]): Promise<number> {
  const { config } = await import("../config/index.ts").catch((error: { problems?: string[] }) => {
    for (const problem of error.problems ?? [String(error)]) console.error(problem);
    return { config: null };
  });
  if (!config) return 1;
  const outcome = await rekeyAll(config, models, () => wait(PAUSE_MS));
  if (!outcome) {
    console.error(`平台尚未以 ${config.fieldEncryptionKey[0]!.kid} 为首个密钥启动：请先把新密钥置于 FIELD_ENCRYPTION_KEY 首位并重启平台，再运行本命令`);
    return 2;
  }
  for (const { name, rekeyed } of outcome.collections) {
    console.log(`${name}：共 ${rekeyed.rows} 行，改用首个密钥 ${rekeyed.moved} 行`);
    for (const id of rekeyed.failed) console.error(`${name}：${id} 无法用现有密钥解密，未改动`);
  }
  if (outcome.collections.some(({ rekeyed }) => rekeyed.failed.length > 0)) return 1;
  console.log(outcome.retired.length ? `已全部改用 ${config.fieldEncryptionKey[0]!.kid}；可从 FIELD_ENCRYPTION_KEY 中移除：${outcome.retired.join("、")}` : `已全部使用 ${config.fieldEncryptionKey[0]!.kid}`);
  return 0;
}

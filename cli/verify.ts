import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dataDirOnly } from "../config/data-dir.ts";
import { readCallerKeys } from "./verify/caller-keys.ts";
import { forks } from "./verify/forks.ts";
import { printed } from "./verify/output.ts";
import { readRoots } from "./verify/trust.ts";
import { verifyBundle, type Trust } from "./verify/verify-bundle.ts";

const USAGE = "用法：npm run verify -- [--trust 信任根目录] 证据包.zip…";
/** 0: all hold. 1: at least one does not. 2: nothing could be checked. */
process.exitCode = main(process.argv.slice(2));

function main(args: string[]): number {
  let trust: string | undefined;
  let files: string[];
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { trust: { type: "string" } } });
    trust = values.trust;
    files = positionals;
  } catch {
    return stop(USAGE);
  }
  if (files.length === 0) return stop(USAGE);
  let anchors: Trust;
  try {
    anchors = trust === undefined ? ownAnchors() : { roots: readRoots(trust), callers: readCallerKeys(join(trust, "callers")) };
  } catch {
    return stop("信任根无法读取，请检查 --trust 所指的目录");
  }
  const unreadable = files.filter((file) => !existsSync(file));
  if (unreadable.length) return stop(`文件不存在：${unreadable.join("、")}`);
  const verdicts = files.map((file) => verifyBundle(readFileSync(file), anchors));
  const beside = forks(verdicts.map(({ facts }) => facts));
  console.log(files.map((file, i) => printed(file, verdicts[i]!, beside[i]!)).join("\n\n"));
  return verdicts.every(({ ok }) => ok) && beside.every((problems) => problems.length === 0) ? 0 : 1;
}

/** What this machine's platform has: its seal root, when there is one, and every public key its callers have had. */
function ownAnchors(): Trust {
  const keys = join(dataDirOnly(), "keys");
  const root = join(keys, "seal-root.pem");
  return { roots: existsSync(root) ? readRoots(root) : [], callers: readCallerKeys(join(keys, "callers")) };
}

function stop(message: string): number {
  console.error(message);
  return 2;
}

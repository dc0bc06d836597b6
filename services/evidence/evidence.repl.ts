import { createHash } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readCallerKeys } from "../../cli/verify/caller-keys.ts";
import { printed } from "../../cli/verify/output.ts";
import { readRoots } from "../../cli/verify/trust.ts";
import { verifyBundle, type Trust } from "../../cli/verify/verify-bundle.ts";
import { config } from "../../config/index.ts";
import { failure } from "../../contract/errors.ts";
import { operatorOf, type CommandGroup } from "../../mixins/console/commands.ts";
import type { Bundle } from "./evidence.api.ts";

const EXPORT_MS = 30_000;
const LARGEST_BUNDLE = 256 * 1024 * 1024;

/** `evidence …` of the operators' console. */
const commands: CommandGroup = {
  name: "evidence",
  help: "证据包",
  verbs: [
    {
      name: "export",
      arguments: ["processId", "file"],
      options: { view: "redacted 只导出遮盖个人信息的版本；默认完整" },
      accountable: true,
      help: "把证据包写到新文件（已有文件不覆盖）；操作人和理由先写入证据链（CUSTODY）。完整证据包含个人信息，请妥善保管",
      audit: { action: "evidence.export", about: "processId" },
      async run(context, words) {
        const { processId, file } = words.arguments as { processId: string; file: string };
        const view = words.options["view"];
        if (view !== undefined && view !== "redacted") throw failure("PARAM_INVALID", { message: "--view 只能为 redacted" });
        const sha256 = await intoNewFile(file, async () => {
          const bundle = await context.call<Bundle>("evidence.handOut", { processId, operator: operatorOf(words), ...(view ? { view } : {}) }, EXPORT_MS);
          return Buffer.from(bundle.base64, "base64");
        });
        context.print(`证据包已写入 ${file}，SHA-256 ${sha256}`);
      },
    },
    {
      name: "verify",
      arguments: ["file"],
      options: { trust: "信任根所在的目录或文件；默认本平台的封签根" },
      help: "核验一个证据包，与 npm run verify 相同",
      audit: { action: "evidence.verify", about: null },
      async run(context, words) {
        const { file } = words.arguments as { file: string };
        const verdict = verifyBundle(readable(file), anchors(words.options["trust"]));
        for (const line of printed(file, verdict, []).split("\n")) context.print(line);
        if (!verdict.ok) throw failure("PARAM_INVALID", { message: "证据包不成立" });
      },
    },
  ],
};
export default commands;

/** The file is made before anything is handed out: whoever cannot write it has taken nothing. A failed hand-out leaves no file. */
async function intoNewFile(file: string, fetched: () => Promise<Buffer>): Promise<string> {
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw failure("PARAM_INVALID", { message: code === "EEXIST" ? "文件已存在，不会覆盖，请换一个文件名" : `文件无法写入（${code ?? "未知原因"}）` });
  }
  try {
    const bytes = await fetched();
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
    return createHash("sha256").update(bytes).digest("hex");
  } catch (error) {
    unlinkSync(file);
    throw error;
  } finally {
    closeSync(handle);
  }
}

function readable(file: string): Uint8Array {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= LARGEST_BUNDLE) return bytes;
  } catch (error) {
    throw failure("PARAM_INVALID", { message: `文件无法读取（${(error as NodeJS.ErrnoException).code ?? "未知原因"}）` });
  }
  throw failure("PARAM_INVALID", { message: "文件过大，不是证据包" });
}

/** What `npm run verify` trusts: the platform's own root and callers' keys, or those of `--trust`. */
function anchors(trust: string | undefined): Trust {
  try {
    const folder = trust ?? join(config.dataDir, "keys");
    const root = trust ?? join(folder, "seal-root.pem");
    return { roots: existsSync(root) || trust !== undefined ? readRoots(root) : [], callers: readCallerKeys(join(folder, "callers")) };
  } catch {
    throw failure("PARAM_INVALID", { message: "信任根无法读取，请检查 --trust 所指的目录" });
  }
}

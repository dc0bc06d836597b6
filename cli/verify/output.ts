import type { Problem, Verdict } from "./verify-bundle.ts";

const SIGNS = { HOLDS: "✓", FAILED: "✗", NOT_CHECKED: "－" } as const;

/** What a person sees of one bundle: a line for each check, what is wrong under it, the facts and the verdict. */
export function printed(name: string, { checks, facts }: Verdict, beside: readonly Problem[]): string {
  const lines = [printable(name)];
  for (const { title, outcome, note, problems } of checks) {
    lines.push(`  ${SIGNS[outcome]} ${title}${note ? `（未检查：${note}）` : ""}`, ...problems.map(problemLine));
  }
  if (beside.length) lines.push("  ✗ 与同时核验的其他证据包一致", ...beside.map(problemLine));
  const rows: [string, string | null][] = [
    ["流程编号", facts.processId],
    ["流程状态", facts.final === null ? null : facts.final ? `已终结（${facts.status ?? "—"}）` : "尚未终结"],
    ["证据条数", facts.processId && String(facts.events)],
    ["链头哈希", facts.chainHead && `${facts.chainHead}（结果通知中的 evidence.chainHead 应为链上某一条的哈希）`],
    ["协议编号", facts.protocolId],
    ["协议哈希", facts.protocolHash],
    ["签署时间", facts.signedAt],
    ["PDF 哈希", facts.pdfSha256],
    ["封签证书", facts.sealedBy && `${facts.sealedBy.subject}，SHA-256 ${facts.sealedBy.sha256}`],
    ["请求签名", facts.requestedBy && `${facts.requestedBy.systemCode} 的密钥 ${facts.requestedBy.keyId}，公钥 SHA-256 ${facts.requestedBy.publicKeySha256}`],
    ["遮盖", facts.redacted.length ? `第 ${facts.redacted.join("、")} 条的内容未提供` : null],
    ["提示", facts.repacked ? "压缩包经过重新打包，不是平台写出的原样；以上结论以包内文件为准" : null],
  ];
  for (const [label, value] of rows) if (value) lines.push(`    ${label}：${printable(value)}`);
  const [first] = [...checks.flatMap(({ problems }) => problems), ...beside];
  lines.push(first ? `  结论：不成立。首个问题：${first.code} ${printable(first.where)}` : "  结论：成立");
  return lines.join("\n");
}

const problemLine = ({ code, where, message }: Problem): string => `      ${code} ${printable(where)}：${message}`;

/** Names out of a hostile bundle must not steer the terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?");

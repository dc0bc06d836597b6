import { operatorOf, type CommandGroup, type ConsoleContext } from "../../mixins/console/commands.ts";
import type { Page } from "../../contract/paging.ts";
import type { OutlineEntry } from "../evidence/evidence.api.ts";
import type { DeliveryView } from "../notifier/notifier.api.ts";
import { pagingOf } from "../../mixins/console/paging.ts";
import { EFFECT_TEXTS } from "./stuck.ts";

/** The parts of the operator's view that the console shows; the rest of it is printed as it comes. */
interface Shown {
  processId: string;
  requestId: string;
  systemCode: string;
  status: string;
  why: string[];
  waitsFor: string;
  timeline: { at: string; status: string; command: string }[];
  owed: { name: keyof typeof EFFECT_TEXTS; attempt: number; dueAt: string; lastError: string | null }[];
  payerInfo: { merchantNo: string; merchantName: string };
  payeeInfo: { merchantNo: string; merchantName: string } | null;
  processType: string;
  scene: string;
  fundPurpose: string;
  failureCode: string | null;
  failureReason: string | null;
  createdAt: string;
  updatedAt: string;
}
const READ_MS = 8_000;
const CHANGE_MS = 12_000;
const PAGING = { limit: "最多列出多少条，1 至 100", after: "上一页末尾给出的游标" };

const inspect = (context: ConsoleContext, processId: string) => context.call<Shown>("process.inspect", { processId }, READ_MS);

/** `process …` of the operators' console. */
const commands: CommandGroup = {
  name: "process",
  help: "签约流程",
  verbs: [
    {
      name: "show",
      arguments: ["processId"],
      help: "显示一个流程：状态、正在等待什么、为何停滞、尚欠的事项（个人信息已遮盖）",
      audit: { action: "process.show", about: "processId" },
      async run(context, words) {
        show(context, await inspect(context, words.arguments["processId"]!));
      },
    },
    {
      name: "timeline",
      arguments: ["processId"],
      help: "按时间列出一个流程的状态变化、证据条目和结果通知",
      audit: { action: "process.timeline", about: "processId" },
      async run(context, words) {
        await timeline(context, words.arguments["processId"]!);
      },
    },
    {
      name: "stuck",
      arguments: [],
      options: PAGING,
      help: "列出停滞的流程及原因：事项反复失败、期限已过未处理、身份认证未能发起",
      audit: { action: "processes.list", about: null },
      run: (context, { options }) => list(context, { ...pagingOf(options), stuck: true }, "没有停滞的流程"),
    },
    {
      name: "find",
      arguments: ["term"],
      options: PAGING,
      help: "按流程编号、钱包请求编号、商户号或商户全称查找",
      audit: { action: "processes.list", about: "term" },
      run: (context, { arguments: given, options }) => list(context, { ...pagingOf(options), q: given["term"]! }, "没有找到"),
    },
    {
      name: "retry",
      arguments: ["processId"],
      accountable: true,
      help: "立即重试该流程尚欠的事项和身份认证；重复执行不会多发短信、多打款",
      audit: { action: "process.retry", about: "processId" },
      async run(context, words) {
        const { retried, process } = await context.call<{ retried: boolean; process: Shown }>("process.retry", { processId: words.arguments["processId"]!, operator: operatorOf(words) }, CHANGE_MS);
        context.print(retried ? "已立即重试" : "没有需要重试的事项，未作更改");
        show(context, process);
      },
    },
    {
      name: "cancel",
      arguments: ["processId"],
      accountable: true,
      help: "在签署之前取消该流程；钱包会收到失败通知（CANCELLED），已取消的不再变化",
      audit: { action: "process.cancel", about: "processId" },
      async run(context, words) {
        const process = await context.call<Shown>("process.cancelByOperator", { processId: words.arguments["processId"]!, operator: operatorOf(words) }, CHANGE_MS);
        context.print("流程已取消");
        show(context, process);
      },
    },
  ],
};
export default commands;

async function list(context: ConsoleContext, params: object, none: string): Promise<void> {
  const { items, next } = await context.call<Page<Shown>>("process.list", params, READ_MS);
  if (items.length === 0) context.print(none);
  for (const one of items) {
    context.print(`${one.processId}  ${one.status}  ${one.processType}  ${one.createdAt}  ${one.payerInfo.merchantName} → ${one.payeeInfo?.merchantName ?? "—"}`);
    for (const why of one.why) context.print(`    ${why}`);
  }
  if (next !== null) context.print(`还有更多：--after ${next}`);
}

function show(context: ConsoleContext, one: Shown): void {
  const party = (info: Shown["payerInfo"] | null) => (info ? `${info.merchantName}（${info.merchantNo}）` : "—");
  const rows: [string, string][] = [
    ["流程", `${one.processId}（${one.systemCode} ${one.requestId}）`],
    ["类型", `${one.processType} / ${one.scene}，${one.fundPurpose}`],
    ["付方", party(one.payerInfo)],
    ["收方", party(one.payeeInfo)],
    ["状态", one.failureCode ? `${one.status} ${one.failureCode} ${one.failureReason ?? ""}` : one.status],
    ["时间", `创建 ${one.createdAt}，更新 ${one.updatedAt}`],
    ["等待", one.waitsFor],
  ];
  for (const [label, value] of rows) context.print(`${label}：${value}`);
  for (const why of one.why) context.print(`停滞：${why}`);
  for (const { name, attempt, dueAt, lastError } of one.owed) context.print(`尚欠：${EFFECT_TEXTS[name]}（${name}），第 ${attempt} 次，${dueAt}${lastError ? `，最近的错误 ${lastError}` : ""}`);
}

async function timeline(context: ConsoleContext, processId: string): Promise<void> {
  const process = await inspect(context, processId);
  const outline = await context.call<OutlineEntry[]>("evidence.outline", { processId }, READ_MS);
  const { items: deliveries } = await context.call<Page<DeliveryView>>("notifier.deliveries", { processId }, READ_MS);
  const rows = [
    ...process.timeline.map(({ at, status, command }) => ({ at, text: `状态 ${status}（${command}）` })),
    ...outline.map(({ at, seq, type }) => ({ at, text: `证据 ${seq} ${type}` })),
    ...deliveries.flatMap(({ eventId, attempts }) => attempts.map(({ at, outcome, status }) => ({ at, text: `通知 ${eventId} ${outcome}${status === null ? "" : ` HTTP ${status}`}` }))),
  ];
  // Of one second: in the order of the story, which is the order above.
  for (const { at, text } of rows.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))) context.print(`${at}  ${text}`);
  for (const { state, nextAt } of deliveries) context.print(`结果通知：${state}${nextAt ? `，下次 ${nextAt}` : ""}`);
  for (const why of process.why) context.print(`停滞：${why}`);
}

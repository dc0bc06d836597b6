import type { Page } from "../../contract/paging.ts";
import { operatorOf, type CommandGroup, type ConsoleContext } from "../../mixins/console/commands.ts";
import { pagingOf } from "../../mixins/console/paging.ts";
import type { DeliveryView, Replayed } from "./notifier.api.ts";

const READ_MS = 8_000;
const CHANGE_MS = 12_000;

/** `delivery …` of the operators' console. */
const commands: CommandGroup = {
  name: "delivery",
  help: "钱包结果通知（回调）",
  verbs: [
    {
      name: "list",
      arguments: [],
      options: { state: "PENDING、DELIVERED 或 PARKED，默认 PARKED（需人工处理）", process: "只看某个流程的", limit: "最多列出多少条，1 至 100", after: "上一页末尾给出的游标" },
      help: "列出结果通知及每次尝试的结果",
      audit: { action: "deliveries.list", about: null },
      async run(context, { options }) {
        const which = options["process"] === undefined ? { state: options["state"] ?? "PARKED" } : { processId: options["process"], ...(options["state"] ? { state: options["state"] } : {}) };
        const { items, next } = await context.call<Page<DeliveryView>>("notifier.deliveries", { ...pagingOf(options), ...which }, READ_MS);
        if (items.length === 0) context.print("没有符合条件的结果通知");
        for (const one of items) print(context, one);
        if (next !== null) context.print(`还有更多：--after ${next}`);
      },
    },
    {
      name: "replay",
      arguments: ["eventId"],
      accountable: true,
      help: "重新回调一个结果通知，内容逐字节相同；仍在自动重试的不作更改",
      audit: { action: "delivery.replay", about: "eventId" },
      async run(context, words) {
        const { replayed, delivery } = await context.call<Replayed>("notifier.replayByOperator", { eventId: words.arguments["eventId"]!, operator: operatorOf(words) }, CHANGE_MS);
        context.print(replayed ? "已安排重新回调" : "该回调仍在自动重试，未作更改");
        print(context, delivery);
      },
    },
  ],
};
export default commands;

function print(context: ConsoleContext, { eventId, processId, state, attempts, nextAt }: DeliveryView): void {
  const last = attempts.at(-1);
  const said = last ? `，最近 ${last.at} ${last.outcome}${last.status === null ? "" : ` HTTP ${last.status}`}` : "";
  context.print(`${eventId}  ${state}  流程 ${processId}，已尝试 ${attempts.length} 次${said}${nextAt ? `，下次 ${nextAt}` : ""}`);
}

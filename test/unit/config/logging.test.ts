import { pino } from "pino";
import { ServiceBroker } from "moleculer";
import { loggerOptions, pinoOptions } from "../../../config/logging.ts";
import { failure } from "../../../contract/errors.ts";

const lines: string[] = [];
const destination = { write: (line: string) => void lines.push(line) };
const logger = pino(pinoOptions("info"), destination);
const info = logger.info.bind(logger) as (...parts: unknown[]) => void;
const last = (): Record<string, unknown> => JSON.parse(lines.at(-1)!) as Record<string, unknown>;
beforeEach(() => lines.splice(0));

test.each<[string, unknown[], object]>([
  ["a text", ["hello"], { msg: "hello" }],
  ["a text and members", ["hello", { a: 1 }], { msg: "hello", a: 1 }],
  ["members and a text", [{ a: 1 }, "hello"], { msg: "hello", a: 1 }],
  ["several texts and members", ["a", 2, { x: 1 }, "b", { y: 2 }], { msg: "a 2 b", x: 1, y: 2 }],
  ["an error behind a text", ["bad", new Error("why")], { msg: "bad", err: expect.objectContaining({ name: "Error", message: "why", stack: expect.any(String) }) }],
  ["a text with a percent sign", ["100%s", { a: 1 }], { msg: "100%s", a: 1 }],
])("%s become one line with all of it", (_what, parts, expected) => {
  info(...parts);
  expect(lines).toHaveLength(1);
  expect(last()).toMatchObject({ level: "info", ...expected });
});

test("an error's data stays out, since the framework keeps parameters there", () => {
  info("bad", failure("PARAM_INVALID", { data: { secretThing: "visible" } }));
  expect(lines[0]).not.toContain("visible");
  expect(last()).toMatchObject({ err: { type: "PARAM_INVALID", code: 400 } });
});

test.each([
  ["a mobile", { note: "to 13800138000." }, "13800138000"],
  ["a mobile as a number", { note: 13800138000 }, "13800138000"],
  ["an ID card", { note: "110101199001011234" }, "110101199001011234"],
  ["an ID card with X", { note: "11010119900101123X" }, "11010119900101123X"],
  ["a bank card", { note: "6228480012345678901" }, "6228480012345678901"],
  ["a link's token", { note: "https://x/h5/sign?token=abc123def" }, "abc123def"],
  ["a download link's signature", { note: "/p.pdf?expires=1&kid=a&sig=QUJD-_x" }, "QUJD-_x"],
  ["a member called mobile", { mobile: "short" }, "short"],
  ["a nested member called smsCode", { body: { smsCode: "123456" } }, "123456"],
  ["an authorization header", { headers: { authorization: "Bearer abc" } }, "Bearer abc"],
])("%s never reaches the line", (_what, members, hidden) => {
  info("x", members);
  expect(lines[0]).not.toContain(hidden);
  expect(lines[0]).toMatch(/\*\*\*|9{11}/);
  expect(() => last()).not.toThrow();
});

test.each([["ESIGN_PROC_20261124ABCDEFGH12345"], ["2026-11-24T13:57:18.575Z"], ["1732456789012"], ["9f7ba7c1-36e2-4acb-9ea6-ec25b3a6ceb7"], ["a".repeat(20) + "13800138000" + "b"]])("%s is left as it is", (text) => {
  info(text);
  expect(last()["msg"]).toBe(text);
});

test("the broker's own lines go the same way, below the level none", () => {
  const broker = new ServiceBroker({ nodeID: "n1", logger: loggerOptions({ logLevel: "warn" }, destination as never) });
  lines.splice(0);
  broker.logger.info("quiet");
  broker.logger.warn("loud", { a: 1 });
  expect(lines).toHaveLength(1);
  expect(last()).toMatchObject({ level: "warn", nodeID: "n1", mod: "broker", a: 1, msg: "loud" });
});

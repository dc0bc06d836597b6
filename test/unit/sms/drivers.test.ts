import "../../integration/fresh-data-dir.ts";
import { config } from "../../../config/index.ts";
import { ensureOutboundKey } from "../../../config/development-outbound.ts";
import { SMS_DRIVERS } from "../../../services/sms/drivers/index.ts";
import type { SmsDriver } from "../../../services/sms/drivers/driver.ts";
import { hangUp, json, outsideSystem, silent, type OutsideSystem, type Reply } from "../../integration/outside-system.ts";

const message = { messageId: "MSG1", mobile: "13800138000", templateCode: "T", content: "请签署", receiptUrl: "http://localhost/receipt" };

/** What a gateway of each kind answers; a new driver adds its own ways of saying the same. */
const ANSWERS: Record<keyof typeof SMS_DRIVERS, Record<"sent" | "sentWithoutId" | "refused" | "broken" | "unclear", Reply>> = {
  http: {
    sent: json({ code: "SUCCESS", data: { smsId: "S1" } }),
    sentWithoutId: json({ code: "SUCCESS" }),
    refused: json({ code: "PARAM_INVALID" }, 400),
    broken: json({ code: "INTERNAL_ERROR" }, 500),
    unclear: json({ code: "QUEUE_FULL" }),
  },
};

/** The one suite every driver passes. */
describe.each(Object.keys(SMS_DRIVERS) as (keyof typeof SMS_DRIVERS)[])("driver %s", (name) => {
  let gateway: OutsideSystem;
  let driver: SmsDriver;
  const answers = ANSWERS[name];

  beforeAll(async () => {
    ensureOutboundKey(config);
    gateway = await outsideSystem(answers.sent);
    driver = SMS_DRIVERS[name]({ url: `${gateway.url}/sms`, timeoutMs: 1_500, keyFile: config.outboundKeyFile });
  });
  afterAll(async () => {
    await driver.close();
    await gateway.close();
  });

  test.each<[string, Reply, object]>([
    ["a message taken over is OK with the gateway's id", answers.sent, { outcome: "OK", smsId: "S1" }],
    ["a message taken over without an id is OK", answers.sentWithoutId, { outcome: "OK", smsId: null }],
    ["a refusal is REFUSED", answers.refused, { outcome: "REFUSED", smsId: null }],
    ["a broken gateway is FAILED", answers.broken, { outcome: "FAILED", smsId: null }],
    ["an answer that is neither yes nor no is FAILED", answers.unclear, { outcome: "FAILED", smsId: null }],
    ["a gateway that hangs up is FAILED", hangUp, { outcome: "FAILED", smsId: null }],
    ["a silent gateway is FAILED", silent, { outcome: "FAILED", smsId: null }],
  ])("%s, and it is called once", async (_, reply, expected) => {
    const before = gateway.calls.length;
    gateway.script.push(reply);
    expect(await driver.send(message, 7_000)).toMatchObject(expected);
    await gateway.arrived(before + 1);
    expect(gateway.calls.length - before).toBe(1);
    expect(gateway.calls.at(-1)!.json).toEqual(message);
  });
});

import { createHmac } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { verifyRequest } from "../../contract/request-signature.ts";
import { checkWebhook } from "../../sandbox/wallet.ts";
import { clientExample } from "../fixtures/client-example.ts";
import { listeningPlatform, REMITTANCE, remittanceRequest, startSandbox, type Sandbox } from "./sandbox-harness.ts";
import { until } from "../until.ts";

const SMS = "/sandbox/gateway/sms";
const WALLET = "/sandbox/gateway/wallet";
const secretOf = (seed: string) => `whsec_${Buffer.from(seed.repeat(8)).toString("base64")}`;
const NOW_S = 1_800_000_000;

/** Signs as the Standard Webhooks text says. */
const sign = (secret: string, id: string, timestamp: number, body: string) =>
  `v1,${createHmac("sha256", Buffer.from(secret.slice(6), "base64")).update(`${id}.${timestamp}.${body}`).digest("base64")}`;

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ callers: { WALLET: { webhookSecrets: [secretOf("new!"), secretOf("old!")] } } });
});
afterEach(() => sandbox.stop());

const get = async <T>(path: string): Promise<T> => (await sandbox.call("GET", `/sandbox/api/${path}`)).body;
const fault = (faults: object) => sandbox.call("PUT", "/sandbox/api/faults", faults);
const sms = (messageId: string, more: object = {}) => ({ messageId, mobile: "13800138000", templateCode: "T", content: "您好", ...more });

describe("the SMS gateway", () => {
  test("puts one message on the phone for a messageId and gives the same smsId again", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => sandbox.call("POST", SMS, sms("M1"))));
    expect(new Set(answers.map(({ body }) => (body as { data: { smsId: string } }).data.smsId)).size).toBe(1);
    expect(await get("sms?mobile=13800138000")).toMatchObject([{ messageId: "M1", mobile: "13800138000", content: "您好" }]);
    expect(await get("sms?mobile=13900139000")).toEqual([]);
  });

  test.each([
    ["a link, up to the Chinese full stop", "请签署 http://localhost:3000/h5/sign?token=a-B_1.2。24小时有效", { link: "http://localhost:3000/h5/sign?token=a-B_1.2" }],
    ["a code", "验证码 042137，5 分钟内有效", { code: "042137" }],
    ["a link and no code when the token has six digits", "https://e.cn/h5?token=123456", { link: "https://e.cn/h5?token=123456" }],
    ["neither", "尾号 1234567 的账户", {}],
  ])("finds %s", async (_what, content, found) => {
    await sandbox.call("POST", SMS, sms("M1", { content }));
    const [message] = await get<Record<string, unknown>[]>("sms");
    expect({ link: message!["link"], code: message!["code"] }).toEqual({ link: undefined, code: undefined, ...found });
  });

  test("sends one delivery receipt a message, unless receipts are switched off", async () => {
    const platform = await listeningPlatform();
    const receiptUrl = `${platform.url}/receipt?token=t`;
    await fault({ receipts: false });
    await sandbox.call("POST", SMS, sms("QUIET", { receiptUrl }));
    await fault({ receipts: true });
    await sandbox.call("POST", SMS, sms("TOLD", { receiptUrl }));
    await sandbox.call("POST", SMS, sms("TOLD", { receiptUrl }));
    await platform.arrived(1);
    expect(platform.received.map(({ path, body }) => ({ path, ...body }))).toMatchObject([{ path: "/receipt?token=t", messageId: "TOLD", status: "DELIVERED" }]);
    await platform.close();
  });

  test.each([["no JSON", "{"], ["a list", "[]"], ["no mobile", { messageId: "M1", content: "x" }]])("refuses %s without repeating it", async (_what, body) => {
    expect(await sandbox.call("POST", SMS, body)).toMatchObject({ status: 400, body: { code: "PARAM_INVALID", errors: [{ field: expect.any(String) }] } });
  });
});

describe("the wallet", () => {
  const body = JSON.stringify({ type: "SIGNING_PROCESS_COMPLETED", payload: { processId: "P1", requestId: "<b>1</b>" } });
  const good = { "webhook-id": "E1", "webhook-timestamp": String(NOW_S), "webhook-signature": sign(secretOf("new!"), "E1", NOW_S, body) };

  test("keeps every delivery with its headers and body, by process", async () => {
    const send = () => sandbox.call("POST", WALLET, body, { headers: { "Content-Type": "application/json", ...good } });
    expect((await send()).body).toMatchObject({ code: "SUCCESS" });
    await send();
    const kept = await get<{ headers: object; body: object; rawBody: string }[]>("wallet?processId=P1");
    expect(kept).toHaveLength(2);
    expect(kept[0]).toMatchObject({ headers: good, body: JSON.parse(body) as object, rawBody: body, signature: { valid: false, reason: expect.stringContaining("时间戳") } });
    expect(await get("wallet?processId=P2")).toEqual([]);
  });

  test("takes a signature made now for valid", async () => {
    const now = Math.floor(Date.now() / 1000);
    const headers = { "webhook-id": "E1", "webhook-timestamp": String(now), "webhook-signature": sign(secretOf("old!"), "E1", now, body) };
    await sandbox.call("POST", WALLET, body, { headers });
    expect(await get("wallet")).toMatchObject([{ signature: { valid: true } }]);
  });

  const secrets = [secretOf("new!"), secretOf("old!")];
  test.each([
    ["by the newest secret", good, body, secrets, true],
    ["by the older secret, second in the list", { ...good, "webhook-signature": `v1,AAAA ${sign(secretOf("old!"), "E1", NOW_S, body)}` }, body, secrets, true],
    ["over another body", good, `${body} `, secrets, false],
    ["for another id", { ...good, "webhook-id": "E2" }, body, secrets, false],
    ["of another version", { ...good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,") }, body, secrets, false],
    ["by an unknown secret", good, body, [secretOf("else")], false],
    ["with no secret known", good, body, [], false],
    ["six minutes old", { ...good, "webhook-timestamp": String(NOW_S - 360), "webhook-signature": sign(secrets[0]!, "E1", NOW_S - 360, body) }, body, secrets, false],
    ["without a time", { "webhook-id": "E1", "webhook-signature": "v1,x" }, body, secrets, false],
  ])("judges a signature %s", (_how, headers, raw, known, valid) => {
    expect(checkWebhook(headers as Record<string, string>, raw, known, NOW_S * 1000).valid).toBe(valid);
  });
});

describe("a fault", () => {
  const acted = async () => (await get<unknown[]>("sms")).length;

  test.each([
    ["OK", 200, 1],
    ["SLOW", 200, 1],
    ["FAIL", 500, 0],
    ["ACT_THEN_FAIL", 500, 1],
  ])("%s answers %i and has then acted %i times", async (mode, status, times) => {
    await fault({ sms: { mode, delayMs: 1 } });
    expect((await sandbox.call("POST", SMS, sms("M1"))).status).toBe(status);
    expect(await acted()).toBe(times);
  });

  test.each([["SILENT", 0], ["SLOW", 600_000]])("%s keeps the caller waiting and has not acted", async (mode, delayMs) => {
    await fault({ sms: { mode, delayMs, times: 1 } });
    const giveUp = new AbortController();
    const waiting = sandbox.call("POST", SMS, sms("M1"), { signal: giveUp.signal });
    await until("the fault is used up", async () => (await get<{ sms: { mode: string } }>("faults")).sms.mode === "OK");
    expect((await sandbox.call("POST", SMS, sms("M2"))).status).toBe(200);
    expect(await get("sms")).toMatchObject([{ messageId: "M2" }]);
    expect(await Promise.race([waiting, "still waiting"])).toBe("still waiting");
    giveUp.abort();
    await expect(waiting).rejects.toThrow();
  });

  test("holds for `times` calls and for its own system only", async () => {
    await fault({ verification: { mode: "FAIL", times: 2 }, wallet: { mode: "FAIL" } });
    const remit = async () => (await sandbox.call("POST", REMITTANCE, remittanceRequest("http://127.0.0.1:9"))).status;
    expect([await remit(), await remit(), await remit()]).toEqual([500, 500, 200]);
    expect((await sandbox.call("POST", SMS, sms("M1"))).status).toBe(200);
    expect((await sandbox.call("POST", WALLET, {})).status).toBe(500);
    expect(await get("faults")).toMatchObject({ sms: { mode: "OK" }, verification: { mode: "OK" }, wallet: { mode: "FAIL", times: null } });
  });

  test("lost answer of a remittance still moves the money once", async () => {
    await fault({ verification: { mode: "ACT_THEN_FAIL", times: 2 } });
    const post = () => sandbox.call("POST", REMITTANCE, remittanceRequest("http://127.0.0.1:9"));
    expect([(await post()).status, (await post()).status, (await post()).status]).toEqual([500, 500, 200]);
    expect(await get("bank")).toHaveLength(1);
  });

  test("outlives a restart and ends with DELETE, like everything else", async () => {
    await fault({ sms: { mode: "FAIL" } });
    await sandbox.call("POST", WALLET, { payload: {} });
    await sandbox.stop();
    sandbox = await startSandbox({ directory: sandbox.directory });
    expect((await sandbox.call("POST", SMS, sms("M1"))).status).toBe(500);
    expect(await get("wallet")).toHaveLength(1);
    expect((await sandbox.call("DELETE", "/sandbox/api")).status).toBe(200);
    await sandbox.stop();
    sandbox = await startSandbox({ directory: sandbox.directory });
    expect(await get("wallet")).toEqual([]);
    expect((await sandbox.call("POST", SMS, sms("M1"))).status).toBe(200);
  });

  test.each([
    [{ sms: { mode: "BROKEN" } }, "sms.mode"],
    [{ wallet: { mode: "SLOW", delayMs: -1 } }, "wallet.delayMs"],
    [{ verification: { mode: "FAIL", times: 0 } }, "verification.times"],
    [{ sms: null }, "sms.mode"],
    [{ receipts: "yes" }, "receipts"],
  ])("%j is refused and changes nothing", async (body, field) => {
    expect(await fault({ ...body })).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(await get("faults")).toMatchObject({ sms: { mode: "OK" }, verification: { mode: "OK" }, wallet: { mode: "OK" }, receipts: true });
  });
});

describe("start", () => {
  const CLIENTS_EXAMPLE = clientExample();
  interface Initiation {
    headers: IncomingMessage["headers"];
    body: typeof CLIENTS_EXAMPLE & { payerInfo: { contactInfo?: unknown } };
  }
  let seen: Initiation[];
  let answer: { status: number; body: object };
  let platform: Sandbox;
  beforeEach(async () => {
    seen = [];
    answer = { status: 200, body: { code: "SUCCESS", message: "签约流程已发起", data: { processId: "P1", status: "SMS_SENT" } } };
    platform = await startSandbox({
      aliases: {
        "POST /api/v1/esign/process/initiate": (req: Initiation, res: ServerResponse) => {
          seen.push({ headers: req.headers, body: req.body });
          res.writeHead(answer.status).end(JSON.stringify(answer.body));
        },
      },
    });
  });
  afterEach(() => platform.stop());
  const start = (flow?: object) => platform.call("POST", "/sandbox/api/start", flow);

  test("posts exactly the client's example, with a fresh requestId and the sandbox's own wallet", async () => {
    const { status, body } = await start();
    expect({ status, body }).toEqual({ status: 200, body: { ...answer.body, data: { processId: "P1", status: "SMS_SENT", mobile: "13800138000" } } });
    await start({ processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE" });
    for (const { headers, body: posted } of seen) {
      expect(posted).toEqual({ ...CLIENTS_EXAMPLE, requestId: posted.requestId, callbackUrl: `${platform.url}${WALLET}` });
      expect(posted.requestId).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
      expect(headers["x-system-code"]).toBe("WALLET");
      expect(headers["x-business-id"]).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(headers["x-signature"]).toBeUndefined();
    }
    expect(seen[0]!.body.requestId).not.toBe(seen[1]!.body.requestId);
  });

  test.each([
    ["RELATION_BINDING", "BATCH_PAYMENT", "INDIVIDUAL", "payeeInfo", "13900139000"],
    ["RELATION_BINDING", "MEMBER_SETTLEMENT", "ENTERPRISE", "payeeInfo", "13800138000"],
    ["POOLING_AUTH", "POOLING", "INDIVIDUAL", "payerInfo", "13900139000"],
    ["OPEN_PAYMENT", "BATCH_PAYMENT", "ENTERPRISE", "payerInfo", "13700137000"],
  ] as const)("builds %s in %s for a signer %s, whose contact is in %s", async (processType, scene, signerType, side, mobile) => {
    expect((await start({ processType, scene, signerType })).body).toMatchObject({ data: { mobile } });
    expect(seen[0]!.body).toMatchObject({ processType, scene, [side]: { merchantType: signerType, contactInfo: { mobile } } });
  });

  test("a body that says it is compressed is refused and not unpacked", async () => {
    const response = await fetch(`${platform.url}/sandbox/api/start`, { method: "POST", headers: { "content-type": "application/json", "content-encoding": "gzip" }, body: "{}" });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
  });

  test.each(["constructor", "__proto__", "NONE"])("leaves the unknown flow %s for the platform to refuse", async (processType) => {
    expect((await start({ processType })).status).toBe(200);
    expect(seen[0]!.body).toMatchObject({ processType });
  });

  test("is signed when the callers file has a shared secret for the wallet", async () => {
    const key = { keyId: "dev", signType: "HMAC-SHA256" as const, secret: Buffer.alloc(32, 7).toString("base64") };
    writeFileSync(join(platform.directory, "callers.json"), JSON.stringify({ WALLET: { keys: [key] } }));
    await start();
    const header = (name: string) => String(seen[0]!.headers[name]);
    const parts = {
      method: "POST",
      target: "/api/v1/esign/process/initiate",
      timestamp: header("x-timestamp"),
      nonce: header("x-nonce"),
      systemCode: "WALLET",
      businessId: header("x-business-id"),
      rawBody: JSON.stringify(seen[0]!.body),
    };
    expect(header("x-key-id")).toBe("dev");
    expect(header("x-nonce")).toMatch(/^[A-Za-z0-9]{16,32}$/);
    expect(verifyRequest(key, parts, header("x-signature"))).toBe(true);
  });

  test("passes a refusal on with its status", async () => {
    answer = { status: 400, body: { code: "PARAM_INVALID", message: "参数校验失败", errors: [{ field: "scene", message: "不支持" }] } };
    expect(await start({ scene: "POOLING" })).toMatchObject({ status: 400, body: answer.body });
  });
});

describe("the pages", () => {
  test.each(["/sandbox", "/sandbox/face/VER1"])("%s runs nothing inline or from elsewhere, and every file it names is there", async (path) => {
    const page = await fetch(`${sandbox.url}${path}`);
    const html = await page.text();
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      expect(file).toMatch(/^\/sandbox\/static\//);
      expect((await fetch(`${sandbox.url}${file}`)).status).toBe(200);
    }
  });

  test("every module they import is served, and none writes markup", async () => {
    const folder = join(import.meta.dirname, "../../sandbox/public");
    for (const name of readdirSync(folder).filter((file) => file.endsWith(".js"))) {
      const response = await fetch(`${sandbox.url}/sandbox/static/${name}`);
      expect(await response.text()).toBe(readFileSync(join(folder, name), "utf8"));
      expect(readFileSync(join(folder, name), "utf8")).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
    }
  });
});

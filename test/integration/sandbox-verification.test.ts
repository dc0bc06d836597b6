import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { clock } from "../../mixins/clock.ts";
import { listeningPlatform, REMITTANCE, remittanceRequest, startSandbox, type Platform, type Sandbox } from "./sandbox-harness.ts";

let sandbox: Sandbox;
let platform: Platform;
beforeEach(async () => {
  platform = await listeningPlatform();
  sandbox = await startSandbox();
});
afterEach(async () => {
  await sandbox.stop();
  await platform.close();
});

interface Line {
  verificationId: string;
  amount: string;
  remark: string;
}
const bank = async (processId = ""): Promise<Line[]> => (await sandbox.call("GET", `/sandbox/api/bank?processId=${processId}`)).body;
const remit = async (requestId?: string): Promise<string> => {
  const { body } = await sandbox.call("POST", REMITTANCE, remittanceRequest(platform.url, requestId));
  return (body as { data: { verificationId: string } }).data.verificationId;
};
const confirm = (id: string, answerId: string, { amount, remark }: Partial<Line>) =>
  sandbox.call("POST", `${REMITTANCE}/${id}/confirm`, { answerId, amount, remark });
const WRONG = { amount: "1.00", remark: "不对" };

describe("a remittance", () => {
  test("moves the money once, however often the same requestId is posted at the same time", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => remit()));
    expect(new Set(ids).size).toBe(1);
    const lines = await bank("ESIGN_PROC_1");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ verificationId: ids[0], amount: expect.stringMatching(/^0\.(0[1-9]|[1-9]\d)$/), payee: "上海天财门店" });
    expect(lines[0]!.remark).toMatch(/^[0-9A-Z]{6}$/);
  });

  test("shows each process its own lines, and all of them without a filter", async () => {
    const [first, second] = [await remit("P1-1"), await remit("P2-1")];
    expect((await bank("P2")).map((line) => line.verificationId)).toEqual([second]);
    expect((await bank()).map((line) => line.verificationId)).toEqual([first, second]);
  });

  test("answered rightly is a success that the platform is told of with its token", async () => {
    const id = await remit();
    const [line] = await bank();
    const { status, body } = await confirm(id, "A1", { amount: line!.amount, remark: ` ${line!.remark.toLowerCase()} ` });
    expect({ status, body }).toMatchObject({ status: 200, body: { code: "SUCCESS", data: { status: "SUCCESS" } } });
    await platform.arrived(1);
    expect(platform.received[0]).toMatchObject({
      path: "/api/internal/esign/callback/verification",
      headers: { "x-callback-token": "token-of-this-process", "x-system-code": "AUTH" },
      body: {
        verificationId: id,
        processId: "ESIGN_PROC_1",
        status: "SUCCESS",
        failureReason: null,
        evidence: { remittanceAmount: line!.amount, remittanceRemark: line!.remark },
      },
    });
    expect(platform.received[0]!.body["verifiedAt"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test("fails at the third wrong answer, and a right one afterwards does not mend it", async () => {
    const id = await remit();
    const [line] = await bank();
    const answers: unknown[] = [];
    for (const answerId of ["A1", "A2", "A3"]) answers.push((await confirm(id, answerId, WRONG)).body);
    answers.push((await confirm(id, "A4", line!)).body);
    expect(answers).toMatchObject([
      { code: "VERIFICATION_MISMATCH", data: { status: "PENDING", remainingAttempts: 2 } },
      { code: "VERIFICATION_MISMATCH", data: { status: "PENDING", remainingAttempts: 1 } },
      { code: "VERIFICATION_MISMATCH", data: { status: "FAILED", remainingAttempts: 0 } },
      { code: "VERIFICATION_MISMATCH", data: { status: "FAILED", remainingAttempts: 0 } },
    ]);
    await platform.arrived(1);
    expect(platform.received[0]!.body).toMatchObject({ status: "FAILED", failureReason: expect.stringContaining("3 次") });
  });

  test("counts an answer sent twice as one attempt", async () => {
    const id = await remit();
    const first = await confirm(id, "A1", WRONG);
    const again = await confirm(id, "A1", WRONG);
    expect((again.body as { data: unknown }).data).toEqual((first.body as { data: unknown }).data);
    expect((await confirm(id, "A2", WRONG)).body).toMatchObject({ data: { remainingAttempts: 1 } });
  });

  test.each([
    ["its verificationId", (id: string) => `/${id}`],
    ["its requestId", () => "?requestId=ESIGN_PROC_1-1"],
  ])("is found by %s", async (_by, target) => {
    const id = await remit();
    const { status, body } = await sandbox.call("GET", `/sandbox/gateway/api/v1/verification${target(id)}`);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { code: "SUCCESS", data: { verificationId: id, status: "PENDING", verifiedAt: null, failureReason: null, evidence: null } },
    });
  });

  test.each([
    ["GET", "/sandbox/gateway/api/v1/verification/VER0", 404],
    ["GET", "/sandbox/gateway/api/v1/verification?requestId=none", 404],
    ["GET", "/sandbox/gateway/api/v1/verification", 404],
    ["POST", `${REMITTANCE}/VER0/confirm`, 404],
    ["POST", REMITTANCE, 400],
  ])("%s %s answers %i when there is nothing to it", async (method, path, status) => {
    expect((await sandbox.call(method, path, method === "POST" ? {} : undefined)).status).toBe(status);
  });
});

describe("a face check", () => {
  const request = () => {
    const { requestId, processId, protocolHash, callbackUrl, callbackToken } = remittanceRequest(platform.url);
    return { requestId, processId, protocolHash, callbackUrl, callbackToken, name: "李四", idCardNo: "110101199003070134", returnUrl: "http://localhost/h5/sign?return=face" };
  };

  test("opens one page for a requestId and keeps the first result", async () => {
    const face = "/sandbox/gateway/api/v1/verification/face";
    const first = (await sandbox.call("POST", face, request())).body as { data: { verificationId: string; faceUrl: string } };
    const again = (await sandbox.call("POST", face, request())).body as { data: { verificationId: string; faceUrl: string } };
    expect(again.data).toEqual(first.data);
    const { verificationId, faceUrl } = first.data;
    expect(faceUrl).toBe(`http://sandbox.test/sandbox/face/${verificationId}`);
    const decide = async (result: string) => (await sandbox.call("POST", `/sandbox/api/face/${verificationId}`, { result })).body;
    expect(await decide("SUCCESS")).toMatchObject({ verificationId, status: "SUCCESS", returnUrl: "http://localhost/h5/sign?return=face" });
    expect(await decide("FAILED")).toMatchObject({ status: "SUCCESS" });
    await platform.arrived(1);
    expect(platform.received[0]!.body).toMatchObject({ verificationId, status: "SUCCESS" });
    expect(await bank()).toEqual([]);
  });

  test("whose link has expired cannot be decided any more", async () => {
    const { body } = await sandbox.call("POST", "/sandbox/gateway/api/v1/verification/face", request());
    const { verificationId } = (body as { data: { verificationId: string } }).data;
    clock.use(() => Date.now() + 31 * 60_000);
    try {
      const { status, body: refused } = await sandbox.call("POST", `/sandbox/api/face/${verificationId}`, { result: "SUCCESS" });
      expect([status, (refused as { code: string }).code]).toEqual([409, "FACE_LINK_EXPIRED"]);
    } finally {
      clock.use(Date.now);
    }
    expect(platform.received).toEqual([]);
  });

  test.each([
    ["an unknown one", "/sandbox/api/face/VER0", { result: "SUCCESS" }, 404],
    ["a remittance", "REMITTANCE", { result: "SUCCESS" }, 404],
  ])("of %s cannot be decided", async (_what, path, body, status) => {
    const target = path === "REMITTANCE" ? `/sandbox/api/face/${await remit()}` : path;
    expect((await sandbox.call("POST", target, body)).status).toBe(status);
  });
});

describe("the result callback", () => {
  test("comes again with the same bytes until the envelope says SUCCESS", async () => {
    platform.answers.push(
      (to) => to.writeHead(500).end("{}"),
      (to) => to.destroy(),
      (to) => to.end("no json"),
      (to) => to.end(JSON.stringify({ code: "INTERNAL_ERROR" })),
    );
    const id = await remit();
    await confirm(id, "A1", (await bank())[0]!);
    await platform.arrived(5);
    expect(new Set(platform.received.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });
});

describe("after a restart", () => {
  test("the money has moved once, the attempts are counted on, and an unacknowledged result is told", async () => {
    await sandbox.stop();
    const { directory } = sandbox;
    sandbox = await startSandbox({ directory, patience: { firstWaitMs: 1, tries: 1 } });
    const id = await remit();
    await confirm(id, "A1", WRONG);
    await sandbox.stop();
    appendFileSync(join(directory, "state", "state.jsonl"), '{"kind":"verification","value":{"verific');

    sandbox = await startSandbox({ directory, patience: { firstWaitMs: 1, tries: 1 } });
    expect(await remit()).toBe(id);
    const lines = await bank();
    expect(lines).toHaveLength(1);
    expect((await confirm(id, "A2", WRONG)).body).toMatchObject({ data: { remainingAttempts: 1 } });
    platform.answers.push((to) => to.writeHead(503).end("{}"));
    await confirm(id, "A3", lines[0]!);
    await platform.arrived(1);
    await sandbox.stop();

    sandbox = await startSandbox({ directory });
    await platform.arrived(2);
    expect(platform.received.map(({ body }) => body)).toMatchObject([
      { verificationId: id, status: "SUCCESS" },
      { verificationId: id, status: "SUCCESS" },
    ]);
  });
});

import { Ajv2020 } from "ajv/dist/2020.js";
import { SAMPLE_FLOWS } from "../../contract/sample-requests.ts";
import { verificationResultSchema } from "../../contract/schemas/callbacks.ts";
import { initiationExamples } from "../../services/gateway/openapi/examples.ts";
import { asVerificationSystem, post, verificationIdOf, VERIFICATION_CALLBACK } from "./refusals/arranging.ts";
import { bearer, WALLET, type Envelope, type Told } from "./refusals/http-client.ts";
import { exampleOf, INITIATE, processPath, sandbox, Signer } from "./refusals/signer.ts";
import { wholePlatform, type WholePlatform } from "./refusals/whole-platform.ts";
import { holdAgainstDocument, holdAllAgainstDocument } from "./openapi/documented.ts";

/** Real answers of the whole platform against the document: every one is held against it as it comes in. */
jest.setTimeout(60_000);

let platform: WholePlatform;
let seen: Set<string>;
let signedOnce: Signer | undefined;
beforeAll(async () => {
  platform = await wholePlatform();
  seen = holdAllAgainstDocument(platform.http);
});
afterAll(() => platform.stop());

const get = (path: string, headers: object = {}): Promise<Told> => platform.http.call("GET", path, headers as Record<string, string>);
const dataOf = ({ text }: Told): Record<string, unknown> => (JSON.parse(text) as Envelope).data!;
const page = (signer: Signer): Promise<Told> => get("/h5/api/process", bearer(signer.token));

test.each(Object.entries(initiationExamples()))("the example %s is accepted as it stands in the document", async (_name, { value }) => {
  const answer = await post(platform, INITIATE, value);
  expect([answer.status, dataOf(answer)]).toEqual([200, expect.objectContaining({ status: "SMS_SENT" })]);
});

test("the main flow answers what the document says, in every state", async () => {
  const signer = await Signer.invited(platform);
  const path = processPath(signer.processId);
  const states: unknown[] = [];
  const look = async () => {
    states.push(dataOf(await get(path))["status"]);
    await page(signer);
  };
  await look();
  expect((await post(platform, `${path}/sms/resend`, {})).status).toBe(429);
  await signer.post("open", { protocolHash: signer.protocolHash });
  await signer.post("sign-code");
  await signer.post("sign", await signer.words({ consent: false }));
  await signer.post("sign", await signer.words({ smsCode: "000000" }));
  await signer.post("sign", await signer.words());
  await platform.quiet();
  await look();
  await signer.post("verification/remittance", { amount: "9.99", remark: "不对" });
  const [transfer] = await sandbox<{ amount: string; remark: string }[]>(platform, `bank?processId=${signer.processId}`);
  await signer.post("verification/remittance", { amount: transfer!.amount, remark: transfer!.remark });
  await platform.quiet();
  await look();
  expect(states).toEqual(["SMS_SENT", "VERIFICATION_PENDING", "COMPLETED"]);

  const { downloadUrl } = dataOf(await get(path))["protocolInfo"] as { downloadUrl: string };
  expect((await get(downloadUrl.slice(platform.url.length))).status).toBe(200);
  expect((await get(`${path}/evidence`)).status).toBe(200);
});

test("the other ends answer what the document says: failed, declined, cancelled, expired, a face check", async () => {
  const failed = await Signer.signed(platform);
  const result = { verificationId: await verificationIdOf(platform, failed.processId), processId: failed.processId, status: "FAILED", verifiedAt: "2026-11-24T08:00:00Z", failureReason: "户名不符" };
  expect((await post(platform, VERIFICATION_CALLBACK, result, asVerificationSystem(platform, failed.processId))).status).toBe(200);
  await platform.quiet();
  await page(failed);

  const declined = await Signer.ready(platform);
  expect((await declined.post("decline", { reason: "用途不符" })).status).toBe(200);
  const cancelled = await Signer.ready(platform);
  expect((await post(platform, `${processPath(cancelled.processId)}/cancel`, { reason: "信息有误" })).status).toBe(200);
  const person = SAMPLE_FLOWS.find((flow) => flow.processType === "RELATION_BINDING" && flow.signerType === "INDIVIDUAL")!;
  const { payeeInfo } = initiationExamples()[`${person.processType}-${person.scene}-${person.signerType}`]!.value as { payeeInfo: object };
  const face = await Signer.signed(platform, exampleOf(platform, { payeeInfo }));
  expect(dataOf(await face.post("verification/face"))).toEqual({ faceUrl: expect.stringContaining("http") });
  await page(face);

  const expired = await Signer.invited(platform);
  platform.ahead(25 * 3_600_000);
  expect((await expired.post("decline", { reason: "晚了" })).status).toBe(410);
  platform.ahead(0);
  await platform.quiet();
  for (const { processId } of [failed, declined, cancelled, face]) await get(processPath(processId));
});

test("the feed answers what the document says, with completed and failed events in it", async () => {
  platform.ahead(5_000);
  const { events, next } = dataOf(await get("/api/v1/esign/events")) as { events: { type: string }[]; next: string };
  platform.ahead(0);
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["SIGNING_PROCESS_COMPLETED", "SIGNING_PROCESS_FAILED"]));
  expect(dataOf(await get(`/api/v1/esign/events?limit=1&after=${next}`))).toEqual({ events: [], next });
  await get("/api/v1/esign/events?after=nonsense");
});

test("what a wallet is called back with is the webhook of the document", async () => {
  const calls = await sandbox<{ headers: Record<string, string>; body: { type: string } }[]>(platform, "wallet");
  expect(calls.length).toBeGreaterThan(2);
  for (const { body, headers } of calls) {
    const asFeed = { code: "SUCCESS", message: "查询成功", data: { events: [body], next: "x" }, traceId: "3f0c9f3e-6d0f-4c58-9a52-8f4c2b7a1d10" };
    holdAgainstDocument("GET", "/api/v1/esign/events", { status: 200, headers: { "content-type": "application/json" }, text: JSON.stringify(asFeed) });
    expect(Object.keys(headers)).toEqual(expect.arrayContaining(["webhook-id", "webhook-timestamp", "webhook-signature", "x-system-code", "x-business-id"]));
  }
});

test.each<[string, string, string, object, string | undefined, number]>([
  ["wrong fields", "POST", INITIATE, WALLET, '{"scene":7}', 400],
  ["an unknown process", "GET", processPath("ESIGN_PROC_1"), {}, undefined, 404],
  ["a wrong link", "GET", "/h5/api/process", bearer("x".repeat(43)), undefined, 401],
  ["a wrong download link", "GET", "/protocol/download/PROTO_1.pdf?expires=1&kid=k&sig=s", {}, undefined, 401],
  ["a wrong token of the verification system", "POST", VERIFICATION_CALLBACK, WALLET, "{}", 401],
  ["a wrong token of the SMS gateway", "POST", "/api/internal/esign/callback/sms?token=x", WALLET, "{}", 401],
  ["too much", "POST", INITIATE, WALLET, `"${"x".repeat(70_000)}"`, 413],
  ["life", "GET", "/health/live", {}, undefined, 200],
  ["readiness", "GET", "/health/ready", {}, undefined, 200],
  ["the document", "GET", "/openapi.json", {}, undefined, 200],
  ["the page", "GET", "/docs", {}, undefined, 200],
  ["a file of the page", "GET", "/docs/start.js", {}, undefined, 200],
  ["the signer's page", "GET", "/h5/sign?token=x", {}, undefined, 200],
])("asked with %s, %s %s answers what the document says", async (_what, method, path, headers, body, status) => {
  expect((await platform.http.call(method, path, headers as Record<string, string>, body)).status).toBe(status);
});

test("a repeat is documented with the process it found and the fields that differ", async () => {
  const request = exampleOf(platform);
  await post(platform, INITIATE, request);
  const repeat = await post(platform, "/api/v1/notification/sms/send", { ...request, fundPurpose: "货款" });
  expect([repeat.status, (JSON.parse(repeat.text) as Envelope).errors]).toEqual([409, [expect.objectContaining({ field: "fundPurpose" })]]);
});

test("the answers held against the document were not few", () => {
  expect([...seen]).toEqual(
    expect.arrayContaining(
      ["initiate", "query", "cancel", "events", "page", "open", "signCode", "sign", "decline", "answer", "face", "verificationCallback"].map((name) => `${name} SUCCESS`),
    ),
  );
});

test("an answer the document does not name is noticed", () => {
  const headers = { "content-type": "application/json" };
  const traceId = "3f0c9f3e-6d0f-4c58-9a52-8f4c2b7a1d10";
  for (const [status, answer] of [
    [418, {}],
    [200, { code: "SUCCESS", message: "", data: {}, traceId }],
    [404, { code: "PARAM_INVALID", message: "", traceId }],
    [404, { code: "PROCESS_NOT_FOUND", message: "", traceId, stack: "" }],
  ] as const) {
    expect(() => holdAgainstDocument("GET", processPath("P"), { status, headers, text: JSON.stringify(answer) })).toThrow("document");
  }
});

/** The verification system's body is judged by hand, after its token: what the document demands of it is what is judged. */
test.each([...verificationResultSchema.required.filter((field) => field !== "processId").map((field) => [field, undefined]), ["status", "MAYBE"], ["verifiedAt", "yesterday"], ["verificationId", "x".repeat(65)], ["failureReason", "x".repeat(257)], ["evidence", "text"]] as [string, unknown][])(
  "the result of a verification whose %s is %j is refused as the document says",
  async (field, value) => {
    signedOnce ??= await Signer.signed(platform);
    const { processId } = signedOnce;
    const result = { verificationId: "VER_1", processId, status: "SUCCESS", verifiedAt: "2026-11-24T08:00:00Z", [field]: value };
    expect(new Ajv2020({ strict: false, validateFormats: false }).validate({ ...verificationResultSchema, additionalProperties: true }, result) && field !== "verifiedAt").toBe(false);
    const answer = await post(platform, VERIFICATION_CALLBACK, result, asVerificationSystem(platform, processId));
    expect([answer.status, (JSON.parse(answer.text) as Envelope).errors?.map((error) => error.field)]).toEqual([400, [field]]);
  },
);

import { Errors } from "moleculer";
import { ERROR_TABLE, failure, type ErrorCode } from "../../../contract/errors.ts";
import { refusalOf } from "../../../services/gateway/refusal.ts";

const SECRET = "13800138000";

test.each(Object.entries(ERROR_TABLE))("%s is answered as the catalogue says", (code, { http, message }) => {
  expect(refusalOf(failure(code as ErrorCode))).toMatchObject({ code, http, message });
});

test("an error of the catalogue brings its own words, data, fields and waiting time", () => {
  const errors = [{ field: "a.b", message: "必填" }];
  expect(refusalOf(failure("RATE_LIMITED", { message: "稍等", errors, data: { left: 1 }, retryAfter: 7 }))).toEqual({
    code: "RATE_LIMITED",
    http: 429,
    message: "稍等",
    errors,
    data: { left: 1 },
    retryAfter: 7,
  });
});

test("it still does after a hop between nodes, where only the plain members arrive", () => {
  const { message, type, code, data } = failure("PROCESS_EXPIRED", { data: { status: "EXPIRED" } });
  expect(refusalOf({ message, type, code, data })).toMatchObject({ code: "PROCESS_EXPIRED", http: 410, data: { status: "EXPIRED" } });
});

test.each<[string, unknown]>([
  ["a missing service", new Errors.ServiceNotFoundError({ action: SECRET } as never)],
  ["a service that is not available", new Errors.ServiceNotAvailableError({ action: SECRET } as never)],
  ["a timeout", new Errors.RequestTimeoutError({ action: SECRET } as never)],
  ["a call that was skipped", new Errors.RequestSkippedError({ action: SECRET } as never)],
  ["a node that went away", new Errors.RequestRejectedError({ action: SECRET } as never)],
  ["a full queue", new Errors.QueueIsFullError({ action: SECRET } as never)],
  ["a broker without its bus", { type: "BAD_GATEWAY", code: 502, message: SECRET }],
])("%s is SERVICE_UNAVAILABLE and says when to come back", (_what, error) => {
  const refused = refusalOf(error);
  expect(refused).toMatchObject({ code: "SERVICE_UNAVAILABLE", http: 503, message: ERROR_TABLE.SERVICE_UNAVAILABLE.message });
  expect(refused.retryAfter).toBeGreaterThan(0);
  expect(JSON.stringify(refused)).not.toContain(SECRET);
});

test.each<[string, unknown]>([
  ["a programming error", new TypeError(SECRET)],
  ["a foreign error class", new Errors.MoleculerError(SECRET, 418, "TEAPOT", { mobile: SECRET })],
  ["an INTERNAL_ERROR with words of its own", failure("INTERNAL_ERROR", { message: SECRET })],
  ["a type named like a member of every object", { type: "constructor", message: SECRET }],
  ["a string", SECRET],
  ["null", null],
])("%s is INTERNAL_ERROR and gives nothing away", (_what, error) => {
  const refused = refusalOf(error);
  expect(refused).toMatchObject({ code: "INTERNAL_ERROR", http: 500, message: ERROR_TABLE.INTERNAL_ERROR.message });
  expect(JSON.stringify(refused)).not.toContain(SECRET);
});

test("the framework's own validation names fields and never the rejected value", () => {
  const data = [
    { type: "required", field: "processId", message: "…", actual: undefined },
    { type: "stringMin", field: "reason", message: "…", actual: SECRET },
  ];
  expect(refusalOf(new Errors.ValidationError("Parameters validation error!", "VALIDATION_ERROR", data))).toMatchObject({
    code: "PARAM_INVALID",
    http: 400,
    message: ERROR_TABLE.PARAM_INVALID.message,
    errors: [
      { field: "processId", message: "必填" },
      { field: "reason", message: "格式不正确" },
    ],
  });
});

test.each([
  ["entity.too.large", 413, "PAYLOAD_TOO_LARGE"],
  ["entity.parse.failed", 400, "PARAM_INVALID"],
  ["charset.unsupported", 415, "PARAM_INVALID"],
  ["UNABLE_DECODE_PARAM", 400, "NOT_FOUND"],
])("%s of a route's own parser becomes a code of ours", (type, code, expected) => {
  expect(refusalOf(new Errors.MoleculerError(SECRET, code, type))).toMatchObject({ code: expected, message: ERROR_TABLE[expected as ErrorCode].message });
});

import { ERROR_TABLE, type ErrorCode } from "../../../contract/errors.ts";
import type { Envelope, Told } from "./http-client.ts";
import { sandbox, sms } from "./signer.ts";
import type { WholePlatform } from "./whole-platform.ts";

/** One way to be refused. */
export interface Provocation {
  code: ErrorCode;
  /** What is done wrong; the rest of the test's title. */
  by: string;
  /** Brings everything about up to the one call that is refused. */
  arrange?(platform: WholePlatform): Promise<() => Promise<Told>>;
  /** Puts right what the next row would stumble over. */
  afterwards?(platform: WholePlatform): Promise<unknown>;
  /** The call itself, where nothing has to be brought about. */
  call?(platform: WholePlatform): Promise<Told>;
  /** The message where it is more exact than the table's. */
  message?: string;
  /** The fields that are named, in order. */
  fields?: string[];
  data?: object;
  /** Seconds in `Retry-After`. */
  retryAfter?: true;
  /** Tables that the contract has this refusal write to; every other row stays as it is, byte for byte. */
  writes?: string[];
  /** Somebody outside hears of it. */
  sends?: true;
}

const HAN = /\p{Script=Han}/u;

/** Makes the call and checks everything that every refusal of the catalogue has in common. */
export async function provoke(platform: WholePlatform, row: Provocation): Promise<void> {
  const call = row.arrange ? await row.arrange(platform) : () => row.call!(platform);
  await platform.quiet();
  const before = await world(platform);
  const answer = await call();
  await platform.quiet();
  const after = await world(platform);
  await row.afterwards?.(platform);

  expectRefusal(answer, row);
  const changed = [...after.tables.keys()].filter((table) => after.tables.get(table) !== before.tables.get(table));
  expect(changed.filter((table) => !row.writes?.includes(table))).toEqual([]);
  if (!row.sends) expect(after.outside).toEqual(before.outside);
  expect(platform.logged.filter((line) => /13800138000|110101199001011234|6228480012345678901/.test(line))).toEqual([]);
}

function expectRefusal(answer: Told, row: Provocation): void {
  const { http, message } = ERROR_TABLE[row.code];
  const envelope = JSON.parse(answer.text) as Envelope;
  expect({ http: answer.status, code: envelope.code, message: envelope.message }).toEqual({ http, code: row.code, message: row.message ?? message });
  expect(envelope.errors?.map(({ field }) => field)).toEqual(row.fields);
  for (const error of envelope.errors ?? []) expect(error.message).toMatch(HAN);
  if (row.data) expect(envelope.data).toEqual(row.data);
  else expect(envelope).not.toHaveProperty("data");
  expect(Object.keys(envelope).filter((name) => !["code", "message", "data", "errors", "traceId"].includes(name))).toEqual([]);
  expect(envelope.traceId).toMatch(/^[0-9a-f-]{36}$/);
  expectHeaders(answer);
  if (row.retryAfter) expect(answer.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
  else expect(answer.headers["retry-after"]).toBeUndefined();
}

/** What every answer of the gateway has (CONTRACT.md §2). */
export function expectHeaders({ headers }: Told): void {
  expect(headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  for (const name of ["server", "x-powered-by", "access-control-allow-origin", "etag", "set-cookie"]) expect(headers[name]).toBeUndefined();
}

/** All that is stored, byte for byte, and all that has reached the outside. */
async function world(platform: WholePlatform): Promise<{ tables: Map<string, string>; outside: number[] }> {
  const outside = [(await sms(platform)).length, (await sandbox<unknown[]>(platform, "bank")).length, (await sandbox<unknown[]>(platform, "wallet")).length];
  return { tables: new Map([...platform.stored()].map(([table, rows]) => [table, rows.join("\n")])), outside };
}

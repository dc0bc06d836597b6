import fc from "fast-check";
import { ERROR_TABLE, type ErrorCode } from "../../../contract/errors.ts";
import type { Envelope, Told } from "./http-client.ts";
import { anyBody, bytesOf, mutated, mutation } from "./hostile-json.ts";
import { expectHeaders } from "./provocation.ts";

/** The same bodies in every run; another seed or more of them by the environment, for whoever goes hunting. */
export const SEED = Number(process.env["FC_SEED"] ?? 20261124);
const TIMES = Number(process.env["FC_RUNS"] ?? 1);
/** @param least how many bodies a default run has */
export const runs = (least: number): { seed: number; numRuns: number } => ({ seed: SEED, numRuns: Math.ceil(least * TIMES) });

const HAN = /\p{Script=Han}/u;
/** Refusals of the body as a whole, where there is no field to name. */
const OF_THE_WHOLE = new Set(["请求体不是有效的 JSON 对象", "请求体嵌套过深", "请求体必须是 UTF-8 编码的 application/json"]);

let number = 0;
/** Marks one shot: found nowhere else, and not a word of any text. */
export const freshMarker = (): string => `k7q${String(++number).padStart(6, "0")}x`;

/** What became of all bodies, by HTTP status, and what of the refused ones may be found nowhere. */
export class Tally {
  readonly statuses = new Map<number, number>();
  readonly refused: string[] = [];

  count(status: number, marker: string, taken: boolean): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (!taken) this.refused.push(marker);
  }
  get total(): number {
    return [...this.statuses.values()].reduce((sum, one) => sum + one, 0);
  }
  toString(): string {
    return [...this.statuses].sort().map(([status, times]) => `${status}×${times}`).join(" ");
  }
}

/**
 * What holds for every answer to any body: an envelope of the catalogue in Chinese, with the headers of every answer; a refused field
 * is named and nothing that was sent comes back.
 * @param fields every field this route knows, dotted; `[]` stands for an index
 */
export function judge(answer: Told, marker: string, fields: ReadonlySet<string>): Envelope {
  const envelope = JSON.parse(answer.text) as Envelope;
  expectHeaders(answer);
  expect(envelope.message).toMatch(HAN);
  if (answer.status === 200) {
    expect(envelope.code).toBe("SUCCESS");
    return envelope;
  }
  expect(ERROR_TABLE[envelope.code as ErrorCode]?.http).toBe(answer.status);
  expect(answer.status).toBeLessThan(500);
  expect(answer.text).not.toContain(marker);
  expect(answer.text).not.toMatch(/evil\.example|alert\(1\)|etc\/passwd|\bat .+:\d+:\d+/);
  for (const error of envelope.errors ?? []) {
    expect(fields).toContain(error.field.replace(/\.\d+(?=\.|$)/g, ".[]"));
    expect(error.message).toMatch(HAN);
  }
  if (answer.status === 400 && !OF_THE_WHOLE.has(envelope.message)) expect(envelope.errors?.length).toBeGreaterThan(0);
  return envelope;
}

/** A route under fire. */
export interface Target {
  fields: ReadonlySet<string>;
  /** Valid bodies, of which each shot changes one. */
  bases(): Promise<object[]> | object[];
  fire(bytes: Buffer): Promise<Told>;
  /** Called for each answer; true when what was sent was taken, and so may be found. */
  then?(answer: Told, sent: Buffer, envelope: Envelope): Promise<boolean> | boolean;
}

/** Fires mutated bodies, then arbitrary ones. */
export async function shoot(target: Target, tally: Tally, least: number): Promise<void> {
  const fire = async (text: string): Promise<void> => {
    const marker = freshMarker();
    const bytes = bytesOf(text, marker);
    const answer = await target.fire(bytes);
    const envelope = judge(answer, marker, target.fields);
    const taken = (await target.then?.(answer, bytes, envelope)) ?? answer.status === 200;
    tally.count(answer.status, marker, taken);
  };
  await fc.assert(
    fc.asyncProperty(mutation, async (one) => {
      const bases = await target.bases();
      await fire(mutated(one, bases[one.base % bases.length]!));
    }),
    runs(least),
  );
  await fc.assert(fc.asyncProperty(anyBody, fire), runs(Math.ceil(least / 4)));
}

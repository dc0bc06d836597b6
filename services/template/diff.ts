import { failure } from "../../contract/errors.ts";
import type { TemplateDesk } from "./desk.ts";
import { diffRows } from "./diff-rows.ts";
import { inForceAt, lifeKey, type Lives } from "./life.ts";
import { rowNamed, textOf } from "./listing.ts";
import { placeOf, type TemplateRow } from "./stored.ts";
import type { DiffParams, Difference } from "./template.api.ts";

/**
 * A version beside another of its code or, by default, beside what it replaces: the version in force in its place; of the one that is
 * in force itself, the one before.
 * @throws NOT_FOUND for a version that there is not
 */
export async function difference(on: TemplateDesk, params: DiffParams): Promise<Difference> {
  const row = await rowNamed(on, params);
  const lives = await on.steps.lives(row.kind);
  const other = params.against === undefined ? replaced(lives, row, on.now()) : lives.get(lifeKey(row.code, params.against));
  if (params.against !== undefined && !other) throw failure("NOT_FOUND", { message: "要对比的版本不存在" });
  const before = other ? await textOf(on, other) : null;
  return { against: before && { code: before.code, version: before.version }, rows: diffRows(before && before.content, row.content) };
}

function replaced(lives: Lives, row: TemplateRow, now: number) {
  const place = placeOf(row);
  const serving = inForceAt(lives, now).find(({ life }) => life.submitted.place === place);
  if (serving?.life !== lives.get(lifeKey(row.code, row.version))) return serving?.life;
  const earlier = [...lives.values()].filter((life) => life !== serving?.life && life.submitted.place === place);
  const begun = earlier.flatMap((life) => life.activations.filter(({ from }) => from! <= now).map(({ from, n }) => ({ life, from: from!, n })));
  return begun.sort((a, b) => b.from - a.from || b.n - a.n)[0]?.life;
}

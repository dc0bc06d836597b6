import { types } from "node:util";
import type { FieldType, Index, Model } from "../collection-types.ts";

const TABLE_NAME = /^[a-z][a-z0-9_]{0,62}$/;
const FIELD_NAME = /^[a-z][A-Za-z0-9]{0,62}$/;
/** Times whose ISO form has 24 characters, so that text order is time order. */
const EARLIEST = Date.parse("0000-01-01T00:00:00.000Z");
const LATEST = Date.parse("9999-12-31T23:59:59.999Z");

/** The field that holds the keyed hash of a blind field. */
export const blindIndexOf = (field: string): string => `${field}Index`;

/**
 * Refuses a model no engine can keep its promises for. Names go into SQL and index names, so their form is fixed here.
 * @throws Error naming collection and field
 */
export function checkModel(model: Model): void {
  const wrong = (what: string): never => {
    throw new Error(`model ${model.name}: ${what}`);
  };
  if (!TABLE_NAME.test(model.name)) wrong("a collection's name is snake_case");
  const { personal = [], blind = [], fields } = model;
  for (const field of Object.keys(fields)) {
    if (!FIELD_NAME.test(field) || field === "version") wrong(`${field} cannot be a field's name`);
  }
  for (const field of personal) if (!Object.hasOwn(fields, field)) wrong(`personal field ${field} is not declared`);
  for (const field of blind) {
    if (!personal.includes(field) || fields[field] !== "string") wrong(`blind field ${field} must be a personal string`);
    if (Object.hasOwn(fields, blindIndexOf(field))) wrong(`${blindIndexOf(field)} is the blind index of ${field}`);
  }
  for (const index of model.indexes) {
    if (index.fields.length === 0) wrong("an index without fields");
    if (index.sparse && index.fields.length > 1) wrong("a sparse index has one field: engines differ on more");
    for (const [place, field] of index.fields.entries()) {
      if (field === "_id") {
        // There for the order of a page; everywhere else the id's own index serves.
        if (place === 0 || place < index.fields.length - 1 || index.unique || index.sparse) wrong("_id ends an index of several fields that is neither unique nor sparse");
        continue;
      }
      if (!Object.hasOwn(fields, field)) wrong(`indexed field ${field} is not declared`);
      if (fields[field] === "json") wrong(`${field} is json and cannot be indexed`);
      if (personal.includes(field) && !blind.includes(field)) wrong(`${field} is encrypted; make it blind to look it up`);
      if (blind.includes(field) && index.unique) wrong(`${field} is blind: two live keys would make a unique index lie`);
    }
  }
}

/**
 * The model an engine sees: personal fields are text (tokens), a blind field has its keyed hash beside it and is indexed by that.
 */
export function storedModel(model: Model): Model {
  const blind = model.blind ?? [];
  const fields: Record<string, FieldType> = { ...model.fields };
  for (const field of model.personal ?? []) fields[field] = "string";
  for (const field of blind) fields[blindIndexOf(field)] = "string";
  const indexes: Index[] = model.indexes.map((index) => ({
    ...index,
    fields: index.fields.map((field) => (blind.includes(field) ? blindIndexOf(field) : field)),
  }));
  for (const field of blind.map(blindIndexOf)) {
    if (!indexes.some((index) => index.fields[0] === field)) indexes.push({ fields: [field], sparse: true });
  }
  return { name: model.name, fields, indexes };
}

/**
 * Fields a document must have: those of unique keys that are not sparse. Engines disagree whether two absent values are
 * equal, so the question never comes up.
 */
export const requiredFields = (model: Model): Set<string> =>
  new Set(model.indexes.filter((index) => index.unique && !index.sparse).flatMap((index) => index.fields));

/** Whether a value, neither null nor undefined, may stand in a field of that type. */
export function fits(type: FieldType, value: unknown): boolean {
  if (type === "date") return types.isDate(value) && value.getTime() >= EARLIEST && value.getTime() <= LATEST;
  if (type === "number") return Number.isFinite(value);
  return type === "json" || typeof value === type;
}

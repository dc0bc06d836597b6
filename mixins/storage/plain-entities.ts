import type { Stored } from "./store-adapter.ts";

/** What moleculer-db asks of an adapter whose entities are plain objects with the id in `_id`; a service may name the id otherwise. */
export abstract class PlainEntities {
  entityToObject(entity: Stored): Stored {
    return entity;
  }

  beforeSaveTransformID(entity: object, idField: string): object {
    const { [idField]: id, ...rest } = entity as Record<string, unknown>;
    return idField === "_id" || id === undefined ? { ...entity } : { ...rest, _id: id };
  }

  afterRetrieveTransformID(entity: object, idField: string): object {
    const { _id, ...rest } = entity as Stored;
    return idField === "_id" ? entity : { ...rest, [idField]: _id };
  }
}

import { describeWith } from "../servers/available.ts";
import { describeCollections } from "./collection-suite.ts";
import { useMongo } from "./mongo-engine.ts";

// The first suite that loads mongoose compiles it.
jest.setTimeout(60_000);

describeWith(["mongo"], "a MongoDB server", (urls) => {
  beforeAll(() => useMongo(urls.mongoUri));
  describeCollections("mongo");
});

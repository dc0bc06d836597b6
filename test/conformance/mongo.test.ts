import { describeWith } from "../servers/available.ts";
import { describeCollections } from "./collection-suite.ts";
import { storedModel } from "../../mixins/storage/model-rules.ts";
import { shareMongo } from "../../mixins/storage/mongo-connection.ts";
import { databaseOf, useMongo } from "./mongo-engine.ts";
import { sampleModel } from "./sample.ts";

// The first suite that loads mongoose compiles it.
jest.setTimeout(60_000);

describeWith(["mongo"], "a MongoDB server", (urls) => {
  beforeAll(() => useMongo(urls.mongoUri));
  describeCollections("mongo");

  test.each(["", "journal=false", "w=1&journal=false", "w=0", "readConcernLevel=local", "readPreference=secondaryPreferred&retryWrites=false"])(
    "whose address says %p is written to and read from by the platform's own promises",
    async (options) => {
      const connection = shareMongo(`${databaseOf("promises")}?${options}`);
      try {
        const { native } = await connection.collection(storedModel(sampleModel));
        expect(native.writeConcern).toMatchObject({ w: "majority", j: true });
        expect(native.readConcern).toMatchObject({ level: "majority" });
        expect(native.readPreference).toMatchObject({ mode: "primary" });
        expect(native.db.client.options.retryWrites).toBe(true);
      } finally {
        await connection.close();
      }
    },
  );
});

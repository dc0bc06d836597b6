import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENGINES, type EngineName, type OpenEngine, type TestEngine } from "./engines.ts";
import { describeKeys } from "./keys-suite.ts";
import { describeLasting } from "./lasting-suite.ts";
import { describePersonal } from "./personal-suite.ts";
import { describeQueries } from "./query-suite.ts";
import { describeVersions } from "./version-suite.ts";

/** A database of the test's own, opened for it and opened again when it asks. */
export interface Bench {
  engineName: EngineName;
  location: string;
  engine: OpenEngine;
  reopen(): Promise<void>;
}

/** The contract of `Collection`: every engine passes exactly this. */
export function describeCollections(engineName: EngineName): void {
  describe(`collections on ${engineName}`, () => {
    const bench = { engineName } as Bench;
    const under: TestEngine = ENGINES[engineName];
    const open = async () => {
      bench.engine = await under.open(bench.location);
    };
    beforeEach(async () => {
      bench.location = mkdtempSync(join(tmpdir(), "esign-collections-"));
      await open();
      bench.reopen = async () => {
        await bench.engine.close();
        await open();
      };
    });
    afterEach(async () => {
      await bench.engine.close();
      await under.remove?.(bench.location);
      rmSync(bench.location, { recursive: true });
    });

    describeKeys(bench);
    describeVersions(bench);
    describeQueries(bench);
    describePersonal(bench);
    describeLasting(bench);
  });
}

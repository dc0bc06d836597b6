import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Imported first, before anything that reads the settings: this test file has a DATA_DIR and keys of its own. */
process.env["DATA_DIR"] = mkdtempSync(join(tmpdir(), "esign-test-"));

import "../integration/fresh-data-dir.ts";
import { queueSuite } from "./queue-suite.ts";

queueSuite("in this process", () => undefined);

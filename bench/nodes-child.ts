/** A process of bench/nodes.ts: a node of the platform by the settings, or with `outside FOLDER CALLERS_FILE` the three outside systems. */
import { startOutside } from "../test/e2e/faults/outside.ts";
import { startPlatform } from "../platform.ts";

const [role, folder, callersFile] = process.argv.slice(2);
const started = role === "outside" ? await startOutside(folder!, callersFile!) : await startPlatform();
// A bench that is killed leaves no nodes behind.
process.once("disconnect", () => process.exit(1));
process.send!({ url: "url" in started ? started.url : null });

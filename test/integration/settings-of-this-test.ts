// The order matters: the settings are read on import and generate keys into DATA_DIR.
import "./fresh-data-dir.ts";
export { config } from "../../config/index.ts";

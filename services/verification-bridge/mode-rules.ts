export { loadModeRules } from "../../config/verification-rules.ts";

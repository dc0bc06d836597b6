export { BUILT_IN_RULES, verificationMode, type ModeRule } from "../../contract/verification-rules.ts";

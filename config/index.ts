import { existsSync } from "node:fs";
import { readConfig, type Config } from "./read.ts";

export type { Config } from "./read.ts";
export { ConfigProblems } from "./read.ts";

if (existsSync(".env")) process.loadEnvFile(".env");

/** The settings of this process: read once, checked, frozen. Nothing else reads the environment. */
export const config: Config = readConfig(process.env);

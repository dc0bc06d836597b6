import { readFileSync } from "node:fs";
import { parse } from "yaml";

export interface ComposeService {
  profiles?: string[];
  image?: string;
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  tmpfs?: string[];
  ports?: string[];
  networks?: string[];
  security_opt?: string[];
  cap_drop?: string[];
  user?: string;
  read_only?: boolean;
  healthcheck?: { disable?: boolean; test?: string[] };
  restart?: string;
  depends_on?: Record<string, { condition: string }>;
  command?: string[];
}
export interface Compose {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
}

export const composeText = readFileSync("docker-compose.yml", "utf8");
/** Laid over it where outside systems are on the bus. */
export const outsideText = readFileSync("deploy/outside.yml", "utf8");
export const outside = parse(outsideText) as Pick<Compose, "services">;
export const compose = parse(composeText, { merge: true }) as Compose;
export const services = Object.entries(compose.services);
/** Containers of our own image. */
export const own = services.filter(([, service]) => service.image?.startsWith("esign-platform:"));
/** One a kind of node. */
export const nodes = own.filter(([, service]) => service.profiles?.includes("production"));

/** What compose interpolates: `${NAME}`, `${NAME:?}`, `${NAME:-default}`. */
export const interpolated = (text: string): string[] => [...new Set([...text.matchAll(/(?<!\$)\$\{([A-Z0-9_]+)/g)].map(([, name]) => name!))];

/** As compose would fill it in. */
export const filled = (text: string, values: Record<string, string>): string =>
  text.replaceAll(/(?<!\$)\$\{([A-Z0-9_]+)(?::?([-?])([^}]*))?\}/g, (_, name: string, sign?: string, rest?: string) => values[name] || (sign === "-" ? rest! : `no ${name}`));

/** NAME=value lines. */
export const valuesOf = (text: string): Record<string, string> => Object.fromEntries([...text.matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]));

/** Those of deploy/env.example. */
export const example = (): Record<string, string> => valuesOf(readFileSync("deploy/env.example", "utf8"));

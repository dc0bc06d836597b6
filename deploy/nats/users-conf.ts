import { CALLS, OUTSIDE, permissionsOf, permissionsOutside, type Permissions } from "./permissions.ts";

/** The environment variable of the NATS server that holds a user's password, in double quotes: without them 1e5 would be read as a number. */
export const passwordVariable = (user: string): string => `NATS_${user.toUpperCase().replaceAll("-", "_")}_PASSWORD`;

/** Without an entry NATS would allow everything. */
const list = (name: string, subjects: string[]): string =>
  subjects.length === 0 ? `      ${name}: { deny: ">" }\n` : `      ${name}: [\n${subjects.map((subject) => `        "${subject}"\n`).join("")}      ]\n`;

const entry = (user: string, { publish, subscribe }: Permissions): string =>
  `  {\n    user: "${user}"\n    password: $${passwordVariable(user)}\n    permissions: {\n${list("publish", publish)}${list("subscribe", subscribe)}    }\n  }\n`;

/**
 * The text of users.conf, or of users-outside.conf: `node deploy/nats/write-users.ts` writes both, a test compares them.
 * @param withOutside with the users of outside systems as well
 */
export function usersConf(withOutside = false): string {
  const kinds = Object.keys(CALLS) as (keyof typeof CALLS)[];
  const outside = withOutside ? Object.keys(OUTSIDE) : [];
  const users = [...kinds.map((kind) => entry(kind, permissionsOf(kind, withOutside))), ...outside.map((user) => entry(user, permissionsOutside(user)))];
  return `# Made of permissions.ts by write-users.ts: change that and write this again.\nusers = [\n${users.join("")}]\n`;
}

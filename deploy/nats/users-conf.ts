import { CALLS, permissionsOf } from "./permissions.ts";

/** The environment variable of the NATS server that holds a user's password. */
export const passwordVariable = (user: string): string => `NATS_${user.toUpperCase().replaceAll("-", "_")}_PASSWORD`;

const list = (name: string, subjects: string[]): string => `      ${name}: [\n${subjects.map((subject) => `        "${subject}"\n`).join("")}      ]\n`;

/** The text of users.conf: `node deploy/nats/write-users.ts` writes it, a test compares it. */
export function usersConf(): string {
  const users = (Object.keys(CALLS) as (keyof typeof CALLS)[]).map((user) => {
    const { publish, subscribe } = permissionsOf(user);
    return `  {\n    user: "${user}"\n    password: $${passwordVariable(user)}\n    permissions: {\n${list("publish", publish)}${list("subscribe", subscribe)}    }\n  }\n`;
  });
  return `# Made of permissions.ts by write-users.ts: change that and write this again.\nusers = [\n${users.join("")}]\n`;
}

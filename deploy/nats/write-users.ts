/** Writes users.conf and users-outside.conf of the permissions beside them: `node deploy/nats/write-users.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { usersConf } from "./users-conf.ts";

writeFileSync(join(import.meta.dirname, "users.conf"), usersConf());
writeFileSync(join(import.meta.dirname, "users-outside.conf"), usersConf(true));

/** Writes users.conf of the permissions beside it: `node deploy/nats/write-users.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { usersConf } from "./users-conf.ts";

writeFileSync(join(import.meta.dirname, "users.conf"), usersConf());

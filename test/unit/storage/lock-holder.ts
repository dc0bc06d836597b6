import { spawn } from "node:child_process";
import { lockDataDir } from "../../../mixins/storage/data-dir-lock.ts";

/** `node lock-holder.ts <dir>`: locks it, starts a child of its own that outlives it, tells the child's pid and stays.
 * It keeps no reference to the lock, which must not matter. */
lockDataDir(process.argv[2]!);
const child = spawn(process.execPath, ["-e", "require('node:net').createServer().listen(0, '127.0.0.1')"], { detached: true, stdio: "ignore" });
child.once("spawn", () => process.send!({ childPid: child.pid }));

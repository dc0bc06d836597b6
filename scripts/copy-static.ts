/** Puts what is not compiled beside what is, so that dist/ runs by itself: the signer's page, the sandbox's page, the templates. */
import { cpSync } from "node:fs";
import { extname } from "node:path";

for (const folder of ["public-h5", "sandbox/public", "templates"]) {
  cpSync(folder, `dist/${folder}`, { recursive: true, filter: (source) => extname(source) !== ".ts" });
}

/** Puts what is not compiled beside what is, so that dist/ runs by itself: the pages of signer, console, sandbox and API document, the templates. */
import { cpSync } from "node:fs";
import { extname } from "node:path";

for (const folder of ["public-h5", "public-admin", "sandbox/public", "services/gateway/openapi/page", "templates"]) {
  cpSync(folder, `dist/${folder}`, { recursive: true, filter: (source) => extname(source) !== ".ts" });
}

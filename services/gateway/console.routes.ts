import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { routes, type Endpoint } from "./exchange.ts";
import { assetFiles, PAGE_POLICY } from "./public.routes.ts";

/**
 * The console's policy (issue 7 point 5): that of the signer's page, and text can become markup in one place only, where a template's
 * preview is parsed in an inert document (public-admin/assets/preview-markup.js). Nothing is added for the PDF of a preview: it is
 * handed over as a download, since showing it in a frame would need `frame-src blob:` and a viewer's `object-src`.
 */
export const CONSOLE_POLICY = `${PAGE_POLICY}; require-trusted-types-for 'script'; trusted-types esign-preview`;

/**
 * The console (管理后台, §4.1.2): the same bytes for everyone. What it shows comes from the administration's routes, which know who
 * asks. Where the administration is off there is no console either.
 * @param folder `public-admin`
 */
export function consoleRoutes(folder: string): Record<string, unknown>[] {
  const shell: Endpoint = async () => ({
    body: await readFile(join(folder, "index.html")),
    type: "text/html; charset=utf-8",
    headers: { "Content-Security-Policy": CONSOLE_POLICY, "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=(), geolocation=(), microphone=()" },
  });
  return [routes("console", "/admin", { "GET /": shell }), assetFiles("console-files", "/admin/assets/", folder)];
}

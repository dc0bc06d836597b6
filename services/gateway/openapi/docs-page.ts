import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { failure } from "../../../contract/errors.ts";
import type { Document } from "../envelope.ts";

const OURS = join(import.meta.dirname, "page");
const PACKAGE = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

/** All that the page needs, and nothing else of the package: the rest of it would be served with a policy it was not made for. */
const FILES: Readonly<Record<string, string>> = {
  "start.js": OURS,
  "page.css": OURS,
  "swagger-ui.css": PACKAGE,
  "swagger-ui-bundle.js": PACKAGE,
  "favicon-32x32.png": PACKAGE,
};
const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png" };

/** The style sheet of the package has its icons in itself as `data:` pictures; inline code stays forbidden. */
const docsPolicy = (pagePolicy: string): string => pagePolicy.replace("img-src 'self'", "img-src 'self' data:");

/**
 * The page that shows the document.
 * @param pagePolicy Content-Security-Policy of the platform's pages
 */
export const docsPage = async (pagePolicy: string): Promise<Document> => ({
  body: await readFile(join(OURS, "index.html")),
  type: "text/html; charset=utf-8",
  headers: { "Content-Security-Policy": docsPolicy(pagePolicy) },
});

/**
 * A script, style or picture of the page.
 * @throws NOT_FOUND for everything that is not on the list
 */
export async function docsFile(name: string): Promise<Document> {
  const folder = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (folder === undefined) throw failure("NOT_FOUND");
  return { body: await readFile(join(folder, name)), type: TYPES[extname(name)]!, headers: { "Cache-Control": "public, max-age=3600" } };
}

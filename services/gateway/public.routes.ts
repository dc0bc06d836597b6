import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ApiGateway from "moleculer-web";
import type serveStaticFiles from "serve-static";
import { failure } from "../../contract/errors.ts";
import type { PdfFile } from "../protocol/protocol.api.ts";
import { queryValue, routes, type Endpoint, type GatewayRequest } from "./exchange.ts";
import { docsFile, docsPage } from "./openapi/docs-page.ts";
import { openApiDocument } from "./openapi/document.ts";
import type { Readiness } from "./readiness.ts";

const DOWNLOAD = { timeout: 10_000 };
const JSON_TYPE = "application/json; charset=utf-8";

/** No inline code, nothing from elsewhere, never in a frame (CONTRACT.md §2). */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export interface PublicParts {
  /** The folder of the signer's page. */
  pageFolder: string;
  readiness(): Promise<Readiness>;
}

/** The page's shell, the download, the health of the platform and the document of its routes: open to anyone. */
export function publicRoutes(parts: PublicParts): Record<string, unknown>[] {
  const shell: Endpoint = async () => ({
    body: await readFile(join(parts.pageFolder, "index.html")),
    type: "text/html; charset=utf-8",
    headers: { "Content-Security-Policy": PAGE_POLICY },
  });

  const download: Endpoint = async ({ req, ctx, params }) => {
    const [expires, kid, sig] = ["expires", "kid", "sig"].map((name) => queryValue(req, name));
    if (!expires || !kid || !sig) throw failure("LINK_INVALID");
    const protocolId = params["protocolId"]!;
    const file: PdfFile = await ctx.call("protocol.download", { protocolId, expires, kid, sig }, DOWNLOAD);
    return {
      body: Buffer.from(file.base64, "base64"),
      type: "application/pdf",
      headers: { "Content-Disposition": `inline; filename="${protocolId.replace(/[^A-Za-z0-9_-]/g, "_")}.pdf"` },
    };
  };

  const live: Endpoint = async () => ({ body: JSON.stringify({ status: "UP" }), type: JSON_TYPE });

  const ready: Endpoint = async () => {
    const { up, checks } = await parts.readiness();
    return { status: up ? 200 : 503, body: JSON.stringify({ status: up ? "UP" : "DOWN", checks }), type: JSON_TYPE };
  };

  // The routes of a build do not change: the document is written once.
  let document: string | undefined;
  const openapi: Endpoint = async () => ({ body: (document ??= JSON.stringify(openApiDocument())), type: JSON_TYPE });

  return [
    routes("page", "/h5/sign", { "GET /": shell }),
    routes("download", "/protocol/download", { "GET :protocolId.pdf": download }),
    routes("health", "/health", { "GET live": live, "GET ready": ready }),
    routes("openapi", "/openapi.json", { "GET /": openapi }),
    routes("docs", "/docs", { "GET /": async () => docsPage(PAGE_POLICY), "GET :file": async ({ params }) => docsFile(params["file"]!) }),
  ];
}

/** Preconditions for changes mean nothing where nothing can be changed; obeyed, they would fail with a 412 of their own. */
function unconditional(req: GatewayRequest, _res: unknown, next: () => void): void {
  delete req.headers["if-match"];
  delete req.headers["if-unmodified-since"];
  next();
}

/**
 * A page's scripts, styles and pictures: the files of its folder `assets`. Their names do not change with their content, so browsers
 * ask again each time and get a 304.
 * @param path ends with a slash, which keeps `/h5/assetsomething` out
 */
export function assetFiles(name: string, path: string, pageFolder: string): Record<string, unknown> {
  const { serveStatic } = ApiGateway as unknown as { serveStatic: typeof serveStaticFiles };
  const files = serveStatic(join(pageFolder, "assets"), {
    index: false,
    redirect: false,
    dotfiles: "ignore",
    acceptRanges: false,
    setHeaders: (res) => void res.setHeader("Cache-Control", "no-cache"),
  });
  return { ...routes(name, path, {}), use: [unconditional, files] };
}

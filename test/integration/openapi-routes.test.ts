import "./fresh-data-dir.ts";
import { startGateway, type Gateway } from "./gateway-harness.ts";

interface Alias {
  method: string;
  fullPath: string;
}
type Paths = Record<string, Record<string, object>>;

/** The document against the routes the gateway really has, both ways. */
let gateway: Gateway;
let paths: Paths;
beforeAll(async () => {
  gateway = await startGateway({ adminKeys: [{ name: "ann", sha256: "0".repeat(64), roles: ["auditor"] }] });
  paths = (await gateway.call("GET", "/openapi.json")).json["paths"] as Paths;
});
afterAll(() => gateway.stop());

const routes = (): string[] =>
  (gateway.service as unknown as { aliases: Alias[] }).aliases
    .map(({ method, fullPath }) => `${method} ${fullPath.replace(/:(\w+)/g, "{$1}")}`)
    .filter((route) => !route.includes(" /sandbox"))
    .sort();
const documented = (): string[] => Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`)).sort();

test("every route of the gateway is in the document", () => {
  expect(routes().filter((route) => !documented().includes(route))).toEqual([]);
});

test("the document has no route that the gateway does not have", () => {
  expect(documented().filter((route) => !routes().includes(route))).toEqual([]);
});

test.each([
  ["/docs", "text/html; charset=utf-8"],
  ["/docs/start.js", "text/javascript; charset=utf-8"],
  ["/docs/page.css", "text/css; charset=utf-8"],
  ["/docs/swagger-ui.css", "text/css; charset=utf-8"],
  ["/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
  ["/docs/favicon-32x32.png", "image/png"],
])("%s is served as %s", async (path, type) => {
  const answer = await gateway.call("GET", path);
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, type]);
  expect(answer.bytes.length).toBeGreaterThan(100);
});

test.each(["/docs/index.html", "/docs/swagger-initializer.js", "/docs/package.json", "/docs/..%2fdocument.ts", "/docs/%2e%2e%2fpackage.json", "/docs/constructor", "/docs/"])("%s is not served", async (path) => {
  const answer = await gateway.call("GET", path);
  expect([answer.status, answer.json["code"]]).toEqual([404, "NOT_FOUND"]);
});

test("the page's policy allows no inline code and no other host", async () => {
  const policy = (await gateway.call("GET", "/docs")).headers["content-security-policy"];
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe-|https?:|\*/);
});

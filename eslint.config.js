import js from "@eslint/js";
import ts from "typescript-eslint";

/** Pure files decide and compute; they may not reach for the broker, the settings, the clock or the outside (ARCHITECTURE: taste 3). */
const PURE = [
  "contract/!(errors|ids|paging).ts",
  "contract/schemas/*.ts",
  "services/process/{lifecycle,transitions,decision,decide-resend,decide-signing,decide-verification,decide-operator,stuck,parties,idempotency,owed,draft,agreement-variables,agreement-phrases,link-token,commands,signature-page,signing-event,views}.ts",
  "services/verification-bridge/{mode,back-off}.ts",
  "services/template/{select,coverage,life,judge,diff-rows,samples,render,markup,agreement-markup,placeholders,lint-*}.ts",
  "services/template/language/*.ts",
  "services/evidence/{chain,bundle-format,summaries,overview}.ts",
  "services/notifier/{back-off,webhook-signature}.ts",
];

export default ts.config(
  { ignores: ["node_modules/", "dist/", "coverage/", "data/", "demo-output/"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    languageOptions: { globals: { process: "readonly", Buffer: "readonly", URL: "readonly", console: "readonly" } },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "no-console": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  {
    files: PURE,
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { group: ["moleculer*", "mongoose", "undici", "node:fs*", "node:net", "node:http*", "node:child_process"], message: "A pure file does no I/O." },
            { group: ["**/config/index.ts", "**/config/callers.ts", "**/mixins/*"], message: "A pure file knows neither settings nor the clock." },
          ],
        },
      ],
      "no-restricted-globals": ["error", "fetch", "setTimeout", "setInterval", "process"],
      "no-restricted-properties": ["error", { object: "Date", property: "now", message: "Times come in as arguments." }],
    },
  },
  {
    files: ["services/**/*.ts"],
    rules: {
      "no-eval": "error",
      "no-new-func": "error",
      "no-implied-eval": "error",
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: "^\\.\\./(template|sms|protocol|verification-bridge|evidence|notifier|expiry|process|gateway)/",
              allowTypeImports: true,
              message: "A service imports another service's types only, from its .api.ts.",
            },
            { group: ["ejs"], message: "Templates are interpreted, never compiled (docs/decisions/templates.md)." },
          ],
        },
      ],
    },
  },
  { files: ["cli/**", "bench/**", "scripts/**", "main.ts"], rules: { "no-console": "off" } },
  { files: ["deploy/mongo/*.js"], languageOptions: { globals: { connect: "readonly", require: "readonly" } }, rules: { "@typescript-eslint/no-require-imports": "off" } },
  {
    files: ["public-h5/**/*.js"],
    languageOptions: { ecmaVersion: 2017, sourceType: "script", globals: { window: "readonly", document: "readonly", sessionStorage: "readonly", location: "readonly", history: "readonly", fetch: "readonly", setTimeout: "readonly", clearTimeout: "readonly", navigator: "readonly", IntersectionObserver: "readonly", XMLHttpRequest: "readonly" } },
  },
  {
    files: ["public-admin/**/*.js"],
    languageOptions: { sourceType: "module", globals: { window: "readonly", document: "readonly", sessionStorage: "readonly", location: "readonly", fetch: "readonly", setTimeout: "readonly", clearTimeout: "readonly", setInterval: "readonly", clearInterval: "readonly", AbortController: "readonly", ResizeObserver: "readonly", Blob: "readonly", URLSearchParams: "readonly", Intl: "readonly", atob: "readonly", performance: "readonly" } },
    rules: {
      // Every text goes in as text: what a template or a name holds never becomes markup.
      "no-restricted-properties": ["error", ...["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"].map((property) => ({ property, message: "Use el() of elements.js." }))],
    },
  },
  {
    files: ["services/gateway/openapi/page/*.js"],
    languageOptions: { sourceType: "script", globals: { window: "readonly", document: "readonly" } },
  },
  {
    files: ["sandbox/public/**/*.js"],
    languageOptions: { globals: { window: "readonly", document: "readonly", fetch: "readonly", setTimeout: "readonly", setInterval: "readonly", clearInterval: "readonly", location: "readonly" } },
  },
);

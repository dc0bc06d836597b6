// CommonJS output through swc: no flags, and packages that ship only ES modules are transformed too.
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  // A test waits for conditions and not for time; what hangs is named by its own limit before this one (test/until.ts).
  testTimeout: 90_000,
  testMatch: ["**/*.test.ts"],
  // The fault suite wants the machine to itself: `npm run test:faults` (docs/fault-suite.md).
  testPathIgnorePatterns: ["/node_modules/", "/test/e2e/faults/"],
  extensionsToTreatAsEsm: [],
  transform: {
    "^.+\\.(ts|js|mjs)$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
      },
    ],
  },
  transformIgnorePatterns: [],
  moduleNameMapper: {},
};

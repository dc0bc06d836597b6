import { globSync, readFileSync } from "node:fs";
import { readConfig } from "../../../config/read.ts";
import { SETTINGS, type Setting } from "../../../config/table.ts";
import { SERVICE_NAMES, type ServiceName } from "../../../contract/vocabulary.ts";

const sources = (service: ServiceName): string => globSync(`services/${service}/**/*.ts`).map((file) => readFileSync(file, "utf8")).join("\n");

/** How one sees that a service reads a setting that is kept from others. */
const SIGN: Partial<Record<keyof typeof SETTINGS, RegExp>> = {
  callersFile: /\bcallers\(\)/,
  fieldEncryptionKey: /^\s*personal: \[/m,
};
const rows = (Object.entries(SETTINGS) as [keyof typeof SETTINGS, Setting<unknown>][]).filter(([, row]) => row.neededBy);

test.each(rows)("%s is needed by the services that read it and by no other", (name, row) => {
  const sign = SIGN[name] ?? new RegExp(`\\b${name}\\b`);
  expect(SERVICE_NAMES.filter((service) => sign.test(sources(service)))).toEqual(SERVICE_NAMES.filter((service) => row.neededBy!.includes(service)));
});

const production = { NODE_ENV: "production", MONGO_URI: "mongodb://h/x", TRANSPORTER: "tls://h", DATA_DIR: "/nowhere" };
const problemsOf = (env: Record<string, string>): string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as { problems: string[] }).problems;
  }
};

test.each(SERVICE_NAMES)("a node of %s alone must be given what that service needs and nothing else", (service) => {
  const needed = rows.filter(([, row]) => row.neededBy!.includes(service)).map(([, row]) => `${row.env}: required in production`);
  expect(problemsOf({ ...production, SERVICES: service })).toEqual(needed);
});

test("what a node was not given is empty and is not made", () => {
  expect(readConfig({ ...production, SERVICES: "template" })).toMatchObject({
    h5TokenSecret: [], callbackTokenSecret: [], downloadSecret: [], fieldEncryptionKey: [], outboundKeyFile: "", sealKeyFile: "", sealCertFile: "", callersFile: "",
  });
});

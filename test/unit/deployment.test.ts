import { existsSync, globSync, readFileSync } from "node:fs";
import { natsTransporter } from "../../config/nats-address.ts";
import { readConfig } from "../../config/read.ts";
import { SETTINGS, type Setting } from "../../config/table.ts";
import { SERVICE_NAMES, type ServiceName } from "../../contract/vocabulary.ts";
import { CALLS, OUTSIDE } from "../../deploy/nats/permissions.ts";
import { passwordVariable, usersConf } from "../../deploy/nats/users-conf.ts";
import { HEALTH_FILE } from "../../mixins/health-file.ts";
import { compose, composeText, example, filled, interpolated, nodes, outside, outsideText, own, services, type ComposeService } from "./deployment-compose.ts";

const rows = Object.values(SETTINGS) as Setting<unknown>[];
const KEY = `k1:${Buffer.alloc(32, 1).toString("base64")}`;
/** The example, with what must be replaced replaced. */
const values = Object.fromEntries(Object.entries(example()).map(([name, value]) => [name, value === "REPLACE" ? (/^(?:H5_TOKEN|CALLBACK_TOKEN|DOWNLOAD)_SECRET$|^FIELD_/.test(name) ? KEY : "secret1") : value]));
const environmentOf = (service: ComposeService): Record<string, string> => Object.fromEntries(Object.entries(service.environment ?? {}).map(([name, value]) => [name, filled(String(value), values)]));
/** ENV of the image. */
const image: Record<string, string> = Object.fromEntries([...dockerfile().matchAll(/^ENV (.*)$/gm)].flatMap(([, line]) => line!.split(" ").map((pair) => pair.split("=") as [string, string])));
const configOf = (service: ComposeService) => readConfig({ ...image, ...environmentOf(service) });

function dockerfile(): string {
  return readFileSync("Dockerfile", "utf8").replaceAll(/\\\n/g, "");
}

describe("docker-compose.yml", () => {
  test("each service is run by one kind of node, which is named after it", () => {
    expect(nodes.map(([name]) => name).toSorted()).toEqual(SERVICE_NAMES.toSorted());
    for (const [name, service] of nodes) expect([name, configOf(service).services]).toEqual([name, [name]]);
  });

  test.each(own)("%s is given settings and nothing else", (_, service) => {
    const known = rows.map((row) => row.env);
    expect(Object.keys(service.environment ?? {}).filter((name) => !known.includes(name))).toEqual([]);
  });

  test.each(nodes)("%s starts in production, on database, bus and files that every copy shares", (name, service) => {
    const config = configOf(service);
    expect([config.production, config.sandbox, config.host, config.dataDir]).toEqual([true, false, "0.0.0.0", "/data"]);
    expect(config.mongoUri).toBe(`mongodb://${name}:secret1@mongo1:27017,mongo2:27017,mongo3:27017/esign?replicaSet=esign`);
    expect(natsTransporter(config.transporter!).options).toMatchObject({ servers: ["nats:4222"], user: name, pass: "secret1", tls: { caFile: "/run/secrets/nats-ca.pem" }, maxReconnectAttempts: -1 });
    if (name === "protocol") expect(config.storageDriver).toBe("s3");
  });

  test.each(nodes)("%s is given the keys it needs and no other", (name, service) => {
    const kept = rows.filter((row) => row.neededBy);
    const given = kept.filter((row) => row.env in (service.environment ?? {})).map((row) => row.env);
    expect(given).toEqual(kept.filter((row) => row.neededBy!.includes(name as ServiceName)).map((row) => row.env));
  });

  test("the nodes that share a setting have the same value", () => {
    const seen = new Map<string, Set<string>>();
    for (const [, service] of nodes) for (const [name, value] of Object.entries(environmentOf(service))) seen.set(name, (seen.get(name) ?? new Set()).add(value));
    expect([...seen].filter(([name, some]) => some.size > 1 && !["SERVICES", "MONGO_URI", "TRANSPORTER", "REDIS_URL"].includes(name))).toEqual([]);
  });

  test("those with a queue have Redis, and no other", () => {
    const withQueue = SERVICE_NAMES.filter((name) => globSync(`services/${name}/*.service.ts`).some((file) => readFileSync(file, "utf8").includes("mixins/queue")));
    expect(nodes.filter(([, service]) => service.environment?.["REDIS_URL"]).map(([name]) => name).toSorted()).toEqual(withQueue.toSorted());
  });

  test.each(["notifier", "verification-bridge"])("%s has a user at Redis that reaches its own queue and does nothing dangerous", (name) => {
    const variable = `REDIS_${name.toUpperCase().replace("-", "_")}_PASSWORD`;
    expect(compose.services[name]!.environment!["REDIS_URL"]).toBe(`redis://${name}:\${${variable}:?}@redis:6379`);
    expect(compose.services["redis"]!.command).toContain(`--user ${name} on >\${${variable}:?} resetchannels ~{esign}:${name}:* &{esign}:${name}:* +@all -@dangerous +info`);
    expect(compose.services["redis"]!.command).toContain("--user default on nopass resetkeys resetchannels -@all +ping");
  });

  test("the move of personal data has its key and its user at the database, and joins nothing", () => {
    const config = configOf(compose.services["rekey"]!);
    expect([config.services, config.mongoUri?.split("@")[0], config.fieldEncryptionKey.length, config.sealKeyFile]).toEqual([[], "mongodb://rekey:secret1", 1, ""]);
    expect(compose.services["rekey"]).toMatchObject({ command: ["node", "dist/cli/rekey.js"], networks: ["inside"], profiles: ["rekey"] });
  });

  test("the operators' console has no service, no database and no key", () => {
    const config = configOf(compose.services["operator"]!);
    expect([config.services, config.mongoUri, config.fieldEncryptionKey, config.sealKeyFile]).toEqual([[], undefined, [], ""]);
    expect(compose.services["operator"]!.command).toEqual(["node", "dist/main.js", "--repl"]);
  });

  test("the sandbox is the whole platform, in development, with its books on its volume", () => {
    const { production, sandbox, services: some, dataDir } = { ...configOf({ environment: { ...compose.services["sandbox"]!.environment, DATA_DIR: "./data" } }), dataDir: compose.services["sandbox"]!.environment!["DATA_DIR"] };
    expect([production, sandbox, some]).toEqual([false, true, undefined]);
    // `<DATA_DIR>-sandbox` is beside DATA_DIR.
    expect(dataDir).toBe("/data/platform");
    expect(compose.services["sandbox"]!.volumes).toEqual(["sandbox:/data"]);
  });

  test.each(own)("%s is nobody in particular, may write to named places only and gains no rights", (_, service) => {
    expect(service).toMatchObject({ read_only: true, user: "10001:10001", cap_drop: ["ALL"] });
    expect(service.security_opt).toContain("no-new-privileges:true");
    expect([...(service.tmpfs ?? []), ...(service.volumes ?? [])].map((place) => place.split(":").find((part) => part.startsWith("/"))!).filter((place) => !["/tmp", "/data", "/data/keys/callers", "/run/callers", "/run/seal"].includes(place))).toEqual([]);
    for (const volume of service.volumes ?? []) if (/:\/run\//.test(volume)) expect(volume).toMatch(/:ro$/);
  });

  test("Chromium may lock its renderers in, and run from /tmp, where it runs and nowhere else", () => {
    const printing = own.filter(([, service]) => service.security_opt?.some((option) => option.startsWith("seccomp="))).map(([name]) => name);
    expect(printing).toEqual(own.filter(([, service]) => service.tmpfs?.some((place) => /^\/tmp:exec,/.test(place))).map(([name]) => name));
    expect(printing).toEqual(["protocol", "sandbox"]);
    const profile = JSON.parse(readFileSync("deploy/seccomp-chromium.json", "utf8")) as { defaultAction: string; syscalls: { names: string[]; action: string }[] };
    const denied = profile.syscalls.flatMap(({ names }) => names);
    expect([profile.defaultAction, profile.syscalls.map(({ action }) => action)]).toEqual(["SCMP_ACT_ALLOW", ["SCMP_ACT_ERRNO"]]);
    for (const needed of ["clone", "clone3", "unshare", "chroot"]) expect(denied).not.toContain(needed);
    for (const dangerous of ["mount", "setns", "bpf", "ptrace", "init_module", "kexec_load", "keyctl", "open_by_handle_at"]) expect(denied).toContain(dangerous);
  });

  test("only the gateway is at the edge, and only those that call out can", () => {
    const inNetwork = (name: string) => services.filter(([, service]) => service.networks?.includes(name)).map(([service]) => service);
    expect(compose.networks["inside"]).toEqual({ internal: true });
    expect(inNetwork("edge")).toEqual(["gateway"]);
    expect(inNetwork("outside")).toEqual(["sms", "verification-bridge", "notifier"]);
    expect(services.filter(([, service]) => service.ports).map(([name]) => name)).toEqual(["gateway", "sandbox"]);
    for (const [, service] of services) for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:[\d-]+:3000$/);
  });

  test.each(services.filter(([name]) => !["operator", "rekey", "mongo-init", "minio-init"].includes(name)))("%s comes back by itself", (_, service) => {
    expect(service.restart).toBe("unless-stopped");
  });

  test("whatever is waited for as healthy says whether it is", () => {
    for (const [name, service] of services) {
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const target = compose.services[other];
        expect([name, other, target !== undefined]).toEqual([name, other, true]);
        if (condition === "service_healthy") expect([other, target!.healthcheck?.test?.length ?? 0]).not.toEqual([other, 0]);
      }
    }
  });

  test("volumes, networks, secrets and files are there", () => {
    for (const [, service] of services) {
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const network of service.networks ?? []) expect(Object.keys(compose.networks)).toContain(network);
      const inTheSecrets = (volume: string): boolean => volume.startsWith("${SECRETS:?}/");
      for (const [source] of (service.volumes ?? []).filter((volume) => !inTheSecrets(volume)).map((volume) => volume.split(":") as [string])) {
        if (source.startsWith("./")) expect([source, existsSync(source)]).toEqual([source, true]);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
      for (const option of service.security_opt ?? []) if (option.startsWith("seccomp=")) expect(existsSync(option.slice(8))).toBe(true);
      const files = Object.values(service.environment ?? {}).flatMap((value) => [...String(value).matchAll(/\/run\/secrets\/([\w.-]+)/g)].map(([, file]) => file!));
      for (const file of files) expect(service.secrets).toContain(file);
      const folders = Object.values(service.environment ?? {}).flatMap((value) => [...String(value).matchAll(/\/run\/(callers|seal)\//g)].map(([, folder]) => `\${SECRETS:?}/${folder}:/run/${folder}:ro`));
      for (const folder of folders) expect(service.volumes).toContain(folder);
    }
  });

  test("deploy/env.example gives each value that is interpolated, and no other", () => {
    expect(Object.keys(example()).toSorted()).toEqual(interpolated(composeText + outsideText).toSorted());
  });

  test("the sandbox needs no secret", () => {
    const { secrets, volumes, environment } = compose.services["sandbox"]!;
    expect([secrets, volumes, interpolated(JSON.stringify(environment))]).toEqual([undefined, ["sandbox:/data"], []]);
  });

  test("everything can be had twice: nothing that is copied has a name or a port of its own", () => {
    for (const [name, service] of nodes) {
      expect([name, (service as { deploy?: object }).deploy, "container_name" in service]).toEqual([name, { replicas: "${COPIES:-1}" }, false]);
      for (const port of service.ports ?? []) expect(port).toBe("127.0.0.1:3000-3009:3000");
    }
  });

  test("a value that nothing works without is asked for", () => {
    const required = [...composeText.matchAll(/\$\{([A-Z0-9_]+):\?\}/g)].map(([, name]) => name!);
    const optional = interpolated(composeText).filter((name) => !required.includes(name));
    expect(optional.toSorted()).toEqual(["ADMIN_KEYS", "COPIES", "ESIGN_VERSION", "H5_RATE", "LOG_LEVEL", "TRUSTED_PROXIES", "WALLET_RATE"]);
  });
});

describe("the image", () => {
  test("copies what is there, all that the build compiles, and nothing that .dockerignore hides", () => {
    const copied = [...dockerfile().matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, line]) => line!.trim().split(/\s+/).slice(0, -1));
    const shown = readFileSync(".dockerignore", "utf8").split("\n").filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    expect([...new Set(copied)].toSorted()).toEqual(shown.toSorted());
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
    const compiled = (JSON.parse(readFileSync("tsconfig.build.json", "utf8")) as { include: string[] }).include.map((pattern) => pattern.split("/")[0]!);
    expect(compiled.filter((path) => !copied.includes(path))).toEqual([]);
  });

  test("everything that is imported from the root is copied", () => {
    const imports = globSync(["*.ts", "{cli,config,contract,mixins,sandbox,services}/**/*.ts"]).flatMap((file) => [...readFileSync(file, "utf8").matchAll(/from "((?:\.\.?\/)+[\w-]+\.ts)"/g)].map(([, path]) => path!)).filter((path) => /^(?:\.\.?\/)+(?:main|platform|operator-console|moleculer\.config)\.ts$/.test(path));
    for (const path of new Set(imports)) expect(dockerfile()).toContain(path.replace(/^(?:\.\.?\/)+/, ""));
  });

  test("has the Node that the lock names, and runs what the build makes as somebody else than root", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
    const bases = [...dockerfile().matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version);
    expect(bases.length).toBeGreaterThan(0);
    expect(new Set(bases)).toEqual(new Set([dependencies["node"]]));
    expect(dockerfile()).toMatch(/^RUN npm ci --omit=dev --ignore-scripts /m);
    expect(dockerfile()).toMatch(/^USER 10001:10001$/m);
    expect(dockerfile()).toMatch(/^CMD \["node", "dist\/main\.js"\]$/m);
  });

  test.each(own.filter(([name]) => !["gateway", "sandbox", "rekey"].includes(name)))("%s, which has no port, is well by what its node writes into DATA_DIR", (_, service) => {
    expect(service.healthcheck).toMatchObject({ test: ["CMD", "node", "deploy/health.ts", `${image["DATA_DIR"]}/${HEALTH_FILE}`] });
    expect(service.tmpfs?.some((place) => place.startsWith(`${image["DATA_DIR"]}:`))).toBe(true);
    expect(configOf(service).transporter).toBeDefined();
  });

  test.each([["the image", dockerfile()], ["compose", composeText]])("%s asks after health where the gateway answers", (_, text) => {
    const urls = [...text.matchAll(/"(http:\/\/127\.0\.0\.1:3000(\/[a-z/]+))"/g)];
    expect(urls.map(([, , path]) => path)).toEqual(["/health/live"]);
    expect(readFileSync("services/gateway/public.routes.ts", "utf8")).toContain('routes("health", "/health", { "GET live": live');
  });
});

describe("the bus", () => {
  test("users.conf is made of permissions.ts", () => {
    expect(readFileSync("deploy/nats/users.conf", "utf8")).toBe(usersConf());
    expect(readFileSync("deploy/nats/users-outside.conf", "utf8")).toBe(usersConf(true));
  });

  test("the server is told the password of every user", () => {
    const given = compose.services["nats"]!.environment!;
    expect(Object.keys(given).toSorted()).toEqual(Object.keys(CALLS).map(passwordVariable).toSorted());
    const more = outside.services["nats"]!.environment!;
    expect(Object.keys(more).toSorted()).toEqual(Object.keys(OUTSIDE).map(passwordVariable).toSorted());
    // Quoted: the server reads what it finds in its environment as it reads its file.
    for (const [name, value] of Object.entries({ ...given, ...more })) expect(value).toBe(`"\${${name}:?}"`);
  });

  test("outside systems are let in by a file of their own, which changes the bus and nothing else", () => {
    expect(Object.keys(outside.services)).toEqual(["nats"]);
    expect(outside.services["nats"]).toMatchObject({ volumes: ["./deploy/nats/users-outside.conf:/etc/nats/users.conf:ro"], networks: ["inside", "edge"] });
    expect(composeText).not.toMatch(/NATS_WALLET|4222:4222/);
  });

  const NAME = new RegExp(`"((?:${SERVICE_NAMES.join("|")})\\.[a-zA-Z]+)"`, "g");
  const callsIn = (files: string[]): string[] => [...new Set(files.flatMap((file) => [...readFileSync(file, "utf8").matchAll(NAME)].map(([, action]) => action!)))].filter((name) => !/\.(?:json|pdf|changed)$/.test(name)).toSorted();

  test.each(SERVICE_NAMES)("%s may call what its sources call", (service) => {
    const files = globSync(`services/${service}/**/*.ts`).filter((file) => !file.endsWith(".repl.ts"));
    // Whoever has the mixin asks what it asks.
    const mixins = files.some((file) => readFileSync(file, "utf8").includes("settingsInForce()")) ? ["mixins/settings-in-force.ts"] : [];
    expect(callsIn([...files, ...mixins]).filter((action) => !action.startsWith(`${service}.`))).toEqual(CALLS[service].toSorted());
  });

  test("the console may call what its commands call", () => {
    expect(callsIn(globSync(["services/*/*.repl.ts", "mixins/console/*.ts"]))).toEqual(CALLS.operator.toSorted());
  });
});

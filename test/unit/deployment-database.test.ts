import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { PERSONAL_MODELS } from "../../cli/rekey/personal-models.ts";
import { SETTINGS, type Setting } from "../../config/table.ts";
import { SERVICE_NAMES, type ServiceName } from "../../contract/vocabulary.ts";
import type { Model } from "../../mixins/collection-types.ts";
import { fieldKeyModel } from "../../mixins/storage/field-keys.ts";
import { compose, nodes } from "./deployment-compose.ts";

type Write = "insert" | "update" | "remove";
const rolesText = readFileSync("deploy/mongo/roles.json", "utf8");
const ROLES = JSON.parse(rolesText) as Record<string, Record<string, Write[]>>;
const fieldKey: Setting<unknown> = SETTINGS.fieldEncryptionKey;
const modelsIn = async (service: string): Promise<string[]> => {
  const modules = await Promise.all(globSync(`services/${service}/*.model.ts`).map((file) => import(join(process.cwd(), file)) as Promise<Record<string, unknown>>));
  const isModel = (value: unknown): value is Model => typeof value === "object" && value !== null && "indexes" in value && "fields" in value;
  return modules.flatMap((module) => Object.values(module).filter(isModel)).map(({ name }) => name);
};
const variableOf = (user: string): string => `MONGO_${user.toUpperCase().replaceAll("-", "_")}_PASSWORD`;
/** How a collection's writes look in the sources (mixins/collection-types.ts). */
const WRITES: Record<Write, RegExp> = { insert: /\.insert(?:InOrder)?\(/, update: /\.replaceIfVersion\(|\bamend\w*\(/, remove: /\.removeIfVersion\(/ };

describe("the roles at the database", () => {
  test("there is one for each kind of node with a database, and one for the move of personal data", () => {
    expect(Object.keys(ROLES)).toEqual([...nodes.map(([name]) => name), "rekey"]);
  });

  test.each(SERVICE_NAMES)("%s has its own collections and no other", async (service) => {
    const keys = fieldKey.neededBy!.includes(service) ? [fieldKeyModel.name] : [];
    expect(Object.keys(ROLES[service]!).toSorted()).toEqual([...(await modelsIn(service)), ...keys].toSorted());
  });

  test.each(SERVICE_NAMES)("%s may write what its sources write: nobody changes evidence or an event once it is there", (service) => {
    const sources = globSync(`services/${service}/*.ts`).map((file) => readFileSync(file, "utf8")).join("\n");
    const used = (Object.keys(WRITES) as Write[]).filter((write) => WRITES[write].test(sources));
    const granted = new Set(Object.entries(ROLES[service]!).filter(([name]) => name !== fieldKeyModel.name).flatMap(([, writes]) => writes));
    expect([...granted].toSorted()).toEqual(used.toSorted());
    const unchanging: Partial<Record<ServiceName, string>> = { evidence: "evidence_chain", notifier: "signing_event" };
    if (unchanging[service]) expect(ROLES[service]![unchanging[service]]).toEqual(["insert"]);
  });

  test("the move changes what is personal and takes old keys off the list", () => {
    const personal = Object.fromEntries(PERSONAL_MODELS.map(({ name }) => [name, ["update"]]));
    expect(ROLES["rekey"]).toEqual({ ...personal, [fieldKeyModel.name]: ["update", "remove"] });
  });
});

/** What replica-set.js says to a server that has these users, by name of the method. */
function saidTo({ initiated, known }: { initiated: boolean; known: string[] }): [string, ...unknown[]][] {
  const said: [string, ...unknown[]][] = [];
  const database = {
    adminCommand(command: { replSetGetStatus?: 1 }) {
      said.push(["adminCommand", command]);
      if (command.replSetGetStatus && !initiated) throw Object.assign(new Error("no replset config has been received"), { codeName: "NotYetInitialized" });
    },
    getSiblingDB: () => database,
    getRole: (name: string) => (known.includes(name) ? {} : null),
    getUser: (name: string) => (known.includes(name) ? {} : null),
    ...Object.fromEntries(["createRole", "updateRole", "createUser", "updateUser"].map((name) => [name, (...given: unknown[]) => void said.push([name, ...given])])),
  };
  const env = Object.fromEntries(Object.keys(compose.services["mongo-init"]!.environment!).map((name) => [name, `value of ${name}`]));
  const files: Record<string, string> = { "/roles.json": rolesText };
  runInNewContext(readFileSync("deploy/mongo/replica-set.js", "utf8"), {
    process: { env },
    require: () => ({ readFileSync: (path: string) => files[path] }),
    connect: (uri: string) => (said.push(["connect", uri]), database),
  });
  return said;
}
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

describe("deploy/mongo/replica-set.js", () => {
  test("makes the replica set and, in it, a role and a user for each", () => {
    const said = saidTo({ initiated: false, known: [] });
    expect(said.map(([name]) => name)).toEqual(["connect", "adminCommand", "adminCommand", "connect", ...Object.keys(ROLES).flatMap(() => ["createRole", "createUser"])]);
    expect(plain(said[2]![1])).toMatchObject({ replSetInitiate: { _id: "esign", members: [{ host: "mongo1:27017" }, { host: "mongo2:27017" }, { host: "mongo3:27017" }] } });
    expect(plain(said.find(([name, role]) => name === "createRole" && (role as { role: string }).role === "evidence")![1])).toEqual({
      role: "evidence",
      roles: [],
      privileges: [
        { resource: { db: "esign", collection: "evidence_chain" }, actions: ["find", "listIndexes", "createIndex", "dropIndex", "insert"] },
        { resource: { db: "esign", collection: "field_key" }, actions: ["find", "listIndexes", "createIndex", "dropIndex", "insert", "update"] },
      ],
    });
    const users = said.filter(([name]) => name === "createUser").map(([, user]) => plain(user));
    expect(users).toEqual(Object.keys(ROLES).map((name) => ({ user: name, pwd: `value of ${variableOf(name)}`, roles: [{ role: name, db: "esign" }] })));
  });

  test("run again it makes nothing, and puts roles and passwords right", () => {
    const said = saidTo({ initiated: true, known: Object.keys(ROLES) });
    expect(said.map(([name]) => name)).toEqual(["connect", "adminCommand", "connect", ...Object.keys(ROLES).flatMap(() => ["updateRole", "updateUser"])]);
  });

  test("it is given every password, and each node that of its own user only", () => {
    expect(Object.keys(compose.services["mongo-init"]!.environment!).toSorted()).toEqual(["MONGO_ROOT_PASSWORD", ...Object.keys(ROLES).map(variableOf)].toSorted());
    for (const user of Object.keys(ROLES)) {
      const passwords = Object.values(compose.services[user]!.environment!).flatMap((value) => [...value.matchAll(/MONGO_\w+/g)].map(([name]) => name));
      expect([user, passwords]).toEqual([user, [variableOf(user)]]);
    }
  });

  test("the files that the container reads are mounted where it reads them", () => {
    expect(compose.services["mongo-init"]!.volumes).toEqual(["./deploy/mongo/replica-set.js:/replica-set.js:ro", "./deploy/mongo/roles.json:/roles.json:ro"]);
  });
});

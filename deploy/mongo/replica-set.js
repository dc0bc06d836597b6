// For mongosh: makes the three members one replica set, and in it a role and a user for each kind of node, after roles.json. Run again
// it changes what has changed since: a role, or a password that was replaced.
const { readFileSync } = require("fs");

const HOSTS = ["mongo1:27017", "mongo2:27017", "mongo3:27017"];
const DATABASE = "esign";
/** Every owner reads its collections, and makes and checks their indexes. */
const OWNER = ["find", "listIndexes", "createIndex", "dropIndex"];

const rootAt = (hosts, query) => connect(`mongodb://root:${encodeURIComponent(process.env.MONGO_ROOT_PASSWORD)}@${hosts}/admin?${query}`);
const passwordOf = (user) => process.env[`MONGO_${user.toUpperCase().replaceAll("-", "_")}_PASSWORD`];

const first = rootAt(HOSTS[0], "directConnection=true");
try {
  first.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  first.adminCommand({ replSetInitiate: { _id: "esign", members: HOSTS.map((host, _id) => ({ _id, host })) } });
}

const platform = rootAt(HOSTS.join(","), "replicaSet=esign&serverSelectionTimeoutMS=60000").getSiblingDB(DATABASE);
for (const [name, collections] of Object.entries(JSON.parse(readFileSync("/roles.json", "utf8")))) {
  const privileges = Object.entries(collections).map(([collection, writes]) => ({ resource: { db: DATABASE, collection }, actions: [...OWNER, ...writes] }));
  if (platform.getRole(name) === null) platform.createRole({ role: name, privileges, roles: [] });
  else platform.updateRole(name, { privileges, roles: [] });
  const login = { pwd: passwordOf(name), roles: [{ role: name, db: DATABASE }] };
  if (platform.getUser(name) === null) platform.createUser({ user: name, ...login });
  else platform.updateUser(name, login);
}

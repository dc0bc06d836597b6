// For mongosh: makes the three members one replica set and the platform's user in it. Run again it changes nothing.
const { MONGO_ROOT_PASSWORD, MONGO_PASSWORD } = process.env;
const HOSTS = ["mongo1:27017", "mongo2:27017", "mongo3:27017"];
const uriOf = (hosts, query) => `mongodb://root:${encodeURIComponent(MONGO_ROOT_PASSWORD)}@${hosts}/admin?${query}`;

const first = connect(uriOf(HOSTS[0], "directConnection=true"));
try {
  first.adminCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  first.adminCommand({ replSetInitiate: { _id: "esign", members: HOSTS.map((host, _id) => ({ _id, host })) } });
}

const platform = connect(uriOf(HOSTS.join(","), "replicaSet=esign&serverSelectionTimeoutMS=60000")).getSiblingDB("esign");
if (platform.getUser("esign") === null) {
  platform.createUser({ user: "esign", pwd: MONGO_PASSWORD, roles: [{ role: "readWrite", db: "esign" }] });
}

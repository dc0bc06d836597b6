import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { ServerKind } from "./server-process.ts";

const SOURCES = resolve("scripts/servers/mongo");

/** What is kept between clones and installs: jars, and which servers run. In the home directory as `npm ci` empties node_modules. */
export const CACHE = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "esign-platform");

/** Programs, and the Debian package that brings each. */
const PROGRAMS: Record<ServerKind, Record<string, string>> = {
  mongo: { java: "openjdk-17-jre-headless" },
  nats: { "nats-server": "nats-server" },
  redis: { "redis-server": "redis-server" },
};
const BUILD_PROGRAMS = { javac: "openjdk-17-jdk-headless", mvn: "maven" };

const onPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Another version of the server or of our class is another folder. */
function mongoFolder(): string {
  const hash = createHash("sha256");
  for (const file of globSync(join(SOURCES, "*")).sort()) hash.update(readFileSync(file));
  return join(CACHE, `mongo-${hash.digest("hex").slice(0, 16)}`);
}

export const mongoClasspath = (): string => [join(mongoFolder(), "classes"), join(mongoFolder(), "lib", "*")].join(delimiter);

/** What keeps a server from being started: packages and, for mongo, its jars. Empty when it can be. */
export function missing(kind: ServerKind): string[] {
  const packages = Object.entries(PROGRAMS[kind]).filter(([program]) => !onPath(program)).map(([, name]) => name);
  if (kind !== "mongo" || existsSync(mongoFolder())) return packages;
  return [...packages, "the jars of mongo-java-server"];
}

/**
 * Installs what is missing: packages by apt-get when we are root, jars by Maven, offline if they were fetched before.
 * @throws naming the packages, when we are not root
 */
export function install(kinds: ServerKind[]): void {
  const jars = kinds.includes("mongo") && !existsSync(mongoFolder());
  const programs = Object.assign({}, ...kinds.map((kind) => PROGRAMS[kind]), jars ? BUILD_PROGRAMS : {}) as Record<string, string>;
  const packages = new Set(Object.entries(programs).filter(([program]) => !onPath(program)).map(([, name]) => name));
  if (packages.size > 0) installPackages([...packages]);
  if (jars) buildMongo();
}

function installPackages(packages: string[]): void {
  if (process.getuid?.() !== 0 || !onPath("apt-get")) throw new Error(`missing packages: ${packages.join(", ")}. As root: apt-get install ${packages.join(" ")}`);
  const flags = ["install", "-y", "-q", "--no-install-recommends", ...packages];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // The lists may be there already; when they are not, or are old, they are fetched.
  if (spawnSync("apt-get", flags, { env, stdio: "ignore" }).status === 0) return;
  run("apt-get", ["update", "-q"], env);
  run("apt-get", flags, env);
}

/** Built aside and then renamed: two that install at once do not see half of each other's. */
function buildMongo(): void {
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, "building-"));
  try {
    cpSync(SOURCES, work, { recursive: true });
    const fetch = ["-B", "-q", "-f", join(work, "pom.xml"), "dependency:copy-dependencies", `-DoutputDirectory=${join(work, "lib")}`, "-DincludeScope=runtime"];
    if (spawnSync("mvn", ["-o", ...fetch], { stdio: "ignore" }).status !== 0) run("mvn", fetch);
    run("javac", ["-cp", join(work, "lib", "*"), "-d", join(work, "classes"), ...globSync(join(work, "*.java"))]);
    renameSync(work, mongoFolder());
  } catch (error) {
    if (!existsSync(mongoFolder())) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function run(command: string, args: string[], env = process.env): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${error?.message ?? `${stdout}${stderr}`.slice(-2_000)}`);
}

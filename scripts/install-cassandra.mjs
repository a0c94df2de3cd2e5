// Fetches Apache Cassandra with Maven into .cassandra/lib, from ops/cassandra/pom.xml, for the tests and benches that need a server.
// `--check` only says whether it is there.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
const JAVA_LEAST = 17;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const lib = join(root, ".cassandra", "lib");

function fail(message) {
  console.error(`cassandra: ${message}`);
  process.exit(1);
}

function isInstalled() {
  return existsSync(lib) && readdirSync(lib).some((name) => /^cassandra-all-.*\.jar$/.test(name));
}

function expectProgram(name, args) {
  const { error, stdout, stderr } = spawnSync(name, args, { encoding: "utf8" });
  if (error?.code === "ENOENT") {
    fail(`expected ${name} on the PATH, got none: install Java ${JAVA_LEAST} and Maven, then run this again`);
  }
  return `${stdout}${stderr}`;
}

if (isInstalled()) {
  console.log(`cassandra: it is in ${lib}`);
} else if (process.argv.includes("--check")) {
  fail(`expected it in ${lib}: npm run cassandra:install fetches it`);
} else {
  const java = Number(/version "(\d+)/.exec(expectProgram("java", ["-version"]))?.[1] ?? 0);
  if (java < JAVA_LEAST) {
    fail(`expected Java ${JAVA_LEAST} or newer, got ${java}`);
  }
  expectProgram("mvn", ["-version"]);
  mkdirSync(lib, { recursive: true });
  const args = ["-q", "-B", "-f", join(root, "ops", "cassandra", "pom.xml"), PLUGIN];
  const { status } = spawnSync("mvn", [...args, "-DincludeScope=runtime", `-DoutputDirectory=${lib}`], {
    stdio: "inherit",
  });
  if (status !== 0 || !isInstalled()) {
    fail("Maven could not fetch it; the lines above say why");
  }
  console.log(`cassandra: ${lib}`);
}

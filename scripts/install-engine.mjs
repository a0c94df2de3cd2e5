// Builds the consensus engine, CometBFT at the one version that this program is written for, into .engine/, and checks what was
// built. `--check` only checks what is there.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MODULE = "github.com/cometbft/cometbft";
// @latest is 1.0.1, which is older and slower.
const VERSION = "v0.40.0";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", ".engine");
const binary = join(folder, "cometbft");

function fail(message) {
  console.error(`engine: ${message}`);
  process.exit(1);
}

function go(args, options = {}) {
  const result = spawnSync("go", args, { encoding: "utf8", ...options });
  if (result.error?.code === "ENOENT") {
    fail("expected Go 1.25 or newer on the PATH to build the engine, got none: install Go, then run this again");
  }
  return result;
}

function isInstalled() {
  if (!existsSync(binary)) {
    return false;
  }
  const { status, stdout } = go(["version", "-m", binary]);
  return (
    status === 0 &&
    stdout.split("\n").some((line) => line.trim().split(/\s+/).slice(0, 3).join(" ") === `mod ${MODULE} ${VERSION}`)
  );
}

if (isInstalled()) {
  console.log(`engine: ${MODULE} ${VERSION} is in ${binary}`);
} else if (process.argv.includes("--check")) {
  fail(`expected ${MODULE} ${VERSION} in ${binary}: npm run engine:install builds it`);
} else {
  mkdirSync(folder, { recursive: true });
  console.log(`engine: building ${MODULE} ${VERSION}; this takes a minute or two`);
  const { status } = go(["install", `${MODULE}/cmd/cometbft@${VERSION}`], {
    stdio: "inherit",
    env: { ...process.env, GOBIN: folder },
  });
  if (status !== 0) {
    fail("the build failed; the lines above say why");
  }
  if (!isInstalled()) {
    fail(`what was built is not ${MODULE} ${VERSION}`);
  }
  console.log(`engine: ${binary}`);
}

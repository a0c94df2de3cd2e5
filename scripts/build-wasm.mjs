// Compiles every kernel that asconfig.json names and embeds the bytes in src/wasm/generated/, so that the built package
// loads them synchronously, in Node and in a browser, without any other tool or file.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const targets = Object.entries(JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8")).targets);
const generated = join(root, "src/wasm/generated");
mkdirSync(generated, { recursive: true });
mkdirSync(join(root, "build"), { recursive: true });

// Straight-line kernels are written by generators, which readers can check, into assembly/generated/.
for (const file of readdirSync(join(root, "scripts")).filter((name) => /^generate-.*-kernel\.mjs$/.test(name))) {
  const run = spawnSync(process.execPath, [join(root, "scripts", file)], { stdio: "inherit" });
  if (run.status !== 0) {
    process.exit(run.status ?? 1);
  }
}

for (const [name, target] of targets) {
  const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
  const run = spawnSync(process.execPath, [asc, `assembly/${name}.ts`, "--target", name], {
    cwd: root,
    stdio: "inherit",
  });
  if (run.status !== 0) {
    process.exit(run.status ?? 1);
  }
  const bytes = readFileSync(join(root, target.outFile));
  const path = join(generated, `${name}.ts`);
  const text = `// Written by scripts/build-wasm.mjs from assembly/${name}.ts: do not edit.\nexport const ${name}Base64 =\n  "${bytes.toString("base64")}";\n`;
  // An unchanged file keeps its time, so that incremental tools have nothing to do.
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    writeFileSync(path, text);
  }
  console.log(`${name}.wasm ${statSync(join(root, target.outFile)).size} bytes`);
}

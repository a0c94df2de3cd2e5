// npm run sbom: writes build/sbom.json, the CycloneDX bill of materials of a production install; with --print, to standard output.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

const parameters = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"];
const text = execFileSync("npm", parameters, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
if (process.argv.includes("--print")) {
  process.stdout.write(text);
} else {
  mkdirSync("build", { recursive: true });
  writeFileSync("build/sbom.json", text);
  console.log(`build/sbom.json: ${JSON.parse(text).components.length} packages`);
}

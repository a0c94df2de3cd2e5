// npm run sbom: writes build/sbom.json, the CycloneDX bill of materials of a production install; with --print, to standard output.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const parameters = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"];
const bill = JSON.parse(execFileSync("npm", parameters, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }));

const idOf = (name, version) => `pkg:npm/${name.replace("@", "%40")}@${version}`;
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const shipped = new Map();
for (const [path, { name, version, dev, license }] of Object.entries(packages)) {
  if (path !== "" && !dev) {
    const full = name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    shipped.set(idOf(full, version), { full, version, license });
  }
}

// Where a package of production and one of development have the same name, npm may take the one for the other: the lockfile decides.
bill.components = bill.components.filter(({ purl }) => shipped.has(purl.split("?")[0]));
const listed = new Set(bill.components.map(({ purl }) => purl.split("?")[0]));
for (const [purl, { full, version, license }] of shipped) {
  if (!listed.has(purl)) {
    const [name, group] = full.split("/").reverse();
    const licenses = license === undefined ? {} : { licenses: [{ license: { id: license } }] };
    bill.components.push({
      "bom-ref": purl,
      type: "library",
      ...(group && { group }),
      name,
      version,
      purl,
      ...licenses,
    });
  }
}

const text = `${JSON.stringify(bill, null, 2)}\n`;
if (process.argv.includes("--print")) {
  process.stdout.write(text);
} else {
  mkdirSync("build", { recursive: true });
  writeFileSync("build/sbom.json", text);
  console.log(`build/sbom.json: ${bill.components.length} packages`);
}

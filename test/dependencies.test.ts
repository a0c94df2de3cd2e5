// What others wrote and we run: only what docs/dependencies.md names, from a lockfile that names no host and checks every byte.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const PERMISSIVE = new Set(["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "(MIT AND Zlib)"]);
/** Families of which a package is installed for each platform or version of Node. */
const FAMILIES = ["@lmdb/lmdb-", "@msgpackr-extract/msgpackr-extract-", "@napi-rs/nice-", "@uwsjs/linux-x64-"];

interface LockedPackage {
  version: string;
  dev?: boolean;
  license?: string;
  integrity?: string;
  resolved?: string;
  hasInstallScript?: boolean;
}

const read = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const manifest = JSON.parse(read("package.json")) as Record<"dependencies" | "devDependencies", Record<string, string>>;
const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, LockedPackage> };
const document = read("docs/dependencies.md");
const named = new Set([...document.matchAll(/`([^`]+)`/g)].map((match) => match[1]));
const locked = Object.entries(lock.packages)
  .filter(([path]) => path !== "")
  .map(([path, details]) => ({
    ...details,
    name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
  }));

function isNamed(name: string): boolean {
  const family = FAMILIES.find((start) => name.startsWith(start));
  // The later release of the HTTP server stands beside the one that the table names.
  return named.has(name) || (family !== undefined && named.has(`${family}*`)) || name === "uWebSockets.js-next";
}

describe("the lockfile", () => {
  test("names no host, and has a checksum for every package", () => {
    expect(read("package-lock.json")).not.toMatch(/"resolved"|https?:\/\/registry/);
    expect(read(".npmrc")).toContain("omit-lockfile-registry-resolved=true");
    expect(locked.filter(({ integrity }) => !integrity?.startsWith("sha512-")).map(({ name }) => name)).toEqual([]);
  });

  test("holds nothing in production whose licence is not permissive", () => {
    const others = locked.filter(({ dev, license = "none" }) => !dev && !PERMISSIVE.has(license));
    expect(others.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });
});

describe("docs/dependencies.md", () => {
  test("names every direct dependency, with a reason where it runs in production", () => {
    const { dependencies, devDependencies } = manifest;
    expect([...Object.keys(dependencies), ...Object.keys(devDependencies)].filter((name) => !isNamed(name))).toEqual(
      [],
    );
    const rows = document.split("\n").filter((line) => line.startsWith("|"));
    const unreasoned = Object.keys(dependencies).filter(
      (name) => isNamed(name) && !rows.some((row) => row.includes(`\`${name.replace("-next", "")}\``)),
    );
    expect(unreasoned).toEqual([]);
  });

  test("names everything that a production install brings along", () => {
    expect([...new Set(locked.filter(({ dev, name }) => !dev && !isNamed(name)).map(({ name }) => name))]).toEqual([]);
  });

  test("names every package that runs a script when it is installed", () => {
    const scripts = document.slice(document.indexOf("## Install scripts"), document.indexOf("## Bill of materials"));
    const running = locked.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
    expect(running.filter((name) => !scripts.includes(`\`${name}\``))).toEqual([]);
    const rows = [...scripts.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) =>
      [...row[1].matchAll(/`([^`]+)`/g)].map((match) => match[1]),
    );
    expect(rows.filter((name) => name !== "@confio/ics23" && !running.includes(name))).toEqual([]);
  });

  test("names no package in its tables that is gone", () => {
    const table = document.slice(document.indexOf("|---|"), document.indexOf("Bundled into"));
    const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap((row) =>
      [...row[1].matchAll(/`([^`]+)`/g)].map((match) => match[1]),
    );
    const known = new Set(locked.map(({ name }) => name));
    expect(rows.filter((name) => !known.has(name) && name !== "@uwsjs/core")).toEqual([]);
  });
});

test("the bill of materials lists what a production install holds", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["scripts/write-sbom.mjs", "--print"], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { bomFormat, components } = JSON.parse(stdout) as {
    bomFormat: string;
    components: { name: string; version: string }[];
  };
  expect(bomFormat).toBe("CycloneDX");
  const listed = new Set(components.map(({ name, version }) => `${name.replace(/^.*\//, "")}@${version}`));
  const missing = Object.keys(manifest.dependencies).filter((name) => {
    const version = lock.packages[`node_modules/${name}`].version;
    const shown = name.startsWith("uWebSockets.js") ? "core" : name.replace(/^.*\//, "");
    return !listed.has(`${shown}@${version}`) && !listed.has(`${name}@${version}`);
  });
  expect(missing).toEqual([]);
  const production = new Set(locked.filter(({ dev }) => !dev).map(({ version }) => version));
  expect(components.filter(({ version }) => !production.has(version)).map(({ name }) => name)).toEqual([]);
});

// The SDK must run in a browser: nothing that its entry point reaches may need Node.

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Packages without a line for Node alone; `ws` is only imported where there is no WebSocket. */
const BROWSER_PACKAGES = /^(@noble|@scure)\/|^micro-key-producer\//;

interface Reached {
  files: string[];
  packages: Map<string, string>;
}

function reach(entry: string): Reached {
  const files = new Set<string>();
  const packages = new Map<string, string>();
  const queue = [join(ROOT, entry)];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const path = relative(ROOT, file);
    if (files.has(path)) {
      continue;
    }
    files.add(path);
    const text = readFileSync(file, "utf8");
    for (const [, kind, name] of text.matchAll(/^(import type|import|export)\b[^;]*?from "([^"]+)";/gms)) {
      if (name.startsWith(".")) {
        queue.push(join(dirname(file), name.replace(/\.js$/, ".ts")));
      } else if (kind !== "import type") {
        packages.set(name, path);
      }
    }
  }
  return { files: [...files], packages };
}

const { files, packages } = reach("src/client/index.ts");

test("the SDK reaches packages that run in a browser only", () => {
  const foreign = [...packages].filter(([name]) => !BROWSER_PACKAGES.test(name));
  expect(foreign).toEqual([]);
  expect(packages.size).toBeGreaterThan(5);
});

test("the SDK reaches no file of the node", () => {
  const folders = new Set(files.map((path) => path.split("/")[1]));
  expect([...folders].sort()).toEqual(["base", "client", "protocol", "wasm"]);
});

test("the SDK uses no global that only Node has", () => {
  const uses = files.filter(
    (path) =>
      path.startsWith("src/client/") &&
      /\b(process|Buffer|__dirname|require)\b[.(]/.test(readFileSync(join(ROOT, path), "utf8")),
  );
  expect(uses).toEqual([]);
});

test("the package for Node's missing WebSocket is imported only when it is needed", () => {
  expect(readFileSync(join(ROOT, "src/client/webSocket.ts"), "utf8")).toContain('await import("ws")');
});

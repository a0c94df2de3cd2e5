// The habits of this codebase, held by a test: who may import whom, no cycle, no dead file, nothing that would make execution
// depend on time, chance or floating point, and functions and files of a size that one can read.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const FUNCTION_LINES_MAX = 75;
const FILE_LINES_MAX = 450;

/** What each folder of src may import besides itself. Files directly in src (node.ts) wire everything. */
const MAY_IMPORT: Record<string, string[]> = {
  base: [],
  wasm: ["base"],
  protocol: ["base", "wasm"],
  pool: ["base", "wasm", "protocol"],
  storage: ["base", "wasm", "protocol"],
  state: ["base", "wasm", "protocol", "pool", "storage"],
  execution: ["base", "wasm", "protocol", "pool", "storage", "state"],
  mempool: ["base", "wasm", "protocol", "pool", "storage", "state", "execution"],
  consensus: ["base", "wasm", "protocol", "pool", "storage", "state", "execution", "mempool"],
  events: ["base", "wasm", "protocol", "storage"],
  history: ["base", "wasm", "protocol", "storage"],
  http: ["base", "wasm", "protocol"],
  api: ["base", "wasm", "protocol", "storage", "state", "mempool", "events", "history", "http"],
  client: ["base", "wasm", "protocol"],
  merchant: ["base", "wasm", "protocol", "storage", "client", "history", "http", "feeds"],
  feeds: ["base", "wasm", "protocol", "client"],
  cli: ["base", "wasm", "protocol", "client", "execution", ".", "storage", "merchant", "feeds"],
};

interface SourceFile {
  path: string;
  folder: string;
  text: string;
  imports: string[];
  /** Files that it runs in a thread or process of their own. */
  starts: string[];
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === "generated" ? [] : listFiles(path);
    }
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

function targetsOf(path: string, text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) =>
    relative(ROOT, join(dirname(path), match[1])).replace(/\.js$/, ".ts"),
  );
}

const IMPORT = /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;
const START = /(?:new URL|workerUrl)\("(\.[^"]+\.js)"/g;

function outgoing(path: string, text: string): Pick<SourceFile, "imports" | "starts"> {
  return { imports: targetsOf(path, text, IMPORT), starts: targetsOf(path, text, START) };
}

function load(folder: string): SourceFile[] {
  return listFiles(join(ROOT, folder)).map((absolute) => {
    const text = readFileSync(absolute, "utf8");
    const path = relative(ROOT, absolute);
    const parts = path.split("/");
    return { path, folder: parts.length > 2 ? parts[1] : ".", text, ...outgoing(absolute, text) };
  });
}

const sources = load("src");
const byPath = new Map(sources.map((file) => [file.path, file]));

function importedFolder(path: string): string {
  const parts = path.split("/");
  return parts.length > 2 ? parts[1] : ".";
}

describe("the import arrows of the architecture", () => {
  test("point only the allowed way", () => {
    const wrong: string[] = [];
    for (const file of sources) {
      for (const target of file.imports) {
        const folder = importedFolder(target);
        const allowed = file.folder === "." || folder === file.folder || MAY_IMPORT[file.folder]?.includes(folder);
        if (!allowed) {
          wrong.push(`${file.path} imports ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test("name every folder of src", () => {
    const folders = new Set(sources.map((file) => file.folder).filter((folder) => folder !== "."));
    expect([...folders].filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
  });

  test("form no cycle between files", () => {
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (path: string, trail: string[]): void => {
      if (state.get(path) === "done") {
        return;
      }
      if (state.get(path) === "open") {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
        return;
      }
      state.set(path, "open");
      for (const target of byPath.get(path)?.imports ?? []) {
        visit(target, [...trail, path]);
      }
      state.set(path, "done");
    };
    for (const file of sources) {
      visit(file.path, []);
    }
    expect(cycles).toEqual([]);
  });

  test("leave no file that nothing reaches", () => {
    const exported = Object.values(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).exports as object)
      .map((target: unknown) => (target as { default?: string }).default ?? "")
      .filter((path) => path.startsWith("./dist/"))
      .map((path) => path.replace("./dist/", "src/").replace(/\.js$/, ".ts"));
    const reached = new Set<string>();
    const queue = ["src/cli/main.ts", ...exported];
    for (const file of [...load("bench"), ...load("test")]) {
      // Twins and rivals live for tests and benches alone.
      queue.push(...file.imports.filter((path) => /Twin/.test(path)));
    }
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (!reached.has(path)) {
        reached.add(path);
        const file = byPath.get(path);
        queue.push(...(file?.imports ?? []), ...(file?.starts ?? []));
      }
    }
    expect(sources.map((file) => file.path).filter((path) => !reached.has(path))).toEqual([]);
  });
});

function lengthProblems(file: SourceFile): string[] {
  const lines = file.text.split("\n");
  const problems = lines.length > FILE_LINES_MAX ? [`${file.path} has ${lines.length} lines`] : [];
  const start =
    /^(\s*)(?:export )?(?:async )?(?:static )?(?:private )?(?:async )?(?:function\b|[\w#]+\(.*\{$|(?:const|let) \w+ = (?:async )?\(.*=> \{$)/;
  for (let i = 0; i < lines.length; i++) {
    const match = start.exec(lines[i]);
    if (match === null || /^\s*(?:if|for|while|switch|describe|test)\b/.test(lines[i])) {
      continue;
    }
    const end = lines.findIndex((line, at) => at > i && line.startsWith(`${match[1]}}`));
    if (end - i + 1 > FUNCTION_LINES_MAX) {
      problems.push(`${file.path}:${i + 1} has a function of ${end - i + 1} lines`);
    }
  }
  return problems;
}

describe("the habits of style", () => {
  test("files open with their purpose", () => {
    expect(sources.filter((file) => !/^(#!.*\n)?\/\//.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  test("functions and files keep a readable size", () => {
    expect(sources.flatMap(lengthProblems)).toEqual([]);
  });

  test("nothing at or below execution asks for time or chance, or computes with floating point", () => {
    const deterministic = new Set(["wasm", "protocol", "storage", "state", "execution"]);
    const forbidden =
      /\b(Math\.random|Date\.now|performance\.now|new Date\(|parseFloat|toFixed|toLocale\w+|Math\.(sqrt|sin|cos|exp|log|pow))\b/;
    const wrong = sources
      .filter((file) => deterministic.has(file.folder))
      .flatMap((file) =>
        file.text
          .split("\n")
          .flatMap((line, i) =>
            forbidden.test(line.replace(/\/\/.*$/, "")) ? [`${file.path}:${i + 1} ${line.trim()}`] : [],
          ),
      );
    expect(wrong).toEqual([]);
  });

  test("time and chance enter through src/base alone", () => {
    const forbidden = /\b(Math\.random|Date\.now)\(/;
    const wrong = sources.filter(
      (file) => !["base", "cli", "client"].includes(file.folder) && forbidden.test(file.text),
    );
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  test("there are no default exports, no work left for later, no barrels", () => {
    const wrong = sources.flatMap((file) => {
      const problems: string[] = [];
      if (/^export default\b/m.test(file.text)) problems.push(`${file.path}: default export`);
      if (/\b(TODO|FIXME|XXX|HACK)\b/.test(file.text)) problems.push(`${file.path}: left open`);
      if (/^export \* from/m.test(file.text)) problems.push(`${file.path}: barrel`);
      if (/\b(utils?|helpers?)\.ts$/i.test(file.path)) problems.push(`${file.path}: name says nothing`);
      return problems;
    });
    expect(wrong).toEqual([]);
  });
});

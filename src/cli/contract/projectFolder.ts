// A contract's folder: contract.lua, its tests, and how a person is shown a place in them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../failures.js";

export interface Project {
  readonly folder: string;
  readonly source: Uint8Array;
  readonly tests: Uint8Array;
}

function read(folder: string, file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(join(folder, file)));
  } catch {
    throw new UsageError(
      `there is no ${file} in ${folder}; \`ttchain contract new <folder>\` makes a folder with everything`,
    );
  }
}

export function readProject(folder: string): Project {
  return { folder, source: read(folder, "contract.lua"), tests: read(folder, "tests.lua") };
}

/** A message of the machine with the files' names: "contract:3: no" becomes "contract.lua:3: no". */
export function withFileNames(message: string): string {
  return message.replace(/\b(contract|tests):(\d+):/g, "$1.lua:$2:");
}

/** A line of a source with its number, as it is shown under a message; nothing where there is no such line. */
export function quoteLine(source: Uint8Array, line: number | undefined): string[] {
  const text = line === undefined ? undefined : new TextDecoder().decode(source).split("\n")[line - 1];
  return text === undefined ? [] : [`${String(line).padStart(8)} | ${text}`];
}

/** Every line that a message names, quoted from its file. */
export function quotePlaces(project: Project, message: string): string[] {
  return [...message.matchAll(/\b(contract|tests):(\d+):/g)].flatMap(([, file, line]) =>
    quoteLine(file === "tests" ? project.tests : project.source, Number(line)),
  );
}

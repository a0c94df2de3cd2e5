// A genesis file by its path, or by the URL of a node that has it.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Genesis } from "../protocol/genesis.js";
import { UsageError } from "./failures.js";

export async function loadGenesis(source: string): Promise<Genesis> {
  if (!/^https?:/.test(source)) {
    return JSON.parse(await readFile(resolve(source), "utf8")) as Genesis;
  }
  const answer = await fetch(`${source.replace(/\/$/, "")}/v1/genesis`);
  if (!answer.ok) {
    throw new UsageError(`expected a genesis file from ${source}, got status ${answer.status}`);
  }
  return (await answer.json()) as Genesis;
}

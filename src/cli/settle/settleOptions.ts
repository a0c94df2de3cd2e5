// What commands of settle share: where blocks come from, the store's description, and files of text.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { Settled, SettlementRequest, SettlementSource } from "../../settleStore.js";
import { UsageError } from "../failures.js";
import { type NodeOptions, withNodeOptions } from "../options.js";

export interface SettleOptions extends NodeOptions {
  data?: string;
}

export function withSettleOptions(command: Command): Command {
  return withNodeOptions(command).option("-d, --data <directory>", "a stopped node's chain, instead of a running node");
}

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`can't read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function sourceOf({ data, url }: SettleOptions): SettlementSource {
  return data === undefined ? { url: url.replace(/\/+$/, "") } : { directory: resolve(data) };
}

/** The store's journal and statements of some days; `file` describes the store. */
export async function settle(file: string, fromDay: string, toDay: string, options: SettleOptions): Promise<Settled> {
  const text = await readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`expected ${file} to hold JSON: { name, address, timeZone, tills, staff }`);
  }
  // Loaded here: a wallet's commands need nothing of settlement.
  const [{ settleStore }, store] = await Promise.all([import("../../settleStore.js"), storeOf(value)]);
  return settleStore({ source: sourceOf(options), store, fromDay, toDay });
}

async function storeOf(value: unknown): Promise<SettlementRequest["store"]> {
  const { parseSettledStore } = await import("../../merchant/settlement/settledStore.js");
  return parseSettledStore(value);
}

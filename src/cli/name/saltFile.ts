// The salts of names that were committed to and not revealed yet, beside the wallet: whoever reads one can test guesses at the name.

import { readFile } from "node:fs/promises";
import { fromHex, toHex } from "../../base/bytes.js";
import { saveFile } from "../../base/secretFile.js";
import { UsageError } from "../failures.js";

/** By account's address and name. */
type Salts = Record<string, string>;

function pathOf(wallet: string): string {
  return `${wallet}.names`;
}

function entryOf(address: string, name: string): string {
  return `${address} ${name}`;
}

async function loadSalts(wallet: string): Promise<Salts> {
  const path = pathOf(wallet);
  try {
    return JSON.parse(await readFile(path, "utf8")) as Salts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return {};
    }
    throw new UsageError(`can't read the salts of names in ${path}: ${(error as Error).message}`);
  }
}

/** The salt that was kept for the name; undefined where none was. */
export async function loadSalt(wallet: string, address: string, name: string): Promise<Uint8Array | undefined> {
  const text = (await loadSalts(wallet))[entryOf(address, name)];
  return text === undefined ? undefined : fromHex(text);
}

/** Keeps a salt; undefined forgets it. */
export async function saveSalt(wallet: string, address: string, name: string, salt?: Uint8Array): Promise<void> {
  const { [entryOf(address, name)]: _, ...others } = await loadSalts(wallet);
  const salts: Salts = salt === undefined ? others : { ...others, [entryOf(address, name)]: toHex(salt) };
  await saveFile(pathOf(wallet), `${JSON.stringify(salts, null, 2)}\n`);
}

// The two files that a solo chain's directory begins with: genesis.json, which anybody may read, and keys.json with the
// delegates' and the faucet's seeds, which only its owner may (mode 0600).

import { chmod, mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Random } from "../../base/random.js";
import type { Genesis } from "../../protocol/genesis.js";
import { type ChainProfile, type DevelopmentKeys, makeDevelopmentChain } from "./developmentChain.js";

const GENESIS_FILE = "genesis.json";
const KEYS_FILE = "keys.json";
const OTHERS_MODE_BITS = 0o077;

export interface ChainFiles {
  genesis: Genesis;
  keys: DevelopmentKeys;
}

export interface NewChainOptions {
  profile: ChainProfile;
  delegateCount: number;
  random: Random;
  timeMs: number;
}

async function saveJson(path: string, value: unknown, mode: number): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(temporary, mode);
  await rename(temporary, path);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Refuses keys that other users of the machine can read. */
async function expectPrivate(path: string): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & OTHERS_MODE_BITS) !== 0) {
    throw new Error(`others can read ${path}: run chmod 600 on it (its mode is ${(mode & 0o777).toString(8)})`);
  }
}

/** Reads the directory's chain, or begins a new development chain in it. */
export async function openChainFiles(directory: string, options: NewChainOptions): Promise<ChainFiles> {
  const genesisPath = join(directory, GENESIS_FILE);
  const keysPath = join(directory, KEYS_FILE);
  if (!(await exists(genesisPath))) {
    await mkdir(directory, { recursive: true });
    const chain = makeDevelopmentChain(options.profile, options.random, options.timeMs, options.delegateCount);
    // Keys first: a genesis without its keys would be a chain that nobody can continue.
    await saveJson(keysPath, chain.keys, 0o600);
    await saveJson(genesisPath, chain.genesis, 0o644);
  }
  await expectPrivate(keysPath);
  const genesis = JSON.parse(await readFile(genesisPath, "utf8")) as Genesis;
  const keys = JSON.parse(await readFile(keysPath, "utf8")) as DevelopmentKeys;
  return { genesis, keys };
}

// The files that a solo chain's directory begins with: genesis.json, which anybody may read, keys.json with the delegates' and
// the faucet's seeds, encrypted, and the passphrase to them where the operator gives none. Secrets are their owner's alone
// (mode 0600), and the passphrase and the signing record are not part of backups.

import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { toHex, utf8Bytes } from "../../base/bytes.js";
import type { Disk } from "../../base/disk.js";
import { SCRYPT_N } from "../../base/passphraseKey.js";
import type { Random } from "../../base/random.js";
import { readPassphraseFile, readSecretFile, SecretFileError, saveFile } from "../../base/secretFile.js";
import { type Genesis, genesisHash } from "../../protocol/genesis.js";
import { type NamedSeed, openNodeKeys, parseNodeKeys, sealNodeKeys } from "../nodeKeys.js";
import { SigningRecord } from "../signingRecord.js";
import { type ChainProfile, type DevelopmentKeys, makeDevelopmentChain } from "./developmentChain.js";

const GENESIS_FILE = "genesis.json";
const KEYS_FILE = "keys.json";
/** The passphrase that is made with the keys where the operator gives none. */
const PASSPHRASE_FILE = "keys.passphrase";
const PASSPHRASE_BYTES = 32;
/** 32 random bytes can't be guessed at any cost, so that a start need not wait. */
const GENERATED_SCRYPT_N = 1_024;
const NEWLINE = 10;
const DELEGATE_NAME = "delegate-";
const FAUCET_NAME = "faucet";
const NODE_NAME = "node";

export interface ChainFiles {
  genesis: Genesis;
  /** Secret seeds; whoever made keys of them calls `forgetKeys`. */
  keys: DevelopmentKeys;
  /** Wipes the seeds. */
  forgetKeys?: () => void;
  /** Whether the keys may have signed before the process began; where undefined, they have if there are blocks. */
  mayHaveSigned?: boolean;
}

export interface NewChainOptions {
  profile: ChainProfile;
  delegateCount: number;
  random: Random;
  timeMs: number;
  disk: Disk;
  /** Opens the keys; where undefined, the one in the directory does. */
  keysPassphrase?: Uint8Array | undefined;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function namedSeeds({ delegates, faucet, node }: DevelopmentKeys): NamedSeed[] {
  return [
    ...delegates.map((seed, index) => ({ name: `${DELEGATE_NAME}${index + 1}`, seed })),
    ...(faucet === undefined ? [] : [{ name: FAUCET_NAME, seed: faucet }]),
    ...(node === undefined ? [] : [{ name: NODE_NAME, seed: node }]),
  ];
}

/** Writes the keys, sealed, and wipes them; with a passphrase of their own beside them where none is given. */
export async function saveKeys(
  directory: string,
  keys: DevelopmentKeys,
  random: Random,
  givenPassphrase: Uint8Array | undefined,
): Promise<void> {
  let passphrase = givenPassphrase;
  if (passphrase === undefined) {
    passphrase = utf8Bytes(toHex(random.bytes(PASSPHRASE_BYTES)));
    await saveFile(join(directory, PASSPHRASE_FILE), Buffer.concat([passphrase, Uint8Array.of(NEWLINE)]));
  }
  const n = givenPassphrase === undefined ? GENERATED_SCRYPT_N : SCRYPT_N;
  const sealed = await sealNodeKeys(namedSeeds(keys), passphrase, n, random);
  wipe(keys);
  await saveFile(join(directory, KEYS_FILE), `${JSON.stringify(sealed, null, 2)}\n`);
}

export function saveGenesis(directory: string, genesis: Genesis): Promise<void> {
  return saveFile(join(directory, GENESIS_FILE), `${JSON.stringify(genesis, null, 2)}\n`, 0o644);
}

async function beginChain(directory: string, options: NewChainOptions): Promise<void> {
  const { profile, random, timeMs, delegateCount, disk } = options;
  await mkdir(directory, { recursive: true });
  const chain = makeDevelopmentChain(profile, random, timeMs, delegateCount);
  // The genesis last: one without its keys would be a chain that nobody can continue.
  await saveKeys(directory, chain.keys, random, options.keysPassphrase);
  await SigningRecord.begin(disk, directory, genesisHash(chain.genesis));
  await saveGenesis(directory, chain.genesis);
}

function wipe({ delegates, faucet, node }: DevelopmentKeys): void {
  for (const seed of [...delegates, faucet, node]) {
    seed?.fill(0);
  }
}

async function passphraseOf(directory: string, given: Uint8Array | undefined): Promise<Uint8Array> {
  const path = join(directory, PASSPHRASE_FILE);
  if (given === undefined && !(await exists(path))) {
    throw new SecretFileError(
      `${path} is not there: name the file of the keys' passphrase with --passphrase-file, or set TTCHAIN_KEYS_PASSPHRASE`,
    );
  }
  return given ?? readPassphraseFile(path);
}

/** Opens the directory's keys; the passphrase is wiped. */
export async function openKeys(directory: string, givenPassphrase: Uint8Array | undefined): Promise<DevelopmentKeys> {
  const sealed = parseNodeKeys(new TextDecoder().decode(await readSecretFile(join(directory, KEYS_FILE))));
  const passphrase = await passphraseOf(directory, givenPassphrase);
  const seeds = await openNodeKeys(sealed, passphrase);
  passphrase.fill(0);
  const named = (wanted: string): Uint8Array | undefined => seeds.find(({ name }) => name === wanted)?.seed;
  const delegates = seeds.filter(({ name }) => name.startsWith(DELEGATE_NAME)).map(({ seed }) => seed);
  return { delegates, faucet: named(FAUCET_NAME), node: named(NODE_NAME) };
}

/** The public keys of the directory's delegates, which the keys' file names in the clear; none where there is no such file. */
export async function readDelegateKeys(directory: string): Promise<Uint8Array[]> {
  const path = join(directory, KEYS_FILE);
  if (!(await exists(path))) {
    return [];
  }
  const { keys } = parseNodeKeys(await readFile(path, "utf8"));
  return keys
    .filter(({ name }) => name.startsWith(DELEGATE_NAME))
    .map(({ publicKey }) => Uint8Array.from(Buffer.from(publicKey, "hex")));
}

export async function readGenesis(directory: string): Promise<Genesis> {
  return JSON.parse(await readFile(join(directory, GENESIS_FILE), "utf8")) as Genesis;
}

/** Reads the directory's chain, or begins a new development chain in it. */
export async function openChainFiles(directory: string, options: NewChainOptions): Promise<ChainFiles> {
  if (!(await exists(join(directory, GENESIS_FILE)))) {
    await beginChain(directory, options);
  }
  const keys = await openKeys(directory, options.keysPassphrase);
  return { genesis: await readGenesis(directory), keys, forgetKeys: () => wipe(keys), mayHaveSigned: true };
}

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
const FAUCET_NAME = "faucet";

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

function namedSeeds({ delegates, faucet }: DevelopmentKeys): NamedSeed[] {
  return [
    ...delegates.map((seed, index) => ({ name: `delegate-${index + 1}`, seed })),
    { name: FAUCET_NAME, seed: faucet },
  ];
}

async function beginChain(directory: string, options: NewChainOptions): Promise<void> {
  const { profile, random, timeMs, delegateCount, disk } = options;
  await mkdir(directory, { recursive: true });
  const chain = makeDevelopmentChain(profile, random, timeMs, delegateCount);
  let passphrase = options.keysPassphrase;
  if (passphrase === undefined) {
    passphrase = utf8Bytes(toHex(random.bytes(PASSPHRASE_BYTES)));
    await saveFile(join(directory, PASSPHRASE_FILE), Buffer.concat([passphrase, Uint8Array.of(NEWLINE)]));
  }
  const n = options.keysPassphrase === undefined ? GENERATED_SCRYPT_N : SCRYPT_N;
  const sealed = await sealNodeKeys(namedSeeds(chain.keys), passphrase, n, random);
  wipe(chain.keys);
  // The genesis last: one without its keys would be a chain that nobody can continue.
  await saveFile(join(directory, KEYS_FILE), `${JSON.stringify(sealed, null, 2)}\n`);
  await SigningRecord.begin(disk, directory, genesisHash(chain.genesis));
  await saveFile(join(directory, GENESIS_FILE), `${JSON.stringify(chain.genesis, null, 2)}\n`, 0o644);
}

function wipe({ delegates, faucet }: DevelopmentKeys): void {
  for (const seed of [...delegates, faucet]) {
    seed.fill(0);
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

/** Reads the directory's chain, or begins a new development chain in it. */
export async function openChainFiles(directory: string, options: NewChainOptions): Promise<ChainFiles> {
  const genesisPath = join(directory, GENESIS_FILE);
  const keysPath = join(directory, KEYS_FILE);
  if (!(await exists(genesisPath))) {
    await beginChain(directory, options);
  }
  const sealed = parseNodeKeys(new TextDecoder().decode(await readSecretFile(keysPath)));
  const passphrase = await passphraseOf(directory, options.keysPassphrase);
  const seeds = await openNodeKeys(sealed, passphrase);
  passphrase.fill(0);
  const faucet = seeds.find(({ name }) => name === FAUCET_NAME);
  if (faucet === undefined) {
    throw new SecretFileError(`expected a key named ${FAUCET_NAME} in ${keysPath}`);
  }
  const keys = { delegates: seeds.filter((seed) => seed !== faucet).map(({ seed }) => seed), faucet: faucet.seed };
  const genesis = JSON.parse(await readFile(genesisPath, "utf8")) as Genesis;
  return { genesis, keys, forgetKeys: () => wipe(keys), mayHaveSigned: true };
}

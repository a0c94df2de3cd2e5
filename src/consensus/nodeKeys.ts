// The secret seeds that a node signs with, as they lie on its disk: encrypted, with the public keys beside them in the clear.
// scrypt makes the key of the passphrase, XChaCha20-Poly1305 encrypts and authenticates all that the file says.
// Seeds are bytes, never text, so that they can be wiped.

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { equalBytes, fromHex, toHex, utf8Bytes } from "../base/bytes.js";
import { isScryptCost, passphraseKey, SCRYPT_P, SCRYPT_R, type ScryptCost } from "../base/passphraseKey.js";
import type { Random } from "../base/random.js";
import { ed25519 } from "../wasm/ed25519.js";

const FORMAT = "ttchain-node-keys";
const SEED_BYTES = 32;
const SALT_BYTES = 32;
const NONCE_BYTES = 24;
/** What a node's key file may hold at most: delegates of one chain, and a faucet. */
const KEYS_MAX = 128;

/** The keys can't be used: the passphrase is wrong, or the file is not what was written. */
export class NodeKeysError extends Error {
  override name = "NodeKeysError";
}

export interface NamedSeed {
  name: string;
  seed: Uint8Array;
}

/** The file's JSON; bytes are lower-case hex. */
export interface NodeKeyFile {
  format: typeof FORMAT;
  version: 1;
  keys: { name: string; publicKey: string }[];
  kdf: ScryptCost & { name: "scrypt"; salt: string };
  cipher: { name: "xchacha20-poly1305"; nonce: string };
  ciphertext: string;
}

function authenticatedBytes({ format, version, keys, kdf, cipher }: Omit<NodeKeyFile, "ciphertext">): Uint8Array {
  const names = keys.map(({ name, publicKey }) => [name, publicKey]);
  return utf8Bytes(
    JSON.stringify([format, version, names, kdf.name, kdf.n, kdf.r, kdf.p, kdf.salt, cipher.name, cipher.nonce]),
  );
}

/** Encrypts seeds; `n` is scrypt's cost, which a passphrase of 32 random bytes doesn't need. */
export async function sealNodeKeys(
  seeds: readonly NamedSeed[],
  passphrase: Uint8Array,
  n: number,
  random: Random,
): Promise<NodeKeyFile> {
  const salt = random.bytes(SALT_BYTES);
  const nonce = random.bytes(NONCE_BYTES);
  const header: Omit<NodeKeyFile, "ciphertext"> = {
    format: FORMAT,
    version: 1,
    keys: seeds.map(({ name, seed }) => ({ name, publicKey: toHex(ed25519.getPublicKey(seed)) })),
    kdf: { name: "scrypt", n, r: SCRYPT_R, p: SCRYPT_P, salt: toHex(salt) },
    cipher: { name: "xchacha20-poly1305", nonce: toHex(nonce) },
  };
  const plain = new Uint8Array(SEED_BYTES * seeds.length);
  for (const [index, { seed }] of seeds.entries()) {
    plain.set(seed, SEED_BYTES * index);
  }
  const key = await passphraseKey(passphrase, salt, header.kdf);
  try {
    return { ...header, ciphertext: toHex(xchacha20poly1305(key, nonce, authenticatedBytes(header)).encrypt(plain)) };
  } finally {
    key.fill(0);
    plain.fill(0);
  }
}

function hexField(value: unknown, length: number, what: string): Uint8Array {
  const bytes = typeof value === "string" ? fromHex(value) : undefined;
  if (bytes?.length !== length) {
    throw new NodeKeysError(`expected ${length} bytes of hex as the keys' ${what}`);
  }
  return bytes;
}

/** The key file that a text is. Throws NodeKeysError. */
export function parseNodeKeys(text: string): NodeKeyFile {
  let file: Partial<NodeKeyFile> | null;
  try {
    file = JSON.parse(text) as Partial<NodeKeyFile> | null;
  } catch {
    throw new NodeKeysError("expected the keys' file to be JSON");
  }
  if (file?.format !== FORMAT || file.version !== 1) {
    throw new NodeKeysError(`expected a file of encrypted keys (format ${FORMAT}, version 1)`);
  }
  const { keys, kdf, cipher } = file;
  if (!Array.isArray(keys) || keys.length > KEYS_MAX || keys.some((key) => typeof key?.name !== "string")) {
    throw new NodeKeysError(`expected at most ${KEYS_MAX} keys with names`);
  }
  if (kdf?.name !== "scrypt" || cipher?.name !== "xchacha20-poly1305" || !isScryptCost(kdf)) {
    throw new NodeKeysError("expected keys sealed by scrypt of a bounded cost and xchacha20-poly1305");
  }
  for (const { publicKey } of keys) {
    hexField(publicKey, 32, "public key");
  }
  hexField(kdf.salt, SALT_BYTES, "salt");
  hexField(cipher.nonce, NONCE_BYTES, "nonce");
  hexField(file.ciphertext, SEED_BYTES * keys.length + 16, "ciphertext");
  return file as NodeKeyFile;
}

/** The seeds of a key file, the caller's own to wipe. Throws NodeKeysError where the passphrase is wrong or the file was changed. */
export async function openNodeKeys(file: NodeKeyFile, passphrase: Uint8Array): Promise<NamedSeed[]> {
  const nonce = hexField(file.cipher.nonce, NONCE_BYTES, "nonce");
  const key = await passphraseKey(passphrase, hexField(file.kdf.salt, SALT_BYTES, "salt"), file.kdf);
  let plain: Uint8Array;
  try {
    const ciphertext = hexField(file.ciphertext, SEED_BYTES * file.keys.length + 16, "ciphertext");
    plain = xchacha20poly1305(key, nonce, authenticatedBytes(file)).decrypt(ciphertext);
  } catch {
    throw new NodeKeysError("the passphrase is wrong, or the keys' file was changed");
  } finally {
    key.fill(0);
  }
  const seeds = file.keys.map(({ name }, index) => ({
    name,
    seed: plain.slice(SEED_BYTES * index, SEED_BYTES * (index + 1)),
  }));
  plain.fill(0);
  for (const [index, { name, seed }] of seeds.entries()) {
    if (!equalBytes(ed25519.getPublicKey(seed), hexField(file.keys[index].publicKey, 32, "public key"))) {
      throw new NodeKeysError(`the key ${name} is not the one that the file names`);
    }
  }
  return seeds;
}

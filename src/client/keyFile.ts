// Key files: a wallet's secret, encrypted with a passphrase. scrypt (RFC 7914) makes the key, XChaCha20-Poly1305 encrypts and
// authenticates; everything readable in the file is authenticated with it. Wrong passphrase and changed file look the same.

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { fromHex, toHex, utf8Bytes } from "../base/bytes.js";
import { type Random, systemRandom } from "../base/random.js";
import { CodedError } from "../protocol/errors.js";
import { Account } from "./account.js";
import { accountFromMnemonic } from "./mnemonic.js";

/**
 * What a key file keeps: words to derive accounts from, or one secret key. `address` names the account that the key (of the
 * words: account 0's) rules since it replaced the one before.
 */
export type KeyFileSecret = ({ mnemonic: string } | { secretKey: Uint8Array }) & { address?: Uint8Array };

/** The file's JSON; bytes are lower-case hex. `address` is account 0's, so that it can be shown without the passphrase. */
export interface KeyFile {
  format: "ttchain-key-file";
  version: 1;
  address: string;
  kdf: { name: "scrypt"; n: number; r: number; p: number; salt: string };
  cipher: { name: "xchacha20-poly1305"; nonce: string };
  ciphertext: string;
}

/** 2^17: 128 MiB and about a second for one guess. */
export const SCRYPT_N = 131_072;
const SCRYPT_R = 8;
const SCRYPT_P = 1;
// Bounds of what a file may ask for, so that a forged one can't exhaust the machine.
const SCRYPT_N_MAX = 1_048_576;
const SCRYPT_RP_MAX = 32;
/** scrypt needs 128 * N * r bytes, and p blocks beside them. */
const SCRYPT_MEMORY_FACTOR = 192;
const SCRYPT_MEMORY_SPARE = 1 << 20;
const SALT_BYTES = 32;
const NONCE_BYTES = 24;
const KEY_BYTES = 32;

function authenticatedBytes(file: Omit<KeyFile, "ciphertext">): Uint8Array {
  const { kdf, cipher } = file;
  return utf8Bytes(
    JSON.stringify([
      file.format,
      file.version,
      file.address,
      kdf.name,
      kdf.n,
      kdf.r,
      kdf.p,
      kdf.salt,
      cipher.name,
      cipher.nonce,
    ]),
  );
}

function passphraseKey(
  passphrase: string,
  salt: Uint8Array,
  cost: { n: number; r: number; p: number },
): Promise<Uint8Array> {
  const password = utf8Bytes(passphrase.normalize("NFKC"));
  // Where the platform is Node its own scrypt is four times as quick; the same function by RFC 7914.
  const native = globalThis.process?.getBuiltinModule?.("node:crypto");
  if (native === undefined) {
    return scryptAsync(password, salt, { N: cost.n, r: cost.r, p: cost.p, dkLen: KEY_BYTES });
  }
  const options = {
    N: cost.n,
    r: cost.r,
    p: cost.p,
    maxmem: SCRYPT_MEMORY_FACTOR * cost.n * cost.r + SCRYPT_MEMORY_SPARE,
  };
  return new Promise((resolve, reject) => {
    native.scrypt(password, salt, KEY_BYTES, options, (error, key) =>
      error === null ? resolve(new Uint8Array(key)) : reject(error),
    );
  });
}

function encodeSecret(secret: KeyFileSecret): Uint8Array {
  const address = secret.address === undefined ? {} : { address: toHex(secret.address) };
  const key = "mnemonic" in secret ? { mnemonic: secret.mnemonic } : { secretKey: toHex(secret.secretKey) };
  return utf8Bytes(JSON.stringify({ ...key, ...address }));
}

function decodeSecret(bytes: Uint8Array): KeyFileSecret {
  const fields = JSON.parse(new TextDecoder().decode(bytes)) as {
    mnemonic?: string;
    secretKey?: string;
    address?: string;
  };
  const address = fields.address === undefined ? {} : { address: hexField(fields.address, 32, "address") };
  return fields.mnemonic === undefined
    ? { secretKey: hexField(fields.secretKey, KEY_BYTES, "secret key"), ...address }
    : { mnemonic: fields.mnemonic, ...address };
}

function hexField(value: unknown, length: number | undefined, what: string): Uint8Array {
  const bytes = typeof value === "string" ? fromHex(value) : undefined;
  if (bytes === undefined || (length !== undefined && bytes.length !== length)) {
    throw new CodedError("MALFORMED", `expected ${length ?? "some"} bytes of hex as the key file's ${what}`);
  }
  return bytes;
}

/** Account `index` of a secret; a single secret key has account 0 only. */
export function accountOfSecret(secret: KeyFileSecret, index = 0): Account {
  if ("mnemonic" in secret) {
    const account = accountFromMnemonic(secret.mnemonic, index);
    const isReplacement = index === 0 && secret.address !== undefined;
    return isReplacement ? Account.fromSecretKey(account.exportSecretKey(), secret.address) : account;
  }
  if (index !== 0) {
    throw new CodedError("BAD_REQUEST", `this key file holds one key: expected account 0, got ${index}`);
  }
  return Account.fromSecretKey(secret.secretKey, secret.address);
}

/** Encrypts a secret. `n` is scrypt's cost, a power of two; lower it in tests only. */
export async function encryptKeyFile(
  secret: KeyFileSecret,
  passphrase: string,
  { n = SCRYPT_N, random = systemRandom }: { n?: number; random?: Random } = {},
): Promise<KeyFile> {
  const salt = random.bytes(SALT_BYTES);
  const nonce = random.bytes(NONCE_BYTES);
  const header: Omit<KeyFile, "ciphertext"> = {
    format: "ttchain-key-file",
    version: 1,
    address: accountOfSecret(secret).addressText,
    kdf: { name: "scrypt", n, r: SCRYPT_R, p: SCRYPT_P, salt: toHex(salt) },
    cipher: { name: "xchacha20-poly1305", nonce: toHex(nonce) },
  };
  const key = await passphraseKey(passphrase, salt, header.kdf);
  const cipher = xchacha20poly1305(key, nonce, authenticatedBytes(header));
  return { ...header, ciphertext: toHex(cipher.encrypt(encodeSecret(secret))) };
}

/** The key file that a parsed JSON value is. Throws MALFORMED for anything else. */
export function parseKeyFile(value: unknown): KeyFile {
  const file = value as Partial<KeyFile> | null;
  if (file?.format !== "ttchain-key-file" || file.version !== 1) {
    throw new CodedError("MALFORMED", "expected a TTChain key file of version 1");
  }
  const { kdf, cipher } = file;
  const costs = [kdf?.n, kdf?.r, kdf?.p];
  if (
    kdf?.name !== "scrypt" ||
    cipher?.name !== "xchacha20-poly1305" ||
    !costs.every((cost) => Number.isInteger(cost))
  ) {
    throw new CodedError("MALFORMED", "expected a key file with scrypt and xchacha20-poly1305");
  }
  const isPowerOfTwo = (kdf.n & (kdf.n - 1)) === 0;
  if (!isPowerOfTwo || kdf.n < 2 || kdf.n > SCRYPT_N_MAX || kdf.r < 1 || kdf.p < 1 || kdf.r * kdf.p > SCRYPT_RP_MAX) {
    throw new CodedError(
      "MALFORMED",
      `expected a scrypt cost of at most n ${SCRYPT_N_MAX} and r times p ${SCRYPT_RP_MAX}`,
    );
  }
  if (typeof file.address !== "string") {
    throw new CodedError("MALFORMED", "expected an address in the key file");
  }
  hexField(kdf.salt, undefined, "salt");
  hexField(cipher.nonce, NONCE_BYTES, "nonce");
  hexField(file.ciphertext, undefined, "ciphertext");
  return file as KeyFile;
}

/** The secret of a key file. Throws BAD_REQUEST where the passphrase is wrong or the file was changed. */
export async function decryptKeyFile(file: KeyFile, passphrase: string): Promise<KeyFileSecret> {
  const salt = hexField(file.kdf.salt, undefined, "salt");
  const nonce = hexField(file.cipher.nonce, NONCE_BYTES, "nonce");
  const ciphertext = hexField(file.ciphertext, undefined, "ciphertext");
  const key = await passphraseKey(passphrase, salt, file.kdf);
  let plain: Uint8Array;
  try {
    plain = xchacha20poly1305(key, nonce, authenticatedBytes(file)).decrypt(ciphertext);
  } catch {
    throw new CodedError("BAD_REQUEST", "the passphrase is wrong, or the key file was changed");
  }
  return decodeSecret(plain);
}

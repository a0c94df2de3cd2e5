// Key files: a wallet's secret, encrypted with a passphrase. scrypt (RFC 7914) makes the key, XChaCha20-Poly1305 encrypts and
// authenticates; everything readable in the file is authenticated with it. Wrong passphrase and changed file look the same.

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { fromHex, toHex, utf8Bytes } from "../base/bytes.js";
import {
  isScryptCost,
  PASSPHRASE_KEY_BYTES,
  passphraseKey,
  SCRYPT_N,
  SCRYPT_N_MAX,
  SCRYPT_P,
  SCRYPT_R,
  SCRYPT_RP_MAX,
  type ScryptCost,
} from "../base/passphraseKey.js";
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

const SALT_BYTES = 32;
const NONCE_BYTES = 24;

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

async function keyOf(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  const password = utf8Bytes(passphrase.normalize("NFKC"));
  try {
    return await passphraseKey(password, salt, cost);
  } finally {
    password.fill(0);
  }
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
    ? { secretKey: hexField(fields.secretKey, PASSPHRASE_KEY_BYTES, "secret key"), ...address }
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
  const key = await keyOf(passphrase, salt, header.kdf);
  const plain = encodeSecret(secret);
  try {
    return { ...header, ciphertext: toHex(xchacha20poly1305(key, nonce, authenticatedBytes(header)).encrypt(plain)) };
  } finally {
    key.fill(0);
    plain.fill(0);
  }
}

/** The key file that a parsed JSON value is. Throws MALFORMED for anything else. */
export function parseKeyFile(value: unknown): KeyFile {
  const file = value as Partial<KeyFile> | null;
  if (file?.format !== "ttchain-key-file" || file.version !== 1) {
    throw new CodedError("MALFORMED", "expected a TTChain key file of version 1");
  }
  const { kdf, cipher } = file;
  if (kdf?.name !== "scrypt" || cipher?.name !== "xchacha20-poly1305") {
    throw new CodedError("MALFORMED", "expected a key file with scrypt and xchacha20-poly1305");
  }
  if (!isScryptCost(kdf)) {
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
  const key = await keyOf(passphrase, salt, file.kdf);
  let plain: Uint8Array;
  try {
    plain = xchacha20poly1305(key, nonce, authenticatedBytes(file)).decrypt(ciphertext);
  } catch {
    throw new CodedError("BAD_REQUEST", "the passphrase is wrong, or the key file was changed");
  } finally {
    key.fill(0);
  }
  try {
    return decodeSecret(plain);
  } finally {
    plain.fill(0);
  }
}

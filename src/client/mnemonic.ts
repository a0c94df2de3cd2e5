// The 24 words (BIP-39, English) that a wallet is restored from, and the keys that they give (SLIP-0010 for ed25519).
// Words and keys are secrets: no error raised here repeats any part of them.

import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { HDKey } from "micro-key-producer/slip10.js";
import { CodedError } from "../protocol/errors.js";
import { Account } from "./account.js";

/** Bits of entropy behind 24 words. */
const ENTROPY_BITS = 256;
const WORD_COUNTS = [12, 15, 18, 21, 24];
/** The chain's own number below m/44'; every level is hardened, as SLIP-0010 asks for ed25519. */
export const COIN_TYPE = 7070;
const ACCOUNT_INDEX_MAX = 0x7fffffff;

/** 24 fresh words from the machine's generator. */
export function newMnemonic(): string {
  return generateMnemonic(wordlist, ENTROPY_BITS);
}

/** The words in lower case with single spaces between them. Throws BAD_REQUEST that says what is wrong, naming places only. */
export function checkMnemonic(text: string): string {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (!WORD_COUNTS.includes(words.length)) {
    throw new CodedError("BAD_REQUEST", `expected 24 words, got ${words.length}`);
  }
  const unknown = words.flatMap((word, index) => (wordlist.includes(word) ? [] : [index + 1]));
  if (unknown.length > 0) {
    throw new CodedError("BAD_REQUEST", `expected words of the BIP-39 list: look at word ${unknown.join(", ")}`);
  }
  const mnemonic = words.join(" ");
  if (!validateMnemonic(mnemonic, wordlist)) {
    throw new CodedError("BAD_REQUEST", "the words' checksum does not match: a word is wrong or in the wrong place");
  }
  return mnemonic;
}

/** The derivation path of account `index`: m/44'/7070'/index'/0'. */
export function accountPath(index: number): string {
  if (!Number.isInteger(index) || index < 0 || index > ACCOUNT_INDEX_MAX) {
    throw new CodedError("BAD_REQUEST", `expected an account index from 0 to ${ACCOUNT_INDEX_MAX}, got ${index}`);
  }
  return `m/44'/${COIN_TYPE}'/${index}'/0'`;
}

/** The 32-byte ed25519 secret key that a seed (BIP-39: 64 bytes) gives at a path of hardened levels. */
export function deriveSecretKey(seed: Uint8Array, path: string): Uint8Array {
  return HDKey.fromMasterSeed(seed).derive(path).privateKey;
}

/** Account `index` of the words; `passphrase` is BIP-39's "25th word" and not the key file's. Throws BAD_REQUEST for bad words. */
export function accountFromMnemonic(mnemonic: string, index = 0, passphrase = ""): Account {
  const path = accountPath(index);
  const seed = mnemonicToSeedSync(checkMnemonic(mnemonic), passphrase);
  return Account.fromSecretKey(deriveSecretKey(seed, path));
}

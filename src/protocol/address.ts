// Addresses: 32 bytes, written in bech32m with the prefix "ttc". The parser tells a mistyped address (and names the place)
// from an address of another chain, because money sent to either is gone.

import { base58, bech32m } from "@scure/base";
import { CodedError } from "./errors.js";
import { TAGS, taggedHash } from "./hashing.js";
import { locateTypingErrors } from "./locateTypingErrors.js";

export const ADDRESS_BYTES = 32;
export const ADDRESS_PREFIX = "ttc";
/** "ttc1", 52 characters of data and 6 of checksum. */
export const ADDRESS_TEXT_LENGTH = 62;

/** The address that an ed25519 public key of 32 bytes rules from the start. */
export function addressOfKey(publicKey: Uint8Array): Uint8Array {
  return taggedHash(TAGS.keyAddress, publicKey);
}

/** The address of an account of the chain itself, such as "fee-pool"; no key rules it. */
export function systemAddress(name: string): Uint8Array {
  return taggedHash(TAGS.systemAddress, new TextEncoder().encode(name));
}

/** The address of the contract that operation `operationIndex` of a transaction registers; no key rules it. */
export function contractAddress(transactionId: Uint8Array, operationIndex: number): Uint8Array {
  return taggedHash(TAGS.contractAddress, transactionId, Uint8Array.of(operationIndex));
}

/** The address of the contract that contract `deployer` makes of the code of this hash under a salt of its own. */
export function deployedAddress(deployer: Uint8Array, codeHash: Uint8Array, salt: Uint8Array): Uint8Array {
  return taggedHash(TAGS.deployedAddress, deployer, codeHash, salt);
}

/** The bech32m text of a 32-byte address. */
export function formatAddress(address: Uint8Array): string {
  return bech32m.encodeFromBytes(ADDRESS_PREFIX, address);
}

function isSolanaAddress(text: string): boolean {
  if (text.length < 32 || text.length > 44 || !/^[1-9A-HJ-NP-Za-km-z]+$/.test(text)) {
    return false;
  }
  try {
    return base58.decode(text).length === 32;
  } catch {
    return false;
  }
}

function badAddress(message: string, details: Record<string, string | number> = {}): CodedError {
  return new CodedError("BAD_ADDRESS", message, details);
}

function explainBadText(text: string): CodedError {
  const lower = text.toLowerCase();
  if (!lower.startsWith(`${ADDRESS_PREFIX}1`)) {
    return badAddress(`expected an address that begins with "${ADDRESS_PREFIX}1", got "${text.slice(0, 8)}"`);
  }
  if (text !== lower && text !== text.toUpperCase()) {
    return badAddress("expected letters of one case, got upper and lower case mixed");
  }
  if (text.length !== ADDRESS_TEXT_LENGTH) {
    return badAddress(`expected ${ADDRESS_TEXT_LENGTH} characters, got ${text.length}`);
  }
  const positions = locateTypingErrors(lower, ADDRESS_PREFIX);
  if (positions.length === 0) {
    return badAddress("the checksum does not match: more than two characters differ from any valid address");
  }
  const places = positions.map((position) => `${position + 1} ("${text[position]}")`).join(" and ");
  return badAddress(`the checksum does not match: look at character ${places}`, {
    positions: positions.map((position) => position + 1).join(","),
  });
}

/**
 * The 32 bytes of an address's text. Throws FOREIGN_ADDRESS for a Solana address (base58 of 32 bytes) and BAD_ADDRESS, with
 * the position (1 for the first character) where it can be told, for anything else that isn't one.
 */
export function parseAddress(text: string): Uint8Array {
  const trimmed = text.trim();
  if (isSolanaAddress(trimmed)) {
    throw new CodedError(
      "FOREIGN_ADDRESS",
      "this is a Solana address (base58 of 32 bytes): TTChain can't pay it, and coins sent to its bytes would be lost. Ask for an address that begins with ttc1.",
      { chain: "solana" },
    );
  }
  let bytes: Uint8Array;
  try {
    const decoded = bech32m.decodeToBytes(trimmed);
    if (decoded.prefix !== ADDRESS_PREFIX || decoded.bytes.length !== ADDRESS_BYTES) {
      throw badAddress(
        `expected prefix ${ADDRESS_PREFIX} and 32 bytes, got ${decoded.prefix} and ${decoded.bytes.length}`,
      );
    }
    bytes = decoded.bytes;
  } catch (error) {
    throw error instanceof CodedError ? error : explainBadText(trimmed);
  }
  return bytes;
}

// Domain-separated SHA-256 and the messages that keys sign. Every use has a tag of exactly 16 bytes, so that bytes made for
// one purpose never mean anything for another, and every signed message covers the chain's genesis hash.

import { concatBytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";

const TAG_BYTES = 16;

function tag(text: string): Uint8Array {
  const bytes = new Uint8Array(TAG_BYTES);
  for (let i = 0; i < text.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  return bytes;
}

/** The tags of the protocol: ASCII, padded with zeros to 16 bytes. */
export const TAGS = {
  keyAddress: tag("TTC key address"),
  systemAddress: tag("TTC system addr"),
  transaction: tag("TTC transaction"),
  tokenId: tag("TTC token id"),
  contractAddress: tag("TTC contract"),
  deployedAddress: tag("TTC deployed"),
  package: tag("TTC package"),
  seed: tag("TTC seed"),
  block: tag("TTC block"),
  result: tag("TTC result"),
  commit: tag("TTC commit"),
  delegateSet: tag("TTC delegates"),
  writeSet: tag("TTC write set"),
  genesis: tag("TTC genesis"),
  challenge: tag("TTC challenge"),
  nameCommitment: tag("TTC name commit"),
  ringKeys: tag("TTC ring keys"),
  ringScope: tag("TTC ring scope"),
  ringMessage: tag("TTC ring message"),
  ringSignature: tag("TTC ring sig"),
  ringNonce: tag("TTC ring nonce"),
} as const;

/** SHA-256 of a tag and the parts, in that order. */
export function taggedHash(domain: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  return sha256(concatBytes(domain, ...parts));
}

/** What a key signs: tag, genesis hash, then the whole content. */
export function signedMessage(domain: Uint8Array, genesisHash: Uint8Array, content: Uint8Array): Uint8Array {
  return concatBytes(domain, genesisHash, content);
}

// Evidence of double signing: two different blocks of one height that one delegate's key agreed to. A tagged union like certificates:
// kind 1 are two headers with the signatures that certificates of kind 1 hold, kind 2 two votes of one round and step of CometBFT.

import { equalBytes } from "../base/bytes.js";
import { ed25519 } from "../wasm/ed25519.js";
import { type BlockHeader, blockHash, decodeHeader, encodeHeader } from "./block.js";
import { CERTIFICATE_SOLO, commitMessage } from "./certificate.js";
import { CERTIFICATE_COMET } from "./cometCertificate.js";
import {
  type CometDoubleSignature,
  encodeCometEvidence,
  type ProvenDoubleSignature,
  readCometEvidence,
  verifyCometEvidence,
} from "./cometEvidence.js";
import { CodedError } from "./errors.js";
import { Reader, Writer } from "./wire.js";

const HEADER_BYTES = 113;

export interface SignedHeader {
  header: BlockHeader;
  signature: Uint8Array;
}

export interface SoloDoubleSignature {
  kind: typeof CERTIFICATE_SOLO;
  /** The delegate's key. */
  publicKey: Uint8Array;
  blocks: [SignedHeader, SignedHeader];
}

export type DoubleSignature = SoloDoubleSignature | CometDoubleSignature;

export function encodeEvidence(evidence: DoubleSignature): Uint8Array {
  if (evidence.kind === CERTIFICATE_COMET) {
    return encodeCometEvidence(evidence);
  }
  const writer = new Writer(400).u8(evidence.kind).raw(evidence.publicKey);
  for (const { header, signature } of evidence.blocks) {
    writer.raw(encodeHeader(header)).raw(signature);
  }
  return writer.finish();
}

function readBlock(reader: Reader): SignedHeader {
  return { header: decodeHeader(reader.raw(HEADER_BYTES)), signature: reader.raw(64) };
}

/** The inverse; throws a coded error for other bytes. */
export function decodeEvidence(bytes: Uint8Array): DoubleSignature {
  const reader = new Reader(bytes);
  const kind = reader.u8();
  if (kind === CERTIFICATE_COMET) {
    const comet = readCometEvidence(reader);
    reader.end();
    return comet;
  }
  if (kind !== CERTIFICATE_SOLO) {
    throw new CodedError("MALFORMED", `expected evidence of kind 1 or 2, got ${kind}`);
  }
  const evidence: DoubleSignature = {
    kind: CERTIFICATE_SOLO,
    publicKey: reader.raw(32),
    blocks: [readBlock(reader), readBlock(reader)],
  };
  reader.end();
  return evidence;
}

/** Checks evidence, signatures included. Throws BAD_EVIDENCE. */
export function verifyEvidence(evidence: DoubleSignature, genesisHash: Uint8Array): ProvenDoubleSignature {
  if (evidence.kind === CERTIFICATE_COMET) {
    return verifyCometEvidence(evidence, genesisHash);
  }
  const { publicKey, blocks } = evidence;
  const [first, second] = blocks.map(({ header }) => header);
  const hashes = [blockHash(genesisHash, first), blockHash(genesisHash, second)];
  if (first.height !== second.height || equalBytes(hashes[0], hashes[1])) {
    throw new CodedError("BAD_EVIDENCE", "expected two different blocks of one height");
  }
  const messages = hashes.map((hash) => commitMessage(genesisHash, first.height, hash));
  if (!blocks.every(({ signature }, i) => ed25519.verify(signature, messages[i], publicKey))) {
    throw new CodedError("BAD_EVIDENCE", "a signature of the evidence does not match");
  }
  return { publicKey, height: first.height, timeMs: Math.max(first.timeMs, second.timeMs) };
}

export type { ProvenDoubleSignature };

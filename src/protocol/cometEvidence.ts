// Evidence of kind 2: two votes of one delegate for different blocks in the same height, round and step of CometBFT.

import { equalBytes } from "../base/bytes.js";
import { ed25519 } from "../wasm/ed25519.js";
import {
  type CometBlockId,
  type CometTime,
  cometChainId,
  cometTimeMs,
  cometVoteMessage,
  PRECOMMIT,
  PREVOTE,
} from "./comet.js";
import { CERTIFICATE_COMET, readCometTime, writeCometTime } from "./cometCertificate.js";
import { CodedError } from "./errors.js";
import { type Reader, Writer } from "./wire.js";

/** A vote for a block, or for none where the block's hash is empty. */
export interface CometVote {
  blockId: CometBlockId;
  time: CometTime;
  signature: Uint8Array;
}

export interface CometDoubleSignature {
  kind: typeof CERTIFICATE_COMET;
  /** The delegate's key. */
  publicKey: Uint8Array;
  height: number;
  round: number;
  /** 1: prevote, 2: precommit. */
  step: number;
  votes: [CometVote, CometVote];
}

/** What evidence proves; the time is the later one that the two blocks name. */
export interface ProvenDoubleSignature {
  publicKey: Uint8Array;
  height: number;
  timeMs: number;
}

export function encodeCometEvidence(evidence: CometDoubleSignature): Uint8Array {
  const { kind, publicKey, height, round, step, votes } = evidence;
  const writer = new Writer(512).u8(kind).raw(publicKey).u64(BigInt(height)).u32(round).u8(step);
  for (const { blockId, time, signature } of votes) {
    writer.short(blockId.hash).u32(blockId.partCount).short(blockId.partsHash);
    writeCometTime(writer, time);
    writer.raw(signature);
  }
  return writer.finish();
}

function readVote(reader: Reader): CometVote {
  const blockId = { hash: reader.short(), partCount: reader.u32(), partsHash: reader.short() };
  return { blockId, time: readCometTime(reader), signature: reader.raw(64) };
}

/** What follows the kind. */
export function readCometEvidence(reader: Reader): CometDoubleSignature {
  return {
    kind: CERTIFICATE_COMET,
    publicKey: reader.raw(32),
    height: reader.safe(),
    round: reader.u32(),
    step: reader.u8(),
    votes: [readVote(reader), readVote(reader)],
  };
}

/** Checks the votes, signatures included. Throws BAD_EVIDENCE. */
export function verifyCometEvidence(evidence: CometDoubleSignature, genesisHash: Uint8Array): ProvenDoubleSignature {
  const { publicKey, height, round, step, votes } = evidence;
  const [first, second] = votes.map(({ blockId }) => blockId);
  if (step !== PREVOTE && step !== PRECOMMIT) {
    throw new CodedError("BAD_EVIDENCE", `expected votes of step 1 or 2, got ${step}`);
  }
  // The parts count too: a name is the hash and the parts together. A vote for no block has no parts that anybody signs.
  const isSame = equalBytes(first.hash, second.hash) && equalBytes(first.partsHash, second.partsHash);
  const isNone = first.hash.length === 0 && second.hash.length === 0;
  if (isNone || (isSame && first.partCount === second.partCount)) {
    throw new CodedError("BAD_EVIDENCE", "expected votes for two different blocks");
  }
  const chainId = cometChainId(genesisHash);
  const valid = votes.every(({ blockId, time, signature }) =>
    ed25519.verify(signature, cometVoteMessage(step, chainId, height, round, blockId, time), publicKey),
  );
  if (!valid) {
    throw new CodedError("BAD_EVIDENCE", "a signature of the evidence does not match");
  }
  return { publicKey, height, timeMs: Math.max(...votes.map(({ time }) => cometTimeMs(time))) };
}

// What CometBFT hashes and signs, recomputed: a block header's hash and the bytes of a precommit vote (CometBFT 0.40,
// spec/core/data_structures.md and spec/core/encoding.md). Its Merkle trees are RFC 6962's, as ours are.

import { toHex, utf8Bytes } from "../base/bytes.js";
import { merkleRoot, sha256 } from "../wasm/sha256.js";
import { lengthDelimited, ProtobufWriter } from "./protobuf.js";

/** CometBFT's chain identifiers have at most 50 characters. */
const CHAIN_ID_HASH_DIGITS = 40;
/** Steps that validators vote in. */
export const PREVOTE = 1;
export const PRECOMMIT = 2;
/** What a proposal's signed bytes begin with, in the place of a vote's step. */
const PROPOSAL_TYPE = 32;
const ADDRESS_BYTES = 20;

/** A moment as CometBFT writes it. */
export interface CometTime {
  seconds: number;
  nanoseconds: number;
}

/** A block's name with CometBFT: its header's hash and the Merkle root over its parts. */
export interface CometBlockId {
  /** Empty for the block before the first. */
  hash: Uint8Array;
  partCount: number;
  partsHash: Uint8Array;
}

export interface CometHeader {
  blockVersion: number;
  applicationVersion: number;
  chainId: string;
  height: number;
  time: CometTime;
  lastBlockId: CometBlockId;
  lastCommitHash: Uint8Array;
  dataHash: Uint8Array;
  validatorsHash: Uint8Array;
  nextValidatorsHash: Uint8Array;
  consensusHash: Uint8Array;
  applicationHash: Uint8Array;
  lastResultsHash: Uint8Array;
  evidenceHash: Uint8Array;
  proposerAddress: Uint8Array;
}

/** The engine's name of a chain: it binds every vote to the genesis hash. */
export function cometChainId(genesisHash: Uint8Array): string {
  return `ttchain-${toHex(genesisHash).slice(0, CHAIN_ID_HASH_DIGITS)}`;
}

/** The address by which CometBFT calls a validator: the first 20 bytes of its key's SHA-256. */
export function cometAddress(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey).slice(0, ADDRESS_BYTES);
}

/** The time in whole milliseconds, as a block's header carries it. */
export function cometTimeMs({ seconds, nanoseconds }: CometTime): number {
  return seconds * 1000 + Math.floor(nanoseconds / 1_000_000);
}

/** google.protobuf.Timestamp. */
export function encodeTime({ seconds, nanoseconds }: CometTime): Uint8Array {
  return new ProtobufWriter().varint(1, seconds).varint(2, nanoseconds).finish();
}

function encodeParts({ partCount, partsHash }: CometBlockId): Uint8Array {
  return new ProtobufWriter().varint(1, partCount).bytes(2, partsHash).finish();
}

function encodeBlockId(id: CometBlockId): Uint8Array {
  return new ProtobufWriter().bytes(1, id.hash).message(2, encodeParts(id)).finish();
}

function wrapped(value: Uint8Array): Uint8Array {
  return new ProtobufWriter().bytes(1, value).finish();
}

/** The name of a block: the Merkle root over its header's fields. */
export function cometHeaderHash(header: CometHeader): Uint8Array {
  const version = new ProtobufWriter().varint(1, header.blockVersion).varint(2, header.applicationVersion);
  return merkleRoot([
    version.finish(),
    wrapped(utf8Bytes(header.chainId)),
    new ProtobufWriter().varint(1, header.height).finish(),
    encodeTime(header.time),
    encodeBlockId(header.lastBlockId),
    wrapped(header.lastCommitHash),
    wrapped(header.dataHash),
    wrapped(header.validatorsHash),
    wrapped(header.nextValidatorsHash),
    wrapped(header.consensusHash),
    wrapped(header.applicationHash),
    wrapped(header.lastResultsHash),
    wrapped(header.evidenceHash),
    wrapped(header.proposerAddress),
  ]);
}

/** The Merkle root over a block's entries, each by its SHA-256. */
export function cometDataHash(entries: Uint8Array[]): Uint8Array {
  return merkleRoot(entries.map(sha256));
}

/**
 * What a validator signs when it votes: the step (1: prevote, 2: precommit), height, round, block (none where its hash is empty), its own
 * time, and the chain.
 */
export function cometVoteMessage(
  step: number,
  chainId: string,
  height: number,
  round: number,
  blockId: CometBlockId,
  time: CometTime,
): Uint8Array {
  const writer = new ProtobufWriter().varint(1, step).fixed64(2, height).fixed64(3, round);
  if (blockId.hash.length > 0) {
    writer.message(4, encodeBlockId(blockId));
  }
  writer.message(5, encodeTime(time)).bytes(6, utf8Bytes(chainId));
  return lengthDelimited(writer.finish());
}

/** What a proposer signs: height, round, the round in which two thirds were for the block already (-1: none), block, its own time, and the chain. */
export function cometProposalMessage(
  chainId: string,
  {
    height,
    round,
    roundOfLock,
    blockId,
  }: { height: number; round: number; roundOfLock: number; blockId: CometBlockId },
  time: CometTime,
): Uint8Array {
  const writer = new ProtobufWriter().varint(1, PROPOSAL_TYPE).fixed64(2, height).fixed64(3, round);
  writer.signedVarint(4, roundOfLock).message(5, encodeBlockId(blockId));
  writer.message(6, encodeTime(time)).bytes(7, utf8Bytes(chainId));
  return lengthDelimited(writer.finish());
}

/** What is signed besides with a precommit for a block: its extension, which is empty here. */
export function cometExtensionMessage(chainId: string, height: number, round: number): Uint8Array {
  return lengthDelimited(
    new ProtobufWriter().fixed64(2, height).fixed64(3, round).bytes(4, utf8Bytes(chainId)).finish(),
  );
}

// The messages of ABCI 2.0 as CometBFT 0.40 sends them (proto/tendermint/abci/types.proto): of requests what the application
// reads, of responses what it says. Numbers of fields are those of that file.

import { concatBytes, utf8Bytes } from "../../base/bytes.js";
import type { CometTime } from "../../protocol/comet.js";
import { CodedError } from "../../protocol/errors.js";
import { ProtobufReader, ProtobufWriter } from "../../protocol/protobuf.js";

/** Requests by the number of their field in `Request`; the response's is another. */
export const REQUESTS = {
  1: { name: "echo", response: 2 },
  2: { name: "flush", response: 3 },
  3: { name: "info", response: 4 },
  5: { name: "initChain", response: 6 },
  6: { name: "query", response: 7 },
  8: { name: "checkTransaction", response: 9 },
  11: { name: "commit", response: 12 },
  12: { name: "listSnapshots", response: 13 },
  13: { name: "offerSnapshot", response: 14 },
  14: { name: "loadSnapshotChunk", response: 15 },
  15: { name: "applySnapshotChunk", response: 16 },
  16: { name: "prepareProposal", response: 17 },
  17: { name: "processProposal", response: 18 },
  18: { name: "extendVote", response: 19 },
  19: { name: "verifyVoteExtension", response: 20 },
  20: { name: "finalizeBlock", response: 21 },
  21: { name: "insertTransaction", response: 22 },
  22: { name: "reapTransactions", response: 23 },
} as const;

export type RequestName = (typeof REQUESTS)[keyof typeof REQUESTS]["name"];

export interface AbciRequest {
  name: RequestName;
  responseField: number;
  body: Uint8Array;
}

const EXCEPTION_FIELD = 1;

/** Evidence against a validator, as the engine proved it. */
export interface Misbehavior {
  /** 1: it voted twice; 2: it attacked a light client. */
  type: number;
  address: Uint8Array;
  power: number;
  height: number;
  time: CometTime;
  totalPower: number;
}

/** A block on its way: proposed, to be processed, or decided. */
export interface BlockRequest {
  entries: Uint8Array[];
  /** Addresses of the validators whose votes for the block before this block holds. */
  previousSigners: Uint8Array[];
  misbehavior: Misbehavior[];
  height: number;
  time: CometTime;
  proposerAddress: Uint8Array;
  /** Of a proposal that is asked for: the most bytes that the encoded entries may have. */
  bytesMax: number;
}

export interface ValidatorUpdate {
  publicKey: Uint8Array;
  power: number;
}

/** Reads the one request that a frame holds. Throws MALFORMED. */
export function decodeRequest(frame: Uint8Array): AbciRequest {
  const reader = new ProtobufReader(frame);
  if (!reader.next()) {
    throw new CodedError("MALFORMED", "expected a request of ABCI, got an empty message");
  }
  const request = REQUESTS[reader.field as keyof typeof REQUESTS];
  if (request === undefined) {
    throw new CodedError("MALFORMED", `expected a request of ABCI 2.0, got number ${reader.field}`);
  }
  return { name: request.name, responseField: request.response, body: reader.bytes() };
}

export function encodeResponse(responseField: number, body: Uint8Array): Uint8Array {
  return new ProtobufWriter().message(responseField, body).finish();
}

/** What makes the engine stop, with the reason in its log. */
export function encodeException(reason: string): Uint8Array {
  return encodeResponse(EXCEPTION_FIELD, new ProtobufWriter().bytes(1, utf8Bytes(reason)).finish());
}

function decodeTime(bytes: Uint8Array): CometTime {
  const reader = new ProtobufReader(bytes);
  const time = { seconds: 0, nanoseconds: 0 };
  while (reader.next()) {
    if (reader.field === 1) {
      time.seconds = reader.varint();
    } else if (reader.field === 2) {
      time.nanoseconds = reader.varint();
    } else {
      reader.skip();
    }
  }
  return time;
}

const COMMITTED_FLAG = 2;

/** The address of a VoteInfo's validator; undefined where it did not vote for the block. */
function voterOf(bytes: Uint8Array, flagField: number): Uint8Array | undefined {
  const reader = new ProtobufReader(bytes);
  let address: Uint8Array | undefined;
  let flag = 0;
  while (reader.next()) {
    if (reader.field === 1) address = decodeValidator(reader.bytes()).address;
    else if (reader.field === flagField) flag = reader.varint();
    else reader.skip();
  }
  return flag === COMMITTED_FLAG ? address : undefined;
}

/** Who voted, of a CommitInfo or an ExtendedCommitInfo. */
function decodeSigners(bytes: Uint8Array, flagField: number): Uint8Array[] {
  const reader = new ProtobufReader(bytes);
  const signers: Uint8Array[] = [];
  while (reader.next()) {
    const address = reader.field === 2 ? voterOf(reader.bytes(), flagField) : reader.skip();
    if (address !== undefined) signers.push(address);
  }
  return signers;
}

function decodeValidator(bytes: Uint8Array): { address: Uint8Array; power: number } {
  const reader = new ProtobufReader(bytes);
  const validator = { address: new Uint8Array(0) as Uint8Array, power: 0 };
  while (reader.next()) {
    if (reader.field === 1) validator.address = reader.bytes().slice();
    else if (reader.field === 3) validator.power = reader.varint();
    else reader.skip();
  }
  return validator;
}

function decodeMisbehavior(bytes: Uint8Array): Misbehavior {
  const reader = new ProtobufReader(bytes);
  const found: Misbehavior = {
    type: 0,
    address: new Uint8Array(0),
    power: 0,
    height: 0,
    time: { seconds: 0, nanoseconds: 0 },
    totalPower: 0,
  };
  while (reader.next()) {
    if (reader.field === 1) found.type = reader.varint();
    else if (reader.field === 2) Object.assign(found, decodeValidator(reader.bytes()));
    else if (reader.field === 3) found.height = reader.varint();
    else if (reader.field === 4) found.time = decodeTime(reader.bytes());
    else if (reader.field === 5) found.totalPower = reader.varint();
    else reader.skip();
  }
  return found;
}

/** Fields that RequestPrepareProposal numbers in its own way; RequestProcessProposal and RequestFinalizeBlock agree. */
const BLOCK_FIELDS = {
  prepareProposal: { bytesMax: 1, entries: 2, commit: 3, misbehavior: 4, voteFlag: 5 },
  processProposal: { bytesMax: -1, entries: 1, commit: 2, misbehavior: 3, voteFlag: 3 },
};
const HEIGHT_FIELD = 5;
const TIME_FIELD = 6;
const PROPOSER_FIELD = 8;

/** Reads RequestPrepareProposal, RequestProcessProposal or RequestFinalizeBlock; the entries share the frame's memory. */
export function decodeBlockRequest(name: RequestName, body: Uint8Array): BlockRequest {
  const fields = name === "prepareProposal" ? BLOCK_FIELDS.prepareProposal : BLOCK_FIELDS.processProposal;
  const request: BlockRequest = {
    entries: [],
    previousSigners: [],
    misbehavior: [],
    height: 0,
    time: { seconds: 0, nanoseconds: 0 },
    proposerAddress: new Uint8Array(0),
    bytesMax: 0,
  };
  const reader = new ProtobufReader(body);
  while (reader.next()) {
    if (reader.field === fields.entries) request.entries.push(reader.bytes());
    else if (reader.field === fields.commit) request.previousSigners = decodeSigners(reader.bytes(), fields.voteFlag);
    else if (reader.field === fields.misbehavior) request.misbehavior.push(decodeMisbehavior(reader.bytes()));
    else if (reader.field === fields.bytesMax) request.bytesMax = reader.varint();
    else if (reader.field === HEIGHT_FIELD) request.height = reader.varint();
    else if (reader.field === TIME_FIELD) request.time = decodeTime(reader.bytes());
    else if (reader.field === PROPOSER_FIELD) request.proposerAddress = reader.bytes().slice();
    else reader.skip();
  }
  return request;
}

/** The chain's name in RequestInitChain. */
export function decodeInitChain(body: Uint8Array): { chainId: string } {
  const reader = new ProtobufReader(body);
  let chainId = "";
  while (reader.next()) {
    if (reader.field === 2) chainId = reader.text();
    else reader.skip();
  }
  return { chainId };
}

/** Field 1 of a request that has bytes there, such as InsertTx. */
export function decodeFirstBytes(body: Uint8Array): Uint8Array {
  const reader = new ProtobufReader(body);
  let bytes = new Uint8Array(0);
  while (reader.next()) {
    if (reader.field === 1) bytes = reader.bytes() as Uint8Array<ArrayBuffer>;
    else reader.skip();
  }
  return bytes;
}

/** Field 1 of a request that has a number there, such as ReapTxs. */
export function decodeFirstNumber(body: Uint8Array): number {
  const reader = new ProtobufReader(body);
  let value = 0;
  while (reader.next()) {
    if (reader.field === 1) value = reader.varint();
    else reader.skip();
  }
  return value;
}

export function encodeInfo(info: { version: string; height: number; applicationHash: Uint8Array }): Uint8Array {
  const writer = new ProtobufWriter().bytes(1, utf8Bytes("ttchain")).bytes(2, utf8Bytes(info.version)).varint(3, 1);
  return writer.varint(4, info.height).bytes(5, info.applicationHash).finish();
}

function encodeUpdate({ publicKey, power }: ValidatorUpdate): Uint8Array {
  const key = new ProtobufWriter().bytes(1, publicKey).finish();
  return new ProtobufWriter().message(1, key).varint(2, power).finish();
}

export function encodeInitChainAnswer(validators: ValidatorUpdate[], applicationHash: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter();
  for (const validator of validators) {
    writer.message(2, encodeUpdate(validator));
  }
  return writer.bytes(3, applicationHash).finish();
}

/** A response whose field 1 is a list of byte strings: a proposal, or what ReapTxs takes. */
export function encodeList(items: Uint8Array[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const item of items) {
    writer.message(1, item);
  }
  return writer.finish();
}

/** A response whose field 1 is a number: a verdict, a code. */
export function encodeNumber(value: number): Uint8Array {
  return new ProtobufWriter().varint(1, value).finish();
}

/** Field 2 of BlockParams: max_gas of -1. */
const NO_GAS_LIMIT = Uint8Array.of(0x10, ...new Uint8Array(9).fill(0xff), 0x01);

/** ConsensusParams that change the size of blocks alone; gas has no limit of the engine's. */
function encodeBlockParameters(bytesMax: number): Uint8Array {
  const bytes = new ProtobufWriter().varint(1, bytesMax).finish();
  return new ProtobufWriter().message(1, concatBytes(bytes, NO_GAS_LIMIT)).finish();
}

export function encodeFinalizeAnswer(
  entryCount: number,
  updates: ValidatorUpdate[],
  applicationHash: Uint8Array,
  blockBytesMax?: number,
): Uint8Array {
  const writer = new ProtobufWriter();
  for (let i = 0; i < entryCount; i++) {
    writer.message(2, new Uint8Array(0));
  }
  for (const update of updates) {
    writer.message(3, encodeUpdate(update));
  }
  if (blockBytesMax !== undefined) {
    writer.message(4, encodeBlockParameters(blockBytesMax));
  }
  return writer.bytes(5, applicationHash).finish();
}

/** ResponseCommit: blocks below `retainHeight` may go; 0 keeps all. */
export function encodeCommitAnswer(retainHeight: number): Uint8Array {
  return new ProtobufWriter().varint(3, retainHeight).finish();
}

/** A refusal of CheckTx or Query: code and text. */
export function encodeRefusal(code: number, text: string): Uint8Array {
  return new ProtobufWriter().varint(1, code).bytes(3, utf8Bytes(text)).finish();
}

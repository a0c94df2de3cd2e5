// The messages by which the engine asks for signatures, as CometBFT 0.40 sends them to a remote signer (proto/tendermint/privval and
// types). Hostile or unknown bytes throw MALFORMED.

import { concatBytes, equalBytes, utf8Bytes } from "../../base/bytes.js";
import { type CometBlockId, type CometTime, encodeTime, PRECOMMIT, PREVOTE } from "../../protocol/comet.js";
import { CodedError } from "../../protocol/errors.js";
import { lengthDelimited, ProtobufReader, ProtobufWriter } from "../../protocol/protobuf.js";

const PROPOSAL_TYPE = 32;
/** Where the time stands in what is signed. */
const VOTE_TIME = 5;
const PROPOSAL_TIME = 6;
const ROUND_MAX = 0x7fff_ffff;
const HASH_BYTES = 32;
const EMPTY = new Uint8Array(0);

/** What votes and proposals have in common. */
interface Signed {
  height: number;
  round: number;
  blockId: CometBlockId;
  /** The block's name as it came, for the answer. */
  blockIdBytes: Uint8Array;
  time: CometTime;
}

export interface Vote extends Signed {
  /** PREVOTE or PRECOMMIT. */
  step: number;
  validatorAddress: Uint8Array;
  validatorIndex: number;
}

export interface Proposal extends Signed {
  /** The round in which two thirds were for the block already; -1: none. */
  roundOfLock: number;
}

export type SignerRequest =
  | { name: "publicKey"; chainId: string }
  | { name: "vote"; chainId: string; vote: Vote }
  | { name: "proposal"; chainId: string; proposal: Proposal }
  | { name: "ping" };

/** Numbers of the oneof's fields. */
const REQUEST = { publicKey: 1, vote: 3, proposal: 5, ping: 7 } as const;
const ANSWER = { publicKey: 2, vote: 4, proposal: 6, ping: 8 } as const;

function malformed(message: string): CodedError {
  return new CodedError("MALFORMED", message);
}

function decodeTime(bytes: Uint8Array): CometTime {
  const reader = new ProtobufReader(bytes);
  const time = { seconds: 0, nanoseconds: 0 };
  while (reader.next()) {
    if (reader.field === 1) time.seconds = reader.varint();
    else if (reader.field === 2) time.nanoseconds = reader.varint();
    else reader.skip();
  }
  if (time.nanoseconds >= 1_000_000_000) {
    throw malformed(`expected nanoseconds of a second, got ${time.nanoseconds}`);
  }
  return time;
}

/** A vote's or proposal's signed bytes (cometVoteMessage, cometProposalMessage), parted into those of no time and their time. */
export function partTime(signed: Uint8Array): { message: Uint8Array; time: CometTime } {
  const content = signed.subarray(signed[0] < 128 ? 1 : 2);
  if (!equalBytes(lengthDelimited(content), signed)) {
    throw malformed("expected the signed bytes of a vote or proposal after their length");
  }
  const reader = new ProtobufReader(content);
  let type = 0;
  while (reader.next()) {
    if (reader.field === 1) type = reader.varint();
    else if (reader.field === (type === PROPOSAL_TYPE ? PROPOSAL_TIME : VOTE_TIME)) {
      const time = reader.bytes();
      const from = time.byteOffset - content.byteOffset;
      // An empty message in its place: its length is a byte.
      const timeless = concatBytes(
        content.subarray(0, from - 1),
        new Uint8Array(1),
        content.subarray(from + time.length),
      );
      return { message: lengthDelimited(timeless), time: decodeTime(time) };
    } else reader.skip();
  }
  throw malformed("expected the time of a vote or proposal, got none");
}

function decodeBlockId(bytes: Uint8Array): CometBlockId {
  const reader = new ProtobufReader(bytes);
  const id: CometBlockId = { hash: EMPTY, partCount: 0, partsHash: EMPTY };
  while (reader.next()) {
    if (reader.field === 1) id.hash = reader.bytes();
    else if (reader.field === 2) {
      const parts = new ProtobufReader(reader.bytes());
      while (parts.next()) {
        if (parts.field === 1) id.partCount = parts.varint();
        else if (parts.field === 2) id.partsHash = parts.bytes();
        else parts.skip();
      }
    } else reader.skip();
  }
  const isNone = id.hash.length === 0 && id.partCount === 0 && id.partsHash.length === 0;
  if (!isNone && (id.hash.length !== HASH_BYTES || id.partsHash.length !== HASH_BYTES || id.partCount === 0)) {
    throw malformed("expected the name of a block, or of none");
  }
  return id;
}

function expectPlace({ height, round }: Signed): void {
  if (height < 1 || round > ROUND_MAX) {
    throw malformed(`expected a height and a round, got ${height} and ${round}`);
  }
}

function decodeVote(bytes: Uint8Array): Vote {
  const reader = new ProtobufReader(bytes);
  let [step, height, round, validatorIndex] = [0, 0, 0, 0];
  let [blockIdBytes, validatorAddress, extension]: Uint8Array[] = [EMPTY, EMPTY, EMPTY];
  let time: CometTime = { seconds: 0, nanoseconds: 0 };
  while (reader.next()) {
    if (reader.field === 1) step = reader.varint();
    else if (reader.field === 2) height = reader.varint();
    else if (reader.field === 3) round = reader.varint();
    else if (reader.field === 4) blockIdBytes = reader.bytes();
    else if (reader.field === 5) time = decodeTime(reader.bytes());
    else if (reader.field === 6) validatorAddress = reader.bytes();
    else if (reader.field === 7) validatorIndex = reader.varint();
    else if (reader.field === 9) extension = reader.bytes();
    else reader.skip();
  }
  if ((step !== PREVOTE && step !== PRECOMMIT) || extension.length > 0) {
    throw malformed(`expected a prevote or a precommit without extension, got type ${step}`);
  }
  const blockId = decodeBlockId(blockIdBytes);
  const vote = { step, height, round, blockId, blockIdBytes, time, validatorAddress, validatorIndex };
  expectPlace(vote);
  return vote;
}

function decodeProposal(bytes: Uint8Array): Proposal {
  const reader = new ProtobufReader(bytes);
  let [type, height, round, roundOfLock] = [0, 0, 0, 0];
  let blockIdBytes: Uint8Array = EMPTY;
  let time: CometTime = { seconds: 0, nanoseconds: 0 };
  while (reader.next()) {
    if (reader.field === 1) type = reader.varint();
    else if (reader.field === 2) height = reader.varint();
    else if (reader.field === 3) round = reader.varint();
    else if (reader.field === 4) roundOfLock = reader.signedVarint();
    else if (reader.field === 5) blockIdBytes = reader.bytes();
    else if (reader.field === 6) time = decodeTime(reader.bytes());
    else reader.skip();
  }
  const blockId = decodeBlockId(blockIdBytes);
  if (type !== PROPOSAL_TYPE || blockId.hash.length === 0 || roundOfLock < -1 || roundOfLock > ROUND_MAX) {
    throw malformed(`expected the proposal of a block, got type ${type}`);
  }
  const proposal = { height, round, roundOfLock, blockId, blockIdBytes, time };
  expectPlace(proposal);
  return proposal;
}

/** What is asked (field 1; of a key, the chain), and of which chain. */
function decodeAsked(bytes: Uint8Array): { asked: Uint8Array; chainId: string } {
  const reader = new ProtobufReader(bytes);
  let asked: Uint8Array = EMPTY;
  let chainId = "";
  while (reader.next()) {
    if (reader.field === 1) asked = reader.bytes();
    else if (reader.field === 2) chainId = reader.text();
    else reader.skip();
  }
  return { asked, chainId };
}

export function decodeSignerRequest(frame: Uint8Array): SignerRequest {
  const reader = new ProtobufReader(frame);
  if (!reader.next()) {
    throw malformed("expected a request for a signature, got nothing");
  }
  const { field } = reader;
  const { asked, chainId } = decodeAsked(reader.bytes());
  switch (field) {
    case REQUEST.publicKey:
      return { name: "publicKey", chainId: new TextDecoder().decode(asked) };
    case REQUEST.vote:
      return { name: "vote", chainId, vote: decodeVote(asked) };
    case REQUEST.proposal:
      return { name: "proposal", chainId, proposal: decodeProposal(asked) };
    case REQUEST.ping:
      return { name: "ping" };
    default:
      throw malformed(`expected a request for a key or a signature, got field ${field}`);
  }
}

function answer(name: keyof typeof ANSWER, content: Uint8Array): Uint8Array {
  return new ProtobufWriter().message(ANSWER[name], content).finish();
}

export function encodePong(): Uint8Array {
  return answer("ping", EMPTY);
}

export function encodePublicKey(publicKey: Uint8Array): Uint8Array {
  const key = new ProtobufWriter().bytes(1, publicKey).finish();
  return answer("publicKey", new ProtobufWriter().message(1, key).finish());
}

/** The vote with its signatures, and with the time that was signed. */
export function encodeSignedVote(
  vote: Vote,
  time: CometTime,
  signature: Uint8Array,
  extensionSignature: Uint8Array,
): Uint8Array {
  const { step, height, round, blockIdBytes, validatorAddress, validatorIndex } = vote;
  const writer = new ProtobufWriter().varint(1, step).varint(2, height).varint(3, round).message(4, blockIdBytes);
  writer.message(5, encodeTime(time)).bytes(6, validatorAddress).varint(7, validatorIndex);
  writer.bytes(8, signature).bytes(10, extensionSignature);
  return answer("vote", new ProtobufWriter().message(1, writer.finish()).finish());
}

export function encodeSignedProposal(proposal: Proposal, time: CometTime, signature: Uint8Array): Uint8Array {
  const { height, round, roundOfLock, blockIdBytes } = proposal;
  const writer = new ProtobufWriter().varint(1, PROPOSAL_TYPE).varint(2, height).varint(3, round);
  writer.signedVarint(4, roundOfLock).message(5, blockIdBytes).message(6, encodeTime(time)).bytes(7, signature);
  return answer("proposal", new ProtobufWriter().message(1, writer.finish()).finish());
}

/** Says no: the engine goes on without the signature. */
export function encodeSignerRefusal(name: "publicKey" | "vote" | "proposal", reason: string): Uint8Array {
  const error = new ProtobufWriter().bytes(2, utf8Bytes(reason)).finish();
  return answer(name, new ProtobufWriter().message(1, EMPTY).message(2, error).finish());
}

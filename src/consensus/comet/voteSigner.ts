// Signs what the engine votes and proposes, by the key that the node holds. The record says on the disk what is signed at a height, round and
// step before a signature is given: another message there is refused, and the same one with another time gets the signature of the first
// time, since an engine that was killed before it wrote its vote down asks again.

import type { Logger } from "../../base/logging.js";
import {
  type CometTime,
  cometChainId,
  cometExtensionMessage,
  cometProposalMessage,
  cometVoteMessage,
  PRECOMMIT,
} from "../../protocol/comet.js";
import type { DelegateKey } from "../delegateKey.js";
import { type SigningPlace, type SigningRecord, SigningRefusedError } from "../signingRecord.js";
import {
  decodeSignerRequest,
  encodePong,
  encodePublicKey,
  encodeSignedProposal,
  encodeSignedVote,
  encodeSignerRefusal,
  type Proposal,
  type SignerRequest,
  type Vote,
} from "./signerMessages.js";

/** Of CometBFT's steps: a proposal comes before the votes of its round. */
const STEP_PROPOSAL = 1;
const STEP_BEFORE_VOTES = 1;
/** What stands for the time where messages are compared. */
const NO_TIME: CometTime = { seconds: 0, nanoseconds: 0 };
const EMPTY = new Uint8Array(0);

export interface VoteSignerOptions {
  genesisHash: Uint8Array;
  key: DelegateKey;
  record: SigningRecord;
  logger: Logger;
}

/** A time as the record's note. */
export function noteOf({ seconds, nanoseconds }: CometTime): Uint8Array {
  const note = new Uint8Array(12);
  const view = new DataView(note.buffer);
  view.setBigUint64(0, BigInt(seconds), true);
  view.setUint32(8, nanoseconds, true);
  return note;
}

function timeOf(note: Uint8Array): CometTime {
  const view = new DataView(note.buffer, note.byteOffset, note.byteLength);
  return { seconds: Number(view.getBigUint64(0, true)), nanoseconds: view.getUint32(8, true) };
}

export class VoteSigner {
  private readonly chainId: string;

  constructor(private readonly options: VoteSignerOptions) {
    this.chainId = cometChainId(options.genesisHash);
  }

  /** Answers one request. Throws MALFORMED for one that is none, and what the disk throws: then nothing is signed any more. */
  async answer(frame: Uint8Array): Promise<Uint8Array> {
    const request = decodeSignerRequest(frame);
    if (request.name === "ping") {
      return encodePong();
    }
    try {
      if (request.chainId !== this.chainId) {
        throw new SigningRefusedError(`expected the chain ${this.chainId}, got ${request.chainId}`);
      }
      return await this.sign(request);
    } catch (error) {
      if (!(error instanceof SigningRefusedError)) {
        throw error;
      }
      this.options.logger.warn({ request: request.name }, `a signature was refused: ${error.message}`);
      return encodeSignerRefusal(request.name, error.message);
    }
  }

  private sign(request: Exclude<SignerRequest, { name: "ping" }>): Uint8Array | Promise<Uint8Array> {
    switch (request.name) {
      case "publicKey":
        return encodePublicKey(this.options.key.publicKey);
      case "vote":
        return this.signVote(request.vote);
      case "proposal":
        return this.signProposal(request.proposal);
    }
  }

  private async signVote(vote: Vote): Promise<Uint8Array> {
    const { step, height, round, blockId } = vote;
    const place = { height, round, step: step + STEP_BEFORE_VOTES };
    const { time, signature } = await this.signOnce(place, vote.time, (at) =>
      cometVoteMessage(step, this.chainId, height, round, blockId, at),
    );
    const hasExtension = step === PRECOMMIT && blockId.hash.length > 0;
    // Of nothing but the place: it can't contradict another.
    const extension = hasExtension ? this.options.key.sign(cometExtensionMessage(this.chainId, height, round)) : EMPTY;
    return encodeSignedVote(vote, time, signature, extension);
  }

  private async signProposal(proposal: Proposal): Promise<Uint8Array> {
    const { height, round } = proposal;
    const place = { height, round, step: STEP_PROPOSAL };
    const { time, signature } = await this.signOnce(place, proposal.time, (at) =>
      cometProposalMessage(this.chainId, proposal, at),
    );
    return encodeSignedProposal(proposal, time, signature);
  }

  /** Signs the message of the time that was first asked for at this place. */
  private async signOnce(
    place: SigningPlace,
    asked: CometTime,
    messageAt: (time: CometTime) => Uint8Array,
  ): Promise<{ time: CometTime; signature: Uint8Array }> {
    const { key, record } = this.options;
    const time = timeOf(await record.claim(place, messageAt(NO_TIME), noteOf(asked)));
    return { time, signature: key.sign(messageAt(time)) };
  }
}

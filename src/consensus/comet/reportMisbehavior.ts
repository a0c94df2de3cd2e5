// Reports a delegate that signed twice: the engine's evidence becomes a transaction of this node's own delegate. Of all nodes the
// proposer of the block that holds the evidence does it. Where its account can't pay for that, the evidence lies ready on the disk.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes, fromHex, toHex } from "../../base/bytes.js";
import type { Logger } from "../../base/logging.js";
import { nextSequence } from "../../execution/verifyAdmissible.js";
import type { SubmitResult } from "../../mempool/mempool.js";
import type { MempoolState } from "../../mempool/poolAccounts.js";
import { addressOfKey } from "../../protocol/address.js";
import { cometAddress } from "../../protocol/comet.js";
import { CERTIFICATE_COMET } from "../../protocol/cometCertificate.js";
import type { CometVote } from "../../protocol/cometEvidence.js";
import type { Delegate } from "../../protocol/delegates.js";
import { type DoubleSignature, encodeEvidence, verifyEvidence } from "../../protocol/evidence.js";
import { transactionFee } from "../../protocol/fees.js";
import type { Operation } from "../../protocol/operations/operation.js";
import { chainTag, encodeBody, encodeTransaction, signingMessage } from "../../protocol/transaction.js";
import { readLane, readParameters } from "../../state/views.js";
import type { DelegateKey } from "../delegateKey.js";
import { askEngine, type BlockIdJson, blockIdOf, parseCometTime } from "./engineRpc.js";

const ANSWER_WAIT_MS = 5_000;
const LANE = 0;
const VALID_HEIGHTS = 1_000;

interface VoteJson {
  type: number;
  height: string;
  round: number;
  block_id: BlockIdJson;
  timestamp: string;
  validator_address: string;
  signature: string;
}

interface EvidenceJson {
  type: string;
  value: { vote_a: VoteJson; vote_b: VoteJson };
}

export interface MisbehaviorReporter {
  rpcPort: number;
  genesisHash: Uint8Array;
  key: DelegateKey;
  state: MempoolState;
  mempool: {
    submit(transactions: Uint8Array[]): Promise<SubmitResult[]>;
    pendingSequence(address: Uint8Array, lane: number): number | undefined;
  };
  /** Where evidence is kept. */
  directory: string;
  logger: Logger;
}

function voteOf({ block_id: blockId, timestamp, signature }: VoteJson): CometVote {
  return {
    blockId: blockIdOf(blockId),
    time: parseCometTime(timestamp),
    signature: new Uint8Array(Buffer.from(signature, "base64")),
  };
}

/** Evidence of our kind; undefined where it is about nobody in `delegates`, or no double vote. */
export function evidenceOf({ type, value }: EvidenceJson, delegates: Delegate[]): DoubleSignature | undefined {
  if (type !== "tendermint/DuplicateVoteEvidence") {
    return undefined;
  }
  const { vote_a: a, vote_b: b } = value;
  const address = fromHex(a.validator_address.toLowerCase());
  const delegate = delegates.find(({ publicKey }) => address && equalBytes(cometAddress(publicKey), address));
  if (delegate === undefined) {
    return undefined;
  }
  const votes: [CometVote, CometVote] = [voteOf(a), voteOf(b)];
  const { publicKey } = delegate;
  return { kind: CERTIFICATE_COMET, publicKey, height: Number(a.height), round: a.round, step: a.type, votes };
}

/** Reports what the engine's block at `height` holds against members of `delegates`. */
export async function reportMisbehavior(
  reporter: MisbehaviorReporter,
  height: number,
  delegates: Delegate[],
): Promise<void> {
  const { rpcPort, genesisHash, directory, logger } = reporter;
  const answer = (await askEngine(rpcPort, `/block?height=${height}`, ANSWER_WAIT_MS)) as {
    block: { evidence: { evidence: EvidenceJson[] } };
  };
  for (const item of answer.block.evidence.evidence) {
    const evidence = evidenceOf(item, delegates);
    if (evidence === undefined) {
      logger.error({ height, evidence: item }, "the engine has evidence of a kind that can't be reported");
      continue;
    }
    const proven = verifyEvidence(evidence, genesisHash);
    const bytes = encodeEvidence(evidence);
    await mkdir(directory, { recursive: true });
    const path = join(directory, `${proven.height}-${toHex(proven.publicKey).slice(0, 16)}.hex`);
    await writeFile(path, `${toHex(bytes)}\n`);
    const refused = await submit(reporter, bytes);
    const report = { delegate: toHex(proven.publicKey), height: proven.height, path, refused: refused?.message };
    logger.error(
      report,
      refused ? "a delegate signed twice; the report could not be sent" : "a delegate signed twice; reported",
    );
  }
}

async function submit(reporter: MisbehaviorReporter, evidence: Uint8Array): Promise<SubmitResult["error"]> {
  const { key, state, mempool, genesisHash } = reporter;
  const address = addressOfKey(key.publicKey);
  const parameters = readParameters(state);
  const operations: Operation[] = [{ kind: "reportDoubleSign", account: 0, evidence }];
  const next = nextSequence(readLane(state, address, LANE), state.height + 1);
  const body = encodeBody({
    chainTag: chainTag(genesisHash),
    signers: [{ address, publicKey: key.publicKey }],
    feePayer: 0,
    lane: LANE,
    sequence: mempool.pendingSequence(address, LANE) ?? next,
    validUntil: state.height + Math.min(VALID_HEIGHTS, parameters.validUntilHeightsMax),
    feeToken: "TTC",
    feeLimit: transactionFee(parameters, { feeToken: "TTC", operations }),
    operations,
  });
  const [{ error }] = await mempool.submit([encodeTransaction(body, [key.sign(signingMessage(genesisHash, body))])]);
  return error;
}

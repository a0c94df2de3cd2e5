// The faucet of a development chain: gives away TTC and mints TTM and TTMI on request. It signs with the chain's own faucet key
// and goes through the mempool like anybody.

import { nextSequence } from "../../execution/verifyAdmissible.js";
import type { SubmitResult } from "../../mempool/mempool.js";
import type { MempoolState } from "../../mempool/poolAccounts.js";
import { addressOfKey } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import { transactionFee } from "../../protocol/fees.js";
import type { Operation } from "../../protocol/operations/operation.js";
import { nativeIndex, type TokenId, TTC_UNIT } from "../../protocol/tokens.js";
import {
  chainTag,
  encodeBody,
  encodeTransaction,
  signingMessage,
  type TransactionBody,
  transactionId,
} from "../../protocol/transaction.js";
import { readLane, readParameters } from "../../state/views.js";
import type { DelegateKey } from "../delegateKey.js";

const FAUCET_LANE = 0;
const VALID_HEIGHTS = 1_000;

/** Units given where a request names none, and the most that one may name. */
const GIFTS: Record<string, { usual: bigint; most: bigint }> = {
  TTC: { usual: 1_000n * TTC_UNIT, most: 10_000_000n * TTC_UNIT },
  TTM: { usual: 1_000_000n, most: 1_000_000_000_000n },
  TTMI: { usual: 100_000n, most: 1_000_000_000_000n },
};

/** What the faucet asks of a mempool. */
export interface FaucetMempool {
  submit(transactions: Uint8Array[]): Promise<SubmitResult[]>;
  pendingSequence(address: Uint8Array, lane: number): number | undefined;
}

export class Faucet {
  readonly address: Uint8Array;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly key: DelegateKey,
    private readonly genesisHash: Uint8Array,
    private readonly state: MempoolState,
    private readonly mempool: FaucetMempool,
  ) {
    this.address = addressOfKey(key.publicKey);
  }

  /** Sends a gift on its way and returns its transaction's id. Throws a coded error where the request or the mempool says no. */
  give(to: Uint8Array, token: TokenId, units?: bigint): Promise<Uint8Array> {
    // One at a time: each takes the next sequence of the faucet's lane.
    const gift = this.last.then(() => this.send(to, token, units));
    this.last = gift.catch(() => undefined);
    return gift;
  }

  private async send(to: Uint8Array, token: TokenId, units?: bigint): Promise<Uint8Array> {
    if (nativeIndex(token) < 0) {
      throw new CodedError("UNKNOWN_TOKEN", `the faucet gives TTC, TTM and TTMI, not ${token}`);
    }
    const { usual, most } = GIFTS[token];
    const amount = units ?? usual;
    if (amount < 1n || amount > most) {
      throw new CodedError("AMOUNT_OUT_OF_RANGE", `expected 1 to ${most} units of ${token}, got ${amount}`);
    }
    const operation: Operation =
      token === "TTC"
        ? { kind: "transfer", account: 0, to, token, amount }
        : { kind: "mint", account: 0, token, to, amount };
    const body = encodeBody(this.bodyOf(operation));
    const signature = this.key.sign(signingMessage(this.genesisHash, body));
    const [result] = await this.mempool.submit([encodeTransaction(body, [signature])]);
    if (result.error !== undefined) {
      throw result.error;
    }
    return transactionId(body);
  }

  private bodyOf(operation: Operation): TransactionBody {
    const { state, address } = this;
    const parameters = readParameters(state);
    const lane = readLane(state, address, FAUCET_LANE);
    const next = nextSequence(lane, state.height + 1);
    return {
      chainTag: chainTag(this.genesisHash),
      signers: [{ address, publicKey: this.key.publicKey }],
      feePayer: 0,
      lane: FAUCET_LANE,
      sequence: this.mempool.pendingSequence(address, FAUCET_LANE) ?? next,
      validUntil: state.height + Math.min(VALID_HEIGHTS, parameters.validUntilHeightsMax),
      feeToken: "TTC",
      feeLimit: transactionFee(parameters, { feeToken: "TTC", operations: [operation] }),
      operations: [operation],
    };
  }
}

// Sends for one account: takes the next number of a lane, builds, signs, and stays with the transaction until its fate is
// known. Several sends may be under way at once; each takes its own number.

import { CodedError } from "../protocol/errors.js";
import { transactionFee } from "../protocol/fees.js";
import type { Account } from "./account.js";
import type { Action } from "./actions.js";
import {
  buildBody,
  buildTransaction,
  type ChainView,
  type SignedTransaction,
  type TransactionOptions,
} from "./buildTransaction.js";
import type { TTChainClient } from "./client.js";
import { LaneSequencer } from "./laneSequencer.js";
import { type Outcome, type SendOptions, sendTransaction } from "./sendTransaction.js";

export type SendTransactionOptions = Omit<TransactionOptions, "actions" | "sender" | "lane" | "sequence"> &
  SendOptions & {
    /** 0 by default; each till of an account takes its own. */
    lane?: number;
    /** The accounts that sign beside the sender. */
    cosigners?: Account[];
  };

// A lane that another program uses too moves on by itself; more often than this it is a contest.
const SEQUENCE_TRIES_MAX = 3;

export class Sender {
  readonly #client: TTChainClient;
  readonly #account: Account;
  readonly #sequencer: LaneSequencer;

  constructor(client: TTChainClient, account: Account) {
    this.#client = client;
    this.#account = account;
    this.#sequencer = new LaneSequencer(client, account.address);
  }

  /** What `actions` cost now, in units of the fee token. Asks the node for the parameters. */
  async quote(actions: Action[], options: SendTransactionOptions = {}): Promise<{ feeToken: string; fee: bigint }> {
    const chain = await this.#client.chain();
    const body = buildBody(chain, { ...options, actions, sender: this.#account, lane: 0, sequence: 0 });
    return { feeToken: body.feeToken, fee: transactionFee(chain.parameters, body) };
  }

  /**
   * Builds, signs and sends, and resolves with the outcome. Throws a coded error for what can't be built, NodeUnreachableError before
   * anything was sent, OutcomeUnknownError where the time was up.
   */
  async send(
    actions: Action[],
    options: SendTransactionOptions = {},
  ): Promise<{ transaction: SignedTransaction; outcome: Outcome }> {
    const { lane = 0, cosigners = [], timeoutMs, ...rest } = options;
    const chain = await this.#client.chain();
    for (let tries = 1; ; tries++) {
      const sequence = await this.#sequencer.next(lane);
      const transaction = await this.#build(chain, [this.#account, ...cosigners], { ...rest, actions, lane, sequence });
      const outcome = await sendTransaction(this.#client, transaction, timeoutMs === undefined ? {} : { timeoutMs });
      const sequenceWrong = outcome.code === "SEQUENCE_USED" || outcome.code === "SEQUENCE_GAP";
      if (outcome.state === "refused" && sequenceWrong) {
        this.#sequencer.resync(lane);
        if (tries < SEQUENCE_TRIES_MAX) {
          continue;
        }
      } else if (outcome.state === "refused") {
        await this.#sequencer.release(lane, sequence);
      }
      return { transaction, outcome };
    }
  }

  async #build(chain: ChainView, accounts: Account[], options: TransactionOptions): Promise<SignedTransaction> {
    try {
      return buildTransaction(chain, accounts, { ...options, sender: this.#account });
    } catch (error) {
      if (error instanceof CodedError) {
        await this.#sequencer.release(options.lane, options.sequence);
      }
      throw error;
    }
  }
}

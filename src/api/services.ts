// What the API reads of the node, and nothing more: the node hands its own parts in, a test hands in stand-ins.

import type { Registry } from "prom-client";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logging.js";
import type { BlockFeed } from "../events/blockFeed.js";
import type { History } from "../history/history.js";
import type { PaymentIndex } from "../history/payments/paymentIndex.js";
import type { ContractAbiJson } from "../protocol/contractApiTypes.js";
import type { CodedError } from "../protocol/errors.js";
import type { Genesis } from "../protocol/genesis.js";
import type { TokenId } from "../protocol/tokens.js";
import type { Transaction } from "../protocol/transaction.js";
import type { CommittedBlock } from "../storage/committedBlock.js";

/** The state after the latest block, and after earlier ones as far as they are kept. */
export interface ApiState {
  readonly height: number;
  readonly root: Uint8Array;
  get(key: Uint8Array): Uint8Array | undefined;
  /** Throws HEIGHT_NOT_KEPT. */
  getAt(height: number, key: Uint8Array): Uint8Array | undefined;
  /** An encoded ICS-23 CommitmentProof of presence or absence; throws HEIGHT_NOT_KEPT. */
  prove(key: Uint8Array, height?: number): Uint8Array;
}

export interface ApiSubmitResult {
  /** `bytesKey` of the id, and the id itself; undefined where the node did not get as far. */
  readonly idKey: string | undefined;
  readonly id: Uint8Array | undefined;
  readonly error: CodedError | undefined;
}

export interface ApiMempool {
  /**
   * Decides on each; the bytes are the mempool's from then on. Those of newcomers, whose signatures may be anything, are verified in
   * batches of their own.
   */
  submit(transactions: Uint8Array[], isNewcomer: boolean): Promise<ApiSubmitResult[]>;
  pending(id: Uint8Array): Transaction | undefined;
  /** Whether the transaction whose id has this `bytesKey` waits. */
  holds(idKey: string): boolean;
  pendingSequence(address: Uint8Array, lane: number): number | undefined;
  readonly count: number;
  readonly bytes: number;
}

export interface ApiBlocks {
  read(height: number): Promise<CommittedBlock | undefined>;
  readonly firstHeight: number | undefined;
  readonly lastHeight: number;
  readonly latest: CommittedBlock | undefined;
}

/** A read-only call of a contract; addresses of 32 bytes. */
export interface ApiContractView {
  contract: Uint8Array;
  functionName: string;
  /** Canonical encodings, one after another. */
  args: Uint8Array;
  caller: Uint8Array;
}

/** The machine that runs contracts, as far as questions need it. */
export interface ApiContracts {
  /** What a source declares; undefined for a text that is no contract. */
  abi(source: Uint8Array): ContractAbiJson | undefined;
  /** The returned value's encoding, as of the latest height. Throws a contract's code. */
  view(call: ApiContractView): { value: Uint8Array; gasUsed: number };
}

export interface ApiServices {
  contracts: ApiContracts;
  genesis: Genesis;
  genesisHash: Uint8Array;
  state: ApiState;
  mempool: ApiMempool;
  blocks: ApiBlocks;
  /** Holds every block before the feed tells of it. */
  history: History;
  payments: PaymentIndex;
  feed: BlockFeed;
  /** On a development chain: sends a gift of `amount` units on its way and gives its transaction's id. */
  faucet?: (address: Uint8Array, token: TokenId, amount?: bigint) => Promise<Uint8Array>;
  logger: Logger;
  clock: Clock;
  /** The program's version. */
  version: string;
  /** Whether the node follows its chain, as /readyz tells. */
  ready: () => boolean;
  /** Told of what failed that no client is to blame for: where it is damage, the node stops. */
  onFailure?: (error: unknown) => void;
  /** Called once with the registry behind /metrics, for others to add theirs. */
  registerMetrics?: (registry: Registry) => void;
}

// What a transaction's operations on contracts use and tell, beside what they change: it stays where the transaction fails.

import { assert } from "../../base/assert.js";
import type { ReceiptEvent } from "../../protocol/receipt.js";
import type { Transaction } from "../../protocol/transaction.js";
import type { LvmCall, LvmResult } from "../lvm/lvmMachine.js";
import type { WorkingState } from "../workingState.js";

/** Runs one call of a contract, on the block's state as it is then. */
export type CallRunner = (call: Omit<LvmCall, "host">, operationIndex: number) => LvmResult;

export interface ContractUsage {
  readonly run: CallRunner;
  /** Gas used by calls, and by packages: registrations and upgrades. */
  callGas: number;
  packageGas: number;
  /** What that gas costs in TTC units, each operation's rounded up. */
  costUnits: bigint;
  /** Told in the receipt of a transaction that fails. */
  readonly failureEvents: ReceiptEvent[];
}

/** The usage of a transaction that has operations on contracts. */
export function usageOf({ contracts }: { contracts: ContractUsage | undefined }): ContractUsage {
  assert(contracts !== undefined, "only a contract transaction has operations on contracts");
  return contracts;
}

/** Runs a transaction's calls of contracts, as its operations come to them. */
export interface ContractCalls {
  runnerFor(state: WorkingState, transaction: Transaction): CallRunner;
}

/** Gas that a block's contract transactions have used so far. */
export interface BlockGas {
  calls: number;
  packages: number;
  /** Whether one came already: no payment may follow it. */
  hasBegun: boolean;
  /** Whether so little is left that a block being made looks at no further one. */
  isFull: boolean;
}

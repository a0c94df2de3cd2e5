// What a block's transactions did with contracts: which were registered, and what the calls of each came to. A call is an operation of a
// transaction; calls of one contract by another leave no trace of their own in a receipt and count as part of the outermost.
// Gas and value are those of calls: registering and upgrading a contract are told of, but are no calls of it.

import { bytesKey, equalBytes } from "../base/bytes.js";
import { ERROR_CODES } from "../protocol/errors.js";
import { runsContracts } from "../protocol/readTransaction.js";
import { decodeReceipt, EVENT_KINDS, type Receipt, type ReceiptEvent } from "../protocol/receipt.js";
import { NATIVE_TOKENS, nativeIndex, tokenOfBytes } from "../protocol/tokens.js";
import { isPayment, type Transaction } from "../protocol/transaction.js";
import { Reader } from "../protocol/wire.js";
import { type CommittedBlock, transactionAt } from "../storage/committedBlock.js";
import type { ContractTotals } from "./history.js";

const [NO_CONTRACT] = ERROR_CODES.LVM_NO_CONTRACT;

export interface ContractChange extends ContractTotals {
  contract: Uint8Array;
  /** Whether the block shows that there is a contract at the address; else it was only paid by one. */
  isContract: boolean;
}

export interface ContractActivity {
  /** Contracts that came to be, in the block's order: transaction, and which of that transaction's. */
  registered: { index: number; ordinal: number; contract: Uint8Array }[];
  /** Requests for outside data, likewise: the key of each. */
  requests: { index: number; ordinal: number; request: Uint8Array }[];
  /** By the contract's address. */
  changes: Map<string, ContractChange>;
  /** Everything that ran, packages and deliveries of outside data included. */
  runs: { succeeded: number; failed: number; gasUsed: number };
}

export function noTotals(): ContractTotals {
  const nothing = () => NATIVE_TOKENS.map(() => 0n);
  return { calls: 0, failures: 0, gasUsed: 0, valueIn: nothing(), valueOut: nothing() };
}

export function addTotals(a: ContractTotals, b: ContractTotals): ContractTotals {
  return {
    calls: a.calls + b.calls,
    failures: a.failures + b.failures,
    gasUsed: a.gasUsed + b.gasUsed,
    valueIn: a.valueIn.map((units, i) => units + b.valueIn[i]),
    valueOut: a.valueOut.map((units, i) => units + b.valueOut[i]),
  };
}

/** `later` without what `earlier`, a part of it, came to. */
export function subtractTotals(later: ContractTotals, earlier: ContractTotals): ContractTotals {
  return {
    calls: later.calls - earlier.calls,
    failures: later.failures - earlier.failures,
    gasUsed: later.gasUsed - earlier.gasUsed,
    valueIn: later.valueIn.map((units, i) => units - earlier.valueIn[i]),
    valueOut: later.valueOut.map((units, i) => units - earlier.valueOut[i]),
  };
}

function isRun({ kind }: ReceiptEvent): boolean {
  return kind === EVENT_KINDS.contractResult || kind === EVENT_KINDS.contractFailure;
}

/** Gas of each operation that ran, by its index. */
function gasOfOperations(receipt: Receipt): Map<number, number> {
  return new Map(receipt.events.filter(isRun).map(({ data }) => [data[0], new Reader(data, 1).u32()]));
}

/** Whether the event that begins with an address tells of other code for a contract that is there already. */
function isUpgraded({ operations }: Transaction, data: Uint8Array): boolean {
  return operations.some((made) => made.kind === "upgradeContract" && equalBytes(made.contract, data.subarray(0, 32)));
}

class ActivityMaker {
  readonly activity: ContractActivity = {
    registered: [],
    requests: [],
    changes: new Map(),
    runs: { succeeded: 0, failed: 0, gasUsed: 0 },
  };

  add(transaction: Transaction, receipt: Receipt, index: number): void {
    this.countRuns(receipt);
    const gas = gasOfOperations(receipt);
    const isDone = receipt.code === 0;
    for (const [at, operation] of transaction.operations.entries()) {
      if (operation.kind === "callContract") {
        const isFailure = receipt.operationIndex === at && (receipt.code !== NO_CONTRACT || gas.has(at));
        if (isDone || isFailure) {
          const change = this.change(operation.contract);
          change.isContract = true;
          change.calls++;
          change.failures += isDone ? 0 : 1;
          change.gasUsed += gas.get(at) ?? 0;
        }
      }
    }
    let [ordinal, requested] = [0, 0];
    for (const { kind, data } of receipt.events) {
      if (kind === EVENT_KINDS.contractTransfer) {
        this.addTransfer(transaction, new Reader(data));
      } else if (kind === EVENT_KINDS.contractRegistered && !isUpgraded(transaction, data)) {
        const contract = data.slice(0, 32);
        this.activity.registered.push({ index, ordinal: ordinal++, contract });
        this.change(contract).isContract = true;
      } else if (kind === EVENT_KINDS.oracleRequest) {
        this.activity.requests.push({ index, ordinal: requested++, request: data.slice(0, 32) });
      }
    }
  }

  private countRuns(receipt: Receipt): void {
    const { runs } = this.activity;
    for (const event of receipt.events.filter(isRun)) {
      runs[event.kind === EVENT_KINDS.contractResult ? "succeeded" : "failed"]++;
      runs.gasUsed += new Reader(event.data, 1).u32();
    }
  }

  private addTransfer({ signers }: Transaction, reader: Reader): void {
    const [from, to] = [reader.raw(32), reader.raw(32)];
    const token = nativeIndex(tokenOfBytes(reader.raw(32)));
    const amount = reader.u64();
    if (token >= 0) {
      // Only payments of calls come from a signer; whoever else pays in a contract's name is one.
      if (!signers.some(({ address }) => equalBytes(address, from))) {
        const payer = this.change(from);
        payer.isContract = true;
        payer.valueOut[token] += amount;
      }
      this.change(to).valueIn[token] += amount;
    }
  }

  private change(contract: Uint8Array): ContractChange {
    const key = bytesKey(contract);
    let change = this.activity.changes.get(key);
    if (change === undefined) {
      change = { contract, isContract: false, ...noTotals() };
      this.activity.changes.set(key, change);
    }
    return change;
  }
}

export function contractActivity(committed: CommittedBlock): ContractActivity {
  const { block, receipts } = committed;
  const maker = new ActivityMaker();
  for (let index = 0; index < block.transactions.length; index++) {
    // Most are payments: seen from their bytes, none of them has to be decoded.
    if (!isPayment(block.transactions[index])) {
      const transaction = transactionAt(committed, index);
      if (runsContracts(transaction)) {
        maker.add(transaction, decodeReceipt(receipts[index]), index);
      }
    }
  }
  return maker.activity;
}

// What a block's transactions did to whom. A transfer gives its payer and its payee one entry each; whoever only paid the fee,
// or only signed, gets an entry that says so. A failed transaction is entered for its signers alone: nobody else was touched.

import { bytesKey, equalBytes, toHex } from "../base/bytes.js";
import { contractAddress } from "../protocol/address.js";
import type { Operation } from "../protocol/operations/operation.js";
import { decodeReceipt, EVENT_KINDS, NO_OPERATION, type Receipt, receiptEventCount } from "../protocol/receipt.js";
import { nativeIndex, type TokenId, tokenOfBytes } from "../protocol/tokens.js";
import { operationsOffset, SIGNERS_OFFSET, type Transaction } from "../protocol/transaction.js";
import { Reader } from "../protocol/wire.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import type { HistoryEntry } from "./history.js";

/** Makes the entries of one transaction. Every entry has all fields in one order, which keeps making them cheap. */
class EntryMaker {
  private readonly first: number;
  private tokensCreated = 0;

  constructor(
    private readonly block: CommittedBlock,
    private readonly index: number,
    private readonly transaction: Transaction,
    private readonly receipt: Receipt,
    private readonly entries: HistoryEntry[],
  ) {
    this.first = entries.length;
  }

  make(): void {
    const { transaction, receipt } = this;
    for (let i = 0; i < transaction.operations.length; i++) {
      this.addOperation(transaction.operations[i], i);
    }
    this.addContractTransfers();
    this.addOnlookers();
    const payer = transaction.signers[transaction.feePayer].address;
    for (let i = this.first; i < this.entries.length; i++) {
      const entry = this.entries[i];
      if (equalBytes(entry.account, payer)) {
        entry.fee = receipt.fee;
        entry.feeToken = transaction.feeToken;
        break;
      }
    }
    if (transaction.memo !== undefined) {
      this.addMemo(transaction.memo);
    }
  }

  private add(
    account: Uint8Array,
    operationIndex: number,
    kind: HistoryEntry["kind"],
    direction: HistoryEntry["direction"],
    counterparty: Uint8Array | undefined,
    token: TokenId | undefined,
    amount: bigint | undefined,
  ): HistoryEntry {
    const entry: HistoryEntry = {
      account,
      height: this.block.height,
      index: this.index,
      operationIndex,
      id: this.transaction.id,
      timeMs: this.block.block.header.timeMs,
      code: this.receipt.code,
      direction,
      kind,
      counterparty,
      token,
      amount,
      reference: undefined,
      frozen: undefined,
      fee: undefined,
      feeToken: undefined,
      memo: undefined,
    };
    this.entries.push(entry);
    return entry;
  }

  private addOperation(operation: Operation, at: number): void {
    const { kind } = operation;
    const owner = this.transaction.signers[operation.account].address;
    switch (kind) {
      case "transfer": {
        const { to, token, amount, reference } = operation;
        for (const entry of this.addSides(owner, to, at, kind, ["out", "in", "self"], token, amount)) {
          entry.reference = reference;
        }
        break;
      }
      case "mint":
        this.addSides(owner, operation.to, at, kind, ["self", "in", "in"], operation.token, operation.amount);
        break;
      case "setFrozen":
        for (const entry of this.addSides(
          owner,
          operation.target,
          at,
          kind,
          ["self", "self", "self"],
          operation.token,
        )) {
          entry.frozen = operation.frozen;
        }
        break;
      case "closeAccount":
        this.addSides(owner, operation.beneficiary, at, kind, ["out", "in", "self"]);
        break;
      case "burn":
        this.add(owner, at, kind, "out", undefined, operation.token, operation.amount);
        break;
      case "createToken": {
        const token = this.receipt.code === 0 ? this.nextCreatedToken() : undefined;
        this.add(owner, at, kind, operation.supply > 0n ? "in" : "self", undefined, token, operation.supply);
        break;
      }
      case "replaceKey":
        this.add(owner, at, kind, "self", undefined, undefined, undefined);
        break;
      case "registerContract": {
        const contract = contractAddress(this.transaction.id, at);
        this.addSides(owner, contract, at, kind, ["self", "self", "self"]);
        break;
      }
      case "callContract":
      case "publishContract":
      case "upgradeContract":
      case "setContractPaused":
      case "destroyContract":
        this.addSides(owner, operation.contract, at, kind, ["self", "self", "self"]);
        break;
      case "transferName":
        this.addSides(owner, operation.to, at, "name", ["self", "self", "self"]);
        break;
      case "commitName":
      case "revealName":
      case "setName":
      case "renewName":
      case "releaseName":
        this.add(owner, at, "name", "self", undefined, undefined, undefined);
        break;
      case "vote":
        this.add(owner, at, "delegation", operation.amount > 0n ? "out" : "self", undefined, "TTC", operation.amount);
        break;
      default:
        this.add(owner, at, "delegation", "self", undefined, undefined, undefined);
        break;
    }
  }

  /** The entries of an operation's two sides; `directions` of its owner, of the other, and of one who is both. */
  private addSides(
    owner: Uint8Array,
    other: Uint8Array,
    at: number,
    kind: HistoryEntry["kind"],
    directions: [HistoryEntry["direction"], HistoryEntry["direction"], HistoryEntry["direction"]],
    token?: TokenId,
    amount?: bigint,
  ): HistoryEntry[] {
    if (equalBytes(owner, other)) {
      return [this.add(owner, at, kind, directions[2], undefined, token, amount)];
    }
    const own = this.add(owner, at, kind, directions[0], other, token, amount);
    return this.receipt.code === 0 ? [own, this.add(other, at, kind, directions[1], owner, token, amount)] : [own];
  }

  private nextCreatedToken(): TokenId | undefined {
    const created = this.receipt.events.filter((event) => event.kind === EVENT_KINDS.tokenCreated);
    const event = created[this.tokensCreated++];
    return event === undefined ? undefined : toHex(event.data);
  }

  /** What contracts moved, payments of calls included. */
  private addContractTransfers(): void {
    for (const { kind, data } of this.receipt.events) {
      if (kind === EVENT_KINDS.contractTransfer) {
        const reader = new Reader(data);
        const [from, to] = [reader.raw(32), reader.raw(32)];
        const token = tokenOfBytes(reader.raw(32));
        const amount = reader.u64();
        this.addSides(from, to, NO_OPERATION, "contractTransfer", ["out", "in", "self"], token, amount);
      }
    }
  }

  /** Signers whose accounts no operation touched: one who pays for others, and co-signers. */
  private addOnlookers(): void {
    const { signers, feePayer } = this.transaction;
    const end = this.entries.length;
    for (let i = 0; i < signers.length; i++) {
      const { address } = signers[i];
      let touched = false;
      for (let j = this.first; j < end && !touched; j++) {
        touched = equalBytes(this.entries[j].account, address);
      }
      if (!touched && i === feePayer) {
        this.add(address, NO_OPERATION, "fee", "out", undefined, undefined, undefined);
      } else if (!touched) {
        this.add(address, NO_OPERATION, "signature", "self", undefined, undefined, undefined);
      }
    }
  }

  private addMemo(memo: Uint8Array): void {
    const seen = new Set<string>();
    for (let i = this.first; i < this.entries.length; i++) {
      const key = bytesKey(this.entries[i].account);
      if (!seen.has(key)) {
        seen.add(key);
        this.entries[i].memo = memo;
      }
    }
  }
}

/** Appends the entries of one of a block's transactions. */
export function addAccountEntries(
  entries: HistoryEntry[],
  block: CommittedBlock,
  index: number,
  transaction: Transaction,
  receipt: Receipt,
): void {
  new EntryMaker(block, index, transaction, receipt, entries).make();
}

/** Every entry that a block makes, in the order of its transactions. */
export function accountEntries(block: CommittedBlock): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const { transactions, receipts } = block;
  for (let index = 0; index < transactions.length; index++) {
    addAccountEntries(entries, block, index, transactions[index], decodeReceipt(receipts[index]));
  }
  return entries;
}

/** At most how many entries a block makes: two sides of each operation and of each transfer that a contract made, and one a signer. */
export function accountEntriesMost({ block, receipts }: CommittedBlock): number {
  let sum = 0;
  for (let index = 0; index < block.transactions.length; index++) {
    const bytes = block.transactions[index];
    const operations = bytes[operationsOffset(bytes)];
    sum += 2 * operations + bytes[SIGNERS_OFFSET - 1] + 2 * receiptEventCount(receipts[index]);
  }
  return sum;
}

/** Whether an entry may have given its account a leaf for a created token. */
export function creditsCreatedToken(entry: HistoryEntry): entry is HistoryEntry & { token: TokenId } {
  const touches = entry.direction === "in" || entry.kind === "setFrozen";
  return entry.code === 0 && touches && entry.token !== undefined && nativeIndex(entry.token) < 0;
}

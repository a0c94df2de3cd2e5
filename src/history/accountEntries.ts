// What a block's transactions did to whom. A transfer gives its payer and its payee one entry each; whoever only paid the fee,
// or only signed, gets an entry that says so. A failed transaction is entered for its signers alone: nobody else was touched.

import { bytesKey, equalBytes, toHex } from "../base/bytes.js";
import type { Operation } from "../protocol/operations/operation.js";
import { decodeReceipt, EVENT_KINDS, NO_OPERATION, type Receipt } from "../protocol/receipt.js";
import { nativeIndex, type TokenId } from "../protocol/tokens.js";
import type { Transaction } from "../protocol/transaction.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import type { HistoryEntry } from "./history.js";

export interface AccountEntry {
  address: Uint8Array;
  entry: HistoryEntry;
}

type Effect = Pick<HistoryEntry, "direction"> &
  Partial<Pick<HistoryEntry, "token" | "amount" | "reference" | "frozen">>;

/** One operation's two sides; where both are the same account, the first alone counts. */
interface Sides {
  own: Effect;
  other?: { address: Uint8Array; effect: Effect };
}

function sidesOf(operation: Operation, createdToken: TokenId | undefined): Sides {
  switch (operation.kind) {
    case "transfer": {
      const { to, token, amount, reference } = operation;
      const moved = reference === undefined ? { token, amount } : { token, amount, reference };
      return { own: { direction: "out", ...moved }, other: { address: to, effect: { direction: "in", ...moved } } };
    }
    case "mint": {
      const { to, token, amount } = operation;
      const effect: Effect = { direction: "in", token, amount };
      return { own: { direction: "self", token, amount }, other: { address: to, effect } };
    }
    case "burn":
      return { own: { direction: "out", token: operation.token, amount: operation.amount } };
    case "createToken": {
      const face = createdToken === undefined ? {} : { token: createdToken };
      return { own: { direction: operation.supply > 0n ? "in" : "self", amount: operation.supply, ...face } };
    }
    case "replaceKey":
      return { own: { direction: "self" } };
    case "setFrozen": {
      const { token, target, frozen } = operation;
      const effect: Effect = { direction: "self", token, frozen };
      return { own: effect, other: { address: target, effect } };
    }
    case "closeAccount":
      return { own: { direction: "out" }, other: { address: operation.beneficiary, effect: { direction: "in" } } };
  }
}

/** Ids of the tokens that a transaction created, by the index of the operation that did. */
function createdTokens(transaction: Transaction, receipt: Receipt): Map<number, TokenId> {
  const ids = receipt.events
    .filter((event) => event.kind === EVENT_KINDS.tokenCreated)
    .map((event) => toHex(event.data));
  const created = new Map<number, TokenId>();
  if (ids.length > 0) {
    for (const [index, operation] of transaction.operations.entries()) {
      const id = operation.kind === "createToken" ? ids[created.size] : undefined;
      if (id !== undefined) {
        created.set(index, id);
      }
    }
  }
  return created;
}

/** The entries of one transaction, in the order of its operations. */
function transactionEntries(block: CommittedBlock, index: number): AccountEntry[] {
  const transaction = block.transactions[index];
  const receipt = decodeReceipt(block.receipts[index]);
  const created = createdTokens(transaction, receipt);
  const place = {
    height: block.height,
    index,
    id: transaction.id,
    timeMs: block.block.header.timeMs,
    code: receipt.code,
  };
  const entries: AccountEntry[] = [];
  for (const [operationIndex, operation] of transaction.operations.entries()) {
    const owner = transaction.signers[operation.account].address;
    const { own, other } = sidesOf(operation, created.get(operationIndex));
    const common = { ...place, operationIndex, kind: operation.kind };
    const toItself = other !== undefined && equalBytes(owner, other.address);
    if (other === undefined) {
      entries.push({ address: owner, entry: { ...common, ...own } });
    } else if (toItself) {
      const effect = operation.kind === "mint" ? other.effect : { ...own, direction: "self" as const };
      entries.push({ address: owner, entry: { ...common, ...effect } });
    } else {
      entries.push({ address: owner, entry: { ...common, ...own, counterparty: other.address } });
      if (receipt.code === 0) {
        entries.push({ address: other.address, entry: { ...common, ...other.effect, counterparty: owner } });
      }
    }
  }
  addOnlookers(transaction, place, entries);
  addFeeAndMemo(transaction, receipt, entries);
  return entries;
}

/** Signers whose accounts no operation touched: the one who pays for others, and co-signers. */
function addOnlookers(
  transaction: Transaction,
  place: Pick<HistoryEntry, "height" | "index" | "id" | "timeMs" | "code">,
  entries: AccountEntry[],
): void {
  for (const [i, { address }] of transaction.signers.entries()) {
    if (!entries.some((entry) => equalBytes(entry.address, address))) {
      const face =
        i === transaction.feePayer
          ? { direction: "out" as const, kind: "fee" as const }
          : { direction: "self" as const, kind: "signature" as const };
      entries.push({ address, entry: { ...place, operationIndex: NO_OPERATION, ...face } });
    }
  }
}

function addFeeAndMemo(transaction: Transaction, receipt: Receipt, entries: AccountEntry[]): void {
  const payer = transaction.signers[transaction.feePayer].address;
  const paying = entries.find(({ address }) => equalBytes(address, payer));
  if (paying !== undefined) {
    paying.entry.fee = receipt.fee;
    paying.entry.feeToken = transaction.feeToken;
  }
  if (transaction.memo !== undefined) {
    const seen = new Set<string>();
    for (const { address, entry } of entries) {
      const key = bytesKey(address);
      if (!seen.has(key)) {
        seen.add(key);
        entry.memo = transaction.memo;
      }
    }
  }
}

/** Every entry that a block makes, in the order of its transactions. */
export function accountEntries(block: CommittedBlock): AccountEntry[] {
  return block.transactions.flatMap((_, index) => transactionEntries(block, index));
}

/** Whether an entry may have given its account a leaf for a created token. */
export function creditsCreatedToken(entry: HistoryEntry): entry is HistoryEntry & { token: TokenId } {
  const touches = entry.direction === "in" || entry.kind === "setFrozen";
  return entry.code === 0 && touches && entry.token !== undefined && nativeIndex(entry.token) < 0;
}

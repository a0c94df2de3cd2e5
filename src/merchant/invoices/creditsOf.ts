// The credits of a block, as far as a store may be paid by them: transfers and mintings of transactions that took effect, and what
// contracts pay. Paying oneself moves nothing, so it is none. A pure function of the block.

import { equalBytes, toHex } from "../../base/bytes.js";
import type { Operation } from "../../protocol/operations/operation.js";
import { decodeReceipt, EVENT_KINDS, receiptEventCount } from "../../protocol/receipt.js";
import { type TokenId, tokenOfBytes } from "../../protocol/tokens.js";
import type { Transaction } from "../../protocol/transaction.js";
import { Reader } from "../../protocol/wire.js";
import type { ChainBlock } from "../chain/chainSource.js";

export interface Credit {
  /** height-index-operation, with an "e" before the number of a receipt's event. */
  id: string;
  transaction: Transaction;
  from: Uint8Array;
  to: Uint8Array;
  token: TokenId;
  amount: bigint;
  reference?: Uint8Array;
}

function creditOf(operation: Operation, transaction: Transaction, id: string): Credit | undefined {
  if (operation.kind !== "transfer" && operation.kind !== "mint") {
    return undefined;
  }
  const { to, token, amount } = operation;
  const from = transaction.signers[operation.account].address;
  const reference = operation.kind === "transfer" ? operation.reference : undefined;
  if (operation.kind === "transfer" && equalBytes(from, to)) {
    return undefined;
  }
  return { id, transaction, from, to, token, amount, ...(reference === undefined ? {} : { reference }) };
}

function* contractCredits(receipt: Uint8Array, transaction: Transaction, place: string): Iterable<Credit> {
  for (const [index, { kind, data }] of decodeReceipt(receipt).events.entries()) {
    if (kind === EVENT_KINDS.contractTransfer) {
      const reader = new Reader(data);
      const [from, to, token] = [reader.raw(32), reader.raw(32), reader.raw(32)];
      if (!equalBytes(from, to)) {
        yield { id: `${place}-e${index}`, transaction, from, to, token: tokenOfBytes(token), amount: reader.u64() };
      }
    }
  }
}

/** In the order in which they took effect, as far as one transaction's operations and events tell. */
export function* creditsOf(block: ChainBlock): Iterable<Credit> {
  for (const [index, transaction] of block.transactions.entries()) {
    const receipt = block.receipts[index];
    const succeeded = receipt[0] === 0 && receipt[1] === 0;
    if (!succeeded) {
      continue;
    }
    const place = `${block.height}-${index}`;
    for (const [number, operation] of transaction.operations.entries()) {
      const credit = creditOf(operation, transaction, `${place}-${number}`);
      if (credit !== undefined) {
        yield credit;
      }
    }
    if (receiptEventCount(receipt) > 0) {
      yield* contractCredits(receipt, transaction, place);
    }
  }
}

/** A memo as text; undefined where there is none, or it is none. */
export function memoText({ memo }: Transaction): string | undefined {
  if (memo === undefined) {
    return undefined;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(memo);
  } catch {
    return toHex(memo);
  }
}

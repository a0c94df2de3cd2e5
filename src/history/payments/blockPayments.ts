// The payments of a block, in the order of their making. What a store keeps and what a pending block answers come from here alone.

import { equalBytes } from "../../base/bytes.js";
import { decodeReceipt, EVENT_KINDS, type Receipt } from "../../protocol/receipt.js";
import { type TokenId, tokenOfBytes } from "../../protocol/tokens.js";
import type { Transaction } from "../../protocol/transaction.js";
import { Reader } from "../../protocol/wire.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import { CONTRACT_PARTS, type Payment, type PaymentKind } from "./payment.js";

class PaymentMaker {
  private first = true;

  constructor(
    private readonly block: CommittedBlock,
    private readonly index: number,
    private readonly transaction: Transaction,
    private readonly receipt: Receipt,
    private readonly payments: Payment[],
  ) {}

  make(): void {
    const { operations, signers } = this.transaction;
    for (let part = 0; part < operations.length; part++) {
      const operation = operations[part];
      const owner = signers[operation.account].address;
      if (operation.kind === "transfer") {
        const { to, token, amount, reference } = operation;
        this.add(part, "transfer", owner, to, token, amount, reference);
      } else if (operation.kind === "mint") {
        this.add(part, "mint", owner, operation.to, operation.token, operation.amount, undefined);
      } else if (operation.kind === "burn") {
        this.add(part, "burn", owner, undefined, operation.token, operation.amount, undefined);
      }
    }
    let part = CONTRACT_PARTS;
    for (const { kind, data } of this.receipt.events) {
      if (kind === EVENT_KINDS.contractTransfer) {
        const reader = new Reader(data);
        const [from, to, token] = [reader.raw(32), reader.raw(32), tokenOfBytes(reader.raw(32))];
        this.add(part++, "contractTransfer", from, to, token, reader.u64(), undefined);
      }
    }
  }

  private add(
    part: number,
    kind: PaymentKind,
    from: Uint8Array,
    to: Uint8Array | undefined,
    token: TokenId,
    amount: bigint,
    reference: Uint8Array | undefined,
  ): void {
    const { transaction, receipt, block } = this;
    const { signers, feePayer, feeToken, lane } = transaction;
    const fee = this.first ? { amount: receipt.fee, token: feeToken, payer: signers[feePayer].address } : undefined;
    this.first = false;
    this.payments.push({
      height: block.height,
      index: this.index,
      part,
      id: transaction.id,
      timeMs: block.block.header.timeMs,
      code: receipt.code,
      kind,
      from,
      to,
      token,
      amount,
      reference,
      memo: transaction.memo,
      lane: lane !== 0 && equalBytes(from, signers[0].address) ? lane : 0,
      fee,
    });
  }
}

/** Appends the payments of one of a block's transactions. */
export function addPayments(
  payments: Payment[],
  block: CommittedBlock,
  index: number,
  transaction: Transaction,
  receipt: Receipt,
): void {
  new PaymentMaker(block, index, transaction, receipt, payments).make();
}

/** All payments of a block. */
export function blockPayments(block: CommittedBlock): Payment[] {
  const payments: Payment[] = [];
  const { transactions, receipts } = block;
  for (let index = 0; index < transactions.length; index++) {
    addPayments(payments, block, index, transactions[index], decodeReceipt(receipts[index]));
  }
  return payments;
}

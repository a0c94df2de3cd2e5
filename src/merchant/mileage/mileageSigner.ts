// The store's signature under a purchase that gives and takes mileage: payer and store sign one transaction, so that price, mileage
// spent and mileage earned move together or not at all. The signer signs what the store's rules allow and nothing else, because whatever
// it signs can be committed.

import { equalBytes, toHex } from "../../base/bytes.js";
import type { Account } from "../../client/account.js";
import type { TTChainClient } from "../../client/client.js";
import { formatAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import type { Transfer } from "../../protocol/operations/operation.js";
import type { TokenId } from "../../protocol/tokens.js";
import { chainTag, decodeTransaction, encodeTransaction, type Transaction } from "../../protocol/transaction.js";
import type { MerchantRows } from "../rows/merchantRows.js";
import { earnedMileage, gradeOf, type MileageRules, spendableMileage } from "./mileageRules.js";

const PAYER = 0;
const STORE = 1;

export interface MileageSignerOptions {
  rules: MileageRules;
  /** The store's account, which gives the mileage. */
  store: Account;
  /** What prices are in; one unit of mileage is worth one unit of it. */
  priceToken: TokenId;
  mileageToken: TokenId;
  rows: MerchantRows;
  client: Pick<TTChainClient, "chain" | "transaction">;
}

/** What a customer has bought so far, in units of the price token: purchases that were committed, and signed ones whose fate is not known. */
interface CustomerRow {
  spent: string;
  pending: { id: string; validUntil: number; price: string }[];
}

/** What the rules say of a purchase before it is made. */
export interface MileageQuote {
  grade: string;
  /** Mileage that may go towards the price, were it held. */
  spendable: bigint;
  /** Earned where `spent` of the price is paid in mileage. */
  earned: bigint;
}

function refuse(expected: string): never {
  throw new CodedError("MALFORMED", `purchase with mileage: expected ${expected}`);
}

export class MileageSigner {
  constructor(private readonly options: MileageSignerOptions) {}

  /** What it signs for: whose account gives mileage, and in which tokens. */
  get signs(): Pick<MileageSignerOptions, "store" | "priceToken" | "mileageToken"> {
    return this.options;
  }

  /** Throws MALFORMED where more mileage is to be spent than the rules allow. */
  async quote(payer: string, price: bigint, spent: bigint): Promise<MileageQuote> {
    const { rules } = this.options;
    const spentBefore = await this.spentBefore(payer);
    const spendable = spendableMileage(rules, price, price);
    if (spent > spendable || spent % rules.spendStepUnits !== 0n) {
      refuse(`at most ${spendable} of mileage in steps of ${rules.spendStepUnits}, got ${spent}`);
    }
    return {
      grade: gradeOf(rules, spentBefore).name,
      spendable,
      earned: earnedMileage(rules, { price, spent, spentBefore }),
    };
  }

  /**
   * Signs an encoded purchase whose second signature, the store's, is still zero, and gives the whole transaction. The payer must be its
   * sender and pay its fee. Throws MALFORMED for anything that the rules do not allow.
   */
  async sign(bytes: Uint8Array): Promise<{ id: string; bytes: Uint8Array }> {
    const transaction = decodeTransaction(bytes);
    const chain = await this.options.client.chain();
    const { payer, price, spent, earned } = this.read(transaction, chain.genesisHash);
    const quote = await this.quote(payer, price, spent);
    if (earned > quote.earned) {
      refuse(`at most ${quote.earned} of mileage earned, got ${earned}`);
    }
    const body = bytes.subarray(0, transaction.bodyBytes);
    const signature = this.options.store.signBody(chain.genesisHash, body);
    const id = toHex(transaction.id);
    await this.remember(payer, { id, validUntil: transaction.validUntil, price: price.toString() });
    return { id, bytes: encodeTransaction(body, [transaction.signatures[PAYER], signature]) };
  }

  /** The parts of a purchase. Throws MALFORMED where it is none. */
  private read(transaction: Transaction, genesisHash: Uint8Array) {
    const { store, priceToken, mileageToken } = this.options;
    const { signers, feePayer, operations } = transaction;
    if (!equalBytes(transaction.chainTag, chainTag(genesisHash))) {
      refuse("a transaction of this chain");
    }
    if (signers.length !== 2 || feePayer !== PAYER || !equalBytes(signers[STORE].address, store.address)) {
      refuse("two signers, the payer who sends and pays the fee, and the store");
    }
    const isMove = (operation: Transfer, from: number, token: TokenId): boolean =>
      operation.account === from && operation.token === token && equalBytes(operation.to, signers[1 - from].address);
    let [paid, spent, earned] = [0n, 0n, 0n];
    for (const operation of operations) {
      if (operation.kind === "transfer" && isMove(operation, PAYER, priceToken) && paid === 0n) {
        paid = operation.amount;
      } else if (operation.kind === "transfer" && isMove(operation, PAYER, mileageToken) && spent === 0n) {
        spent = operation.amount;
      } else if (operation.kind === "transfer" && isMove(operation, STORE, mileageToken) && earned === 0n) {
        earned = operation.amount;
      } else {
        refuse("one payment to the store, at most one of mileage to it, and at most one of mileage from it");
      }
    }
    if (paid === 0n && spent === 0n) {
      refuse("a payment");
    }
    return { payer: formatAddress(signers[PAYER].address), price: paid + spent, spent, earned };
  }

  private row(payer: string): CustomerRow {
    return this.options.rows.get<CustomerRow>("mileage", payer) ?? { spent: "0", pending: [] };
  }

  /** What the payer has bought before: committed purchases only. Those whose fate is known by now are settled. */
  private async spentBefore(payer: string): Promise<bigint> {
    const { client, rows } = this.options;
    const settled = new Map<string, boolean>();
    for (const { id, validUntil } of this.row(payer).pending) {
      const { state } = await client.transaction(id, { validUntil });
      if (state !== "unknown" && state !== "pending") {
        settled.set(id, state === "committed");
      }
    }
    // Read again: other purchases may have been signed meanwhile.
    const row = this.row(payer);
    const committed = row.pending.filter(({ id }) => settled.get(id) === true);
    const spent = committed.reduce((sum, { price }) => sum + BigInt(price), BigInt(row.spent));
    const pending = row.pending.filter(({ id }) => !settled.has(id));
    if (pending.length !== row.pending.length) {
      rows.put("mileage", payer, { spent: spent.toString(), pending } satisfies CustomerRow);
    }
    return spent;
  }

  private async remember(payer: string, purchase: CustomerRow["pending"][number]): Promise<void> {
    const { rows } = this.options;
    const row = this.row(payer);
    if (!row.pending.some(({ id }) => id === purchase.id)) {
      rows.put("mileage", payer, { ...row, pending: [...row.pending, purchase] } satisfies CustomerRow);
    }
    await rows.durable();
  }
}

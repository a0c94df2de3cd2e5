// Purchases of an invoice with mileage: one transaction pays what is due, in money and mileage if wanted, and gives the mileage that the
// invoice promises; payer and store both sign it. The gateway has the store's desk sign what pays this invoice and nothing else, and
// for one purchase of an invoice at a time: another only when the one before can't be committed any more, so mileage is given once.

import { equalBytes, fromHex, toHex } from "../../base/bytes.js";
import { parseAddress } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import type { InvoiceJson, MileageOfferJson, PaymentJson } from "../../protocol/merchantApiTypes.js";
import type { Transfer } from "../../protocol/operations/operation.js";
import { decodeTransaction, signingMessage, type Transaction } from "../../protocol/transaction.js";
import { ed25519 } from "../../wasm/ed25519.js";
import type { GatewayParts } from "../gatewayParts.js";
import { dueOfPart, type MoneyOf } from "../invoices/standing.js";
import type { MileageDesk } from "./mileageDesk.js";

const PAYER = 0;
const STORE = 1;

/** The purchase of an invoice that was signed, or is to be. */
interface PurchaseRow {
  id: string;
  /** It can't be committed above this height. */
  heightEnd: number;
  /** Hex, once the store has signed. */
  signed?: string;
}

function refuse(expected: string): never {
  throw new CodedError("MALFORMED", `purchase with mileage: expected ${expected}`);
}

/** The one part that is not paid. Throws INVOICE_NOT_PAYABLE. */
function openPart(invoice: InvoiceJson, height: number): number {
  const open = [...invoice.parts.keys()].filter((part) => dueOfPart(invoice, part).some((due) => due > 0n));
  if (!invoice.payable || open.length !== 1 || invoice.parts[open[0]].heightExpiry <= height) {
    throw new CodedError(
      "INVOICE_NOT_PAYABLE",
      `expected an invoice of which one part is due and can be paid, got one that is ${invoice.state}`,
    );
  }
  return open[0];
}

function optionIndex({ parts }: InvoiceJson, part: number, token: string): number {
  return parts[part].options.findIndex((option) => option.token === token);
}

/** What of a part is due in `token` once `spent` of `mileageToken` is paid. Throws INVOICE_NOT_PAYABLE. */
function dueAfter(invoice: InvoiceJson, part: number, token: string, spent: { token: string; amount: bigint }): bigint {
  const index = optionIndex(invoice, part, token);
  if (index < 0 || (spent.amount > 0n && optionIndex(invoice, part, spent.token) < 0)) {
    throw new CodedError("INVOICE_NOT_PAYABLE", `the invoice does not take ${index < 0 ? token : spent.token}`);
  }
  const payment = { part, token: spent.token, amount: `${spent.amount}` } as PaymentJson;
  const after: MoneyOf = { ...invoice, payments: [...invoice.payments, payment] };
  return dueOfPart(after, part)[index];
}

/** A purchase that payer and store have signed. */
interface SignedPurchase {
  id: string;
  /** Hex. */
  transaction: string;
}

export class Purchases {
  /** Purchases that the desk is signing, by invoice and id. */
  private readonly signing = new Map<string, Promise<SignedPurchase>>();

  constructor(
    private readonly parts: GatewayParts,
    private readonly mileageDesk: MileageDesk | undefined,
  ) {}

  /** What a purchase pays and earns where `spent` of mileage goes towards it. Throws INVOICE_NOT_PAYABLE or MALFORMED. */
  async offer(invoice: InvoiceJson, payer: string, spent: bigint): Promise<MileageOfferJson> {
    const promised = expectMileage(invoice);
    const part = openPart(invoice, this.parts.chain.height);
    // Asked for the token first: what is due in it is the price.
    const { priceToken, mileageToken } = await this.desk.terms(payer, 1n, 0n);
    const none = { token: mileageToken, amount: 0n };
    const price = dueAfter(invoice, part, priceToken, none);
    const { grade, spendable, earned, store, storeKey } = await this.desk.terms(payer, price, spent);
    if (store !== invoice.payee || promised.token !== mileageToken) {
      throw new CodedError("MILEAGE_UNAVAILABLE", "the desk signs for another store, or for other mileage");
    }
    const most = BigInt(promised.amount);
    return {
      part,
      reference: invoice.parts[part].reference,
      priceToken,
      mileageToken,
      price: `${price}`,
      spent: `${spent}`,
      paid: `${dueAfter(invoice, part, priceToken, { ...none, amount: spent })}`,
      earned: `${earned < most ? earned : most}`,
      spendable: `${spendable}`,
      grade,
      store,
      storeKey,
    };
  }

  /** The whole transaction of a purchase that its payer has signed. Throws MALFORMED, BAD_SIGNATURE, INVOICE_NOT_PAYABLE or PURCHASE_PENDING. */
  async sign(load: () => InvoiceJson, bytes: Uint8Array): Promise<SignedPurchase> {
    const { rows, chain } = this.parts;
    const transaction = decodeTransaction(bytes);
    const id = toHex(transaction.id);
    const invoice = load();
    const known = rows.get<PurchaseRow>("purchase", invoice.id);
    if (known?.id === id && known.signed !== undefined) {
      return { id, transaction: known.signed };
    }
    // Asked twice at once it is one question: else the desk might say yes to one and no to the other, and the no would count.
    const place = `${invoice.id}/${id}`;
    const underWay = this.signing.get(place);
    if (underWay !== undefined) {
      return underWay;
    }
    const part = openPart(invoice, chain.height);
    expectPurchase(invoice, part, transaction);
    const body = bytes.subarray(0, transaction.bodyBytes);
    const message = signingMessage(chain.genesisHash, body);
    if (!ed25519.verify(transaction.signatures[PAYER], message, transaction.signers[PAYER].publicKey)) {
      throw new CodedError("BAD_SIGNATURE", "expected the payer's signature under the purchase");
    }
    if (known !== undefined && known.id !== id && this.parts.cursor() < known.heightEnd) {
      throw new CodedError("PURCHASE_PENDING", undefined, { height: known.heightEnd });
    }
    const heightEnd = Math.min(transaction.validUntil, invoice.parts[part].heightExpiry);
    const answer = this.haveSigned(invoice.id, { id, heightEnd }, bytes).finally(() => this.signing.delete(place));
    this.signing.set(place, answer);
    return answer;
  }

  private async haveSigned(invoice: string, row: PurchaseRow, bytes: Uint8Array): Promise<SignedPurchase> {
    const { rows } = this.parts;
    rows.put("purchase", invoice, row);
    await rows.durable();
    const signed = toHex(await this.desk.sign(bytes).catch((error: unknown) => this.giveUp(invoice, row, error)));
    rows.put("purchase", invoice, { ...row, signed } satisfies PurchaseRow);
    await rows.durable();
    return { id: row.id, transaction: signed };
  }

  private get desk(): MileageDesk {
    if (this.mileageDesk === undefined) {
      throw new CodedError("MILEAGE_UNAVAILABLE");
    }
    return this.mileageDesk;
  }

  /** Where the desk said no there is no signature; where it said nothing there may be one. */
  private giveUp(invoice: string, row: PurchaseRow, error: unknown): never {
    const { rows } = this.parts;
    const isNo = error instanceof CodedError && error.code !== "MILEAGE_UNAVAILABLE";
    if (isNo && rows.get<PurchaseRow>("purchase", invoice)?.id === row.id) {
      rows.remove("purchase", invoice);
    }
    throw error;
  }
}

function expectMileage({ mileage }: InvoiceJson): NonNullable<InvoiceJson["mileage"]> {
  if (mileage === undefined) {
    throw new CodedError("NOT_FOUND", "the invoice gives no mileage");
  }
  return mileage;
}

/** Throws MALFORMED where the transaction does not pay exactly what is due of the part, or gives more than the invoice promises. */
function expectPurchase(invoice: InvoiceJson, part: number, { signers, operations }: Transaction): void {
  const promised = expectMileage(invoice);
  if (signers.length !== 2 || !equalBytes(signers[STORE].address, parseAddress(invoice.payee))) {
    refuse("two signers, the payer and the store");
  }
  const { reference } = invoice.parts[part];
  let [paid, spent, earned]: (Transfer | undefined)[] = [];
  for (const operation of operations) {
    const isTransfer =
      operation.kind === "transfer" && equalBytes(operation.to, signers[1 - operation.account].address);
    const isGiven = isTransfer && operation.account === STORE && operation.token === promised.token;
    const isPaid = isTransfer && operation.account === PAYER && isReference(operation.reference, reference);
    if (isGiven && earned === undefined) {
      earned = operation;
    } else if (isPaid && operation.token === promised.token && spent === undefined) {
      spent = operation;
    } else if (isPaid && operation.token !== promised.token && paid === undefined) {
      paid = operation;
    } else {
      refuse("payments with the invoice's reference, one a token, and mileage from the store to the payer");
    }
  }
  if (paid !== undefined) {
    const due = dueAfter(invoice, part, paid.token, { token: promised.token, amount: spent?.amount ?? 0n });
    if (paid.amount !== due) {
      refuse(`${due} units of ${paid.token}, what is due, got ${paid.amount}`);
    }
  } else {
    const due = dueAfter(invoice, part, promised.token, { token: promised.token, amount: 0n });
    if (spent?.amount !== due) {
      refuse(`${due} units of ${promised.token}, what is due, got ${spent?.amount ?? 0n}`);
    }
  }
  if (earned !== undefined && earned.amount > BigInt(promised.amount)) {
    refuse(`at most ${promised.amount} of mileage earned, as the invoice promises, got ${earned.amount}`);
  }
}

function isReference(bytes: Uint8Array | undefined, hex: string): boolean {
  return bytes !== undefined && equalBytes(bytes, fromHex(hex)!);
}

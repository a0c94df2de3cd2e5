// Customers' codes. Those that wait for a till are held in memory, a bounded number: a lost one is handed in again. A claim is a row, for ever: so a
// code serves one invoice, whatever is killed when.

import { type PayCode, readPayCode } from "../../client/payCode.js";
import { CodedError } from "../../protocol/errors.js";
import type { InvoiceJson, PresentedCodeJson } from "../../protocol/merchantApiTypes.js";
import type { GatewayParts } from "../gatewayParts.js";
import { findInvoice } from "./changeInvoice.js";

const HEIGHTS_MAX = 1_200;
const WAITING_MAX = 100_000;

interface Claim {
  invoice: string;
  heightExpiry: number;
}

type Waiting = Pick<PayCode, "digits" | "heightExpiry">;

export class PresentedCodes {
  /** Codes that no till has claimed, in the order they came. */
  private readonly waiting = new Map<string, Waiting>();
  private readonly listeners = new Map<string, Set<() => void>>();

  constructor(private readonly parts: GatewayParts) {}

  /** Takes a wallet's token. Throws MALFORMED, BAD_SIGNATURE, CODE_USED or BUSY. */
  present(token: string): PresentedCodeJson {
    const { chain } = this.parts;
    const { digits, heightExpiry } = readPayCode(token, chain.genesisHash);
    const claim = this.claimOf(digits);
    if (claim !== undefined) {
      return this.answer(digits, claim.heightExpiry, claim.invoice);
    }
    this.expectTimely(heightExpiry);
    if (this.waiting.size >= WAITING_MAX) {
      this.forgetExpired();
    }
    this.waiting.set(digits, { digits, heightExpiry });
    return this.answer(digits, heightExpiry);
  }

  /** Throws NOT_FOUND for one that is not known here (any more). */
  find(digits: string): PresentedCodeJson {
    const claim = this.claimOf(digits);
    if (claim !== undefined) {
      return this.answer(digits, claim.heightExpiry, claim.invoice);
    }
    return this.answer(digits, this.expectWaiting(digits).heightExpiry);
  }

  /** Binds a code to a store's invoice. Throws NOT_FOUND, CODE_USED or INVOICE_NOT_PAYABLE. */
  claim(store: string, digits: string, invoiceId: string): PresentedCodeJson {
    const invoice = findInvoice(this.parts, store, invoiceId);
    const claim = this.claimOf(digits);
    if (claim !== undefined && claim.invoice !== invoiceId) {
      throw new CodedError("CODE_USED", "the code was used for another invoice");
    }
    const heightExpiry = claim?.heightExpiry ?? this.expectWaiting(digits).heightExpiry;
    this.expectTimely(heightExpiry);
    if (!invoice.payable || invoice.heightPaid !== undefined) {
      throw new CodedError(
        "INVOICE_NOT_PAYABLE",
        `expected an invoice that can be paid, got one that is ${invoice.state}`,
      );
    }
    this.waiting.delete(digits);
    this.parts.rows.put("claimed", digits, { invoice: invoiceId, heightExpiry } satisfies Claim);
    return this.answer(digits, heightExpiry, invoiceId);
  }

  /** Tells whoever waits for a code; called when its claim is durable. */
  tell(digits: string): void {
    for (const listener of this.listeners.get(digits) ?? []) {
      listener();
    }
  }

  /** Calls back when the code is claimed, until the function returned is called. */
  onClaim(digits: string, listener: () => void): () => void {
    const listeners = this.listeners.get(digits) ?? new Set();
    this.listeners.set(digits, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        this.listeners.delete(digits);
      }
    };
  }

  private claimOf(digits: string): Claim | undefined {
    return this.parts.rows.get<Claim>("claimed", digits);
  }

  private expectWaiting(digits: string): Waiting {
    const known = this.waiting.get(digits);
    if (known === undefined) {
      throw new CodedError("NOT_FOUND", "no wallet has shown this code here: the wallet may show it again");
    }
    return known;
  }

  private expectTimely(heightExpiry: number): void {
    const { height } = this.parts.chain;
    if (heightExpiry < height || heightExpiry > height + HEIGHTS_MAX) {
      throw new CodedError(
        "CODE_USED",
        `expected a code that ends between heights ${height} and ${height + HEIGHTS_MAX}, got ${heightExpiry}`,
      );
    }
  }

  private forgetExpired(): void {
    const { height } = this.parts.chain;
    for (const [digits, { heightExpiry }] of this.waiting) {
      if (heightExpiry < height) {
        this.waiting.delete(digits);
      }
    }
    if (this.waiting.size >= WAITING_MAX) {
      throw new CodedError("BUSY", "too many codes wait for a till");
    }
  }

  private answer(digits: string, heightExpiry: number, invoiceId?: string): PresentedCodeJson {
    const invoice = invoiceId === undefined ? undefined : this.parts.rows.get<InvoiceJson>("invoice", invoiceId);
    const uri = invoice?.parts.find((part) => part.heightExpiry > this.parts.chain.height)?.uri;
    return {
      digits,
      heightExpiry,
      ...(invoiceId === undefined ? {} : { invoice: invoiceId }),
      ...(uri === undefined ? {} : { uri }),
    };
  }
}

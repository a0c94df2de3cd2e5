// Which invoice, or refund, a reference on the chain belongs to, and what ends at which height.

import { toHex } from "../../base/bytes.js";
import { parseAddress } from "../../protocol/address.js";
import { type MerchantRows, orderedNumber } from "../rows/merchantRows.js";

/** What a reference pays: a part of an invoice, or one of its refunds. */
export interface ReferenceOwner {
  invoice: string;
  part?: number;
  refund?: string;
}

function keyOf(payee: Uint8Array, reference: Uint8Array): string {
  return toHex(payee) + toHex(reference);
}

export class References {
  /** What can't be paid after a height, by that height. */
  private readonly ending = new Map<number, ReferenceOwner[]>();

  constructor(private readonly rows: MerchantRows) {
    for (const { key, value } of rows.range<ReferenceOwner>("expiry", {})) {
      this.remember(Number(key.split("/")[0]), value);
    }
  }

  add(payee: string, reference: string, owner: ReferenceOwner, heightExpiry: number): void {
    this.rows.put("reference", toHex(parseAddress(payee)) + reference, owner);
    this.rows.put("expiry", `${orderedNumber(heightExpiry)}/${reference}`, owner);
    this.remember(heightExpiry, owner);
  }

  find(payee: Uint8Array, reference: Uint8Array): ReferenceOwner | undefined {
    return this.rows.get<ReferenceOwner>("reference", keyOf(payee, reference));
  }

  /** What can't be paid any more once the block of `height` is applied; each is told once. */
  takeEnding(height: number): ReferenceOwner[] {
    const owners = this.ending.get(height) ?? [];
    this.ending.delete(height);
    return owners;
  }

  /** Forgets the row of what has ended. */
  forget(heightExpiry: number, reference: string): void {
    this.rows.remove("expiry", `${orderedNumber(heightExpiry)}/${reference}`);
  }

  private remember(height: number, owner: ReferenceOwner): void {
    const owners = this.ending.get(height);
    if (owners === undefined) {
      this.ending.set(height, [owner]);
    } else {
      owners.push(owner);
    }
  }
}

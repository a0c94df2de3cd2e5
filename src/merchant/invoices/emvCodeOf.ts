// An invoice as an EMVCo merchant-presented code: of its first part that can still be paid, in its first token.

import { fromHex, toHex } from "../../base/bytes.js";
import { formatEmvCode } from "../../client/emvCode.js";
import type { InvoiceJson, StoreJson } from "../../protocol/merchantApiTypes.js";
import type { GatewayParts } from "../gatewayParts.js";
import { dueOfPart } from "./standing.js";

const CHAIN_TAG_HEX_DIGITS = 8;
const AMOUNT_CHARACTERS_MAX = 13;

/** Undefined where nothing is due, or nothing can be paid any more. */
export function emvCodeOf({ chain, cursor }: GatewayParts, store: StoreJson, invoice: InvoiceJson): string | undefined {
  const height = cursor();
  const part = invoice.parts.findIndex(
    ({ heightExpiry }, index) => heightExpiry > height && dueOfPart(invoice, index).some((due) => due > 0n),
  );
  if (part < 0) {
    return undefined;
  }
  const { reference, options, price } = invoice.parts[part];
  const isWon = invoice.price.currency === "KRW" && price.length <= AMOUNT_CHARACTERS_MAX;
  return formatEmvCode({
    request: {
      payee: invoice.payee,
      token: options[0].token,
      amount: dueOfPart(invoice, part)[0],
      reference: fromHex(reference)!,
      chain: toHex(chain.genesisHash).slice(0, CHAIN_TAG_HEX_DIGITS),
    },
    merchantName: store.name,
    merchantCity: store.city,
    categoryCode: store.categoryCode,
    ...(isWon ? { amountWon: BigInt(price) } : {}),
    ...(invoice.order === undefined ? {} : { billNumber: invoice.order }),
  });
}

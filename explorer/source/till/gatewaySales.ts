// Sales of a till that works with a gateway: each is an invoice there, so that the shop's books, webhooks and codes that customers show
// know of it. On the till it is a sale like any other: the chain decides what was paid.

import { CodedError, MerchantClient, parsePaymentUri, type TokenId, toHex } from "ttchain";
import { t } from "../i18n/translate.js";
import { type Sale, saleAt, saveSale } from "./sales.js";
import type { TillSettings } from "./tillSettings.js";

function gatewayOf(key: string): MerchantClient {
  return new MerchantClient({ url: location.origin, key });
}

/** Throws what a person can mend: a key that is not known, may not sell, or belongs to a store that is paid at another address. */
export async function expectKeyFits(key: string, payee: string): Promise<void> {
  const { store, scopes } = await gatewayOf(key).store();
  if (!scopes.includes("sell")) {
    throw new Error(t("till.gatewayScope"));
  }
  if (store.payee !== payee) {
    throw new Error(t("till.gatewayPayee", { payee: store.payee }));
  }
}

/** A new open sale that is the gateway's invoice. */
export async function openInvoice(settings: TillSettings, key: string, token: TokenId, amount: bigint): Promise<Sale> {
  const { label, validBlocks } = settings;
  const invoice = await gatewayOf(key).createInvoice({
    price: { currency: token, amount: amount.toString() },
    tokens: [token],
    expiryHeights: validBlocks,
    ...(label === "" ? {} : { label }),
  });
  const [part] = invoice.parts;
  const { reference, payee } = parsePaymentUri(part.uri);
  if (reference === undefined || payee !== settings.payee) {
    throw new Error(t("till.gatewayPayee", { payee }));
  }
  const sale: Sale = { ...saleAt(settings, token, amount, toHex(reference), part.heightExpiry), invoice: invoice.id };
  saveSale(sale);
  return sale;
}

/** Asks the wallet that shows a code to pay the sale. Throws CODE_USED, INVOICE_NOT_PAYABLE, or what a person can mend. */
export async function claimCode(key: string, digits: string, invoice: string): Promise<void> {
  try {
    await gatewayOf(key).claimCode(digits, invoice);
  } catch (error) {
    throw error instanceof CodedError && error.code === "NOT_FOUND" ? new Error(t("till.codeUnknown")) : error;
  }
}

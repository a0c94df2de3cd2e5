// A purchase with mileage as its payer makes it: money, and mileage if wanted, to the store, and mileage from the store, all in one
// transaction that both sign. The payer signs first; the store's signature is zero until the gateway has it signed.

import { fromHex } from "../base/bytes.js";
import { parseAddress } from "../protocol/address.js";
import type { MileageOfferJson } from "../protocol/merchantApiTypes.js";
import { encodeBody, encodeTransaction, type Signer, transactionId } from "../protocol/transaction.js";
import type { Account } from "./account.js";
import { type Action, transfer } from "./actions.js";
import { buildBody, type ChainView, type TransactionOptions } from "./buildTransaction.js";

const NO_SIGNATURE = new Uint8Array(64);

/** The purchase that `MerchantClient.mileageOffer` describes, with the payer's signature alone: for `MerchantClient.signPurchase`. */
export function buildPurchase(
  chain: ChainView,
  payer: Account,
  offer: MileageOfferJson,
  options: Omit<TransactionOptions, "actions" | "sender" | "sponsor">,
): { id: Uint8Array; bytes: Uint8Array; validUntil: number } {
  const store: Signer = { address: parseAddress(offer.store), publicKey: fromHex(offer.storeKey)! };
  const reference = fromHex(offer.reference)!;
  const pays = (token: string, amount: string): Action[] =>
    amount === "0" ? [] : [transfer(payer, { to: store.address, token, amount: BigInt(amount), reference })];
  const gives = transfer(store, { to: payer.address, token: offer.mileageToken, amount: BigInt(offer.earned) });
  const paid = [...pays(offer.priceToken, offer.paid), ...pays(offer.mileageToken, offer.spent)];
  // The store signs also where it gives nothing: the desk counts what its customers buy.
  const [first, ...rest] = paid;
  const actions = [{ ...first, alsoSigning: [store] }, ...rest, ...(offer.earned === "0" ? [] : [gives])];
  const body = buildBody(chain, { ...options, actions, sender: payer });
  const encoded = encodeBody(body);
  const signature = payer.signBody(chain.genesisHash, encoded);
  return {
    id: transactionId(encoded),
    bytes: encodeTransaction(encoded, [signature, NO_SIGNATURE]),
    validUntil: body.validUntil,
  };
}

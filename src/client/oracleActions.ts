// Actions by which delegates bring data in from outside.

import type { TokenId } from "../protocol/tokens.js";
import type { Signer } from "../protocol/transaction.js";
import type { Action } from "./actions.js";

/** A delegate's answer to a contract's request (32 bytes); a later one takes the place of its earlier one. */
export function answerOracle(by: Signer, { request, value }: { request: Uint8Array; value: bigint }): Action {
  return { by, operation: { kind: "answerOracle", request, value } };
}

/** Has the answer delivered, which anybody may; `callbackGas` is what the request names. Alone in its transaction. */
export function deliverOracle(by: Signer, delivery: { request: Uint8Array; callbackGas: number }): Action {
  return { by, operation: { kind: "deliverOracle", ...delivery } };
}

/** A delegate's word that `units` of a token are worth `ttcUnits` of TTC's smallest units. */
export function priceOracle(by: Signer, price: { token: TokenId; units: bigint; ttcUnits: bigint }): Action {
  return { by, operation: { kind: "priceOracle", ...price } };
}

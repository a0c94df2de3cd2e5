// The JSON of operations that bring outside data in (docs/api.md), as apiTypes.ts for everything else.

import type { TokenId } from "./tokens.js";

/** An address's text, hex, decimal digits: as in apiTypes.ts, which holds these among the other operations. */
type AddressText = string;
type Hex = string;
type AmountText = string;

export type OracleOperationJson =
  | { kind: "answerOracle"; account: AddressText; request: Hex; value: string }
  | { kind: "deliverOracle"; account: AddressText; request: Hex; callbackGas: number }
  | { kind: "priceOracle"; account: AddressText; token: TokenId; units: AmountText; ttcUnits: AmountText };

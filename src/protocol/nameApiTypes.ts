// The JSON of names, beside apiTypes.ts.

import type { AddressText, AmountText, Hex } from "./apiTexts.js";

/** Operations on names. */
export type NameOperationJson =
  | { kind: "commitName"; account: AddressText; commitment: Hex }
  | { kind: "revealName"; account: AddressText; name: string; salt: Hex; target: AddressText }
  | { kind: "setName"; account: AddressText; name: string; target: AddressText }
  | { kind: "transferName"; account: AddressText; name: string; to: AddressText }
  | { kind: "renewName" | "releaseName"; account: AddressText; name: string };

export interface NameJson {
  name: string;
  /** `lapsed`: its time is over, so that it stands for nothing; its owner can renew it as long as nobody else has taken it. */
  state: "held" | "lapsed";
  owner: AddressText;
  /** What it stands for, or stood for. */
  target: AddressText;
  /** Whether that is a contract. */
  isContract: boolean;
  /** Block time from which on it stands for nothing, and from which on others can take it. */
  timeMsExpires: number;
  timeMsFree: number;
  deposit: AmountText;
  heightRegistered: number;
  /** The key of its leaf, for a proof. */
  key: Hex;
  height: number;
}

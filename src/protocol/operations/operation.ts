// What an operation is to the rest of the protocol, and one type per kind. Each kind's file gives its bytes and the checks
// that need no state; its effect on the state stands in src/execution/ledger under the same name.

import type { TokenId } from "../tokens.js";
import type { Reader, Writer } from "../wire.js";
import type { DelegateOperation } from "./delegateOperations.js";
import type { NameOperation } from "./nameOperations.js";
import type { OfficeOperation } from "./officeOperations.js";

/** Moves units of a token. With a reference, it can be paid once per (payee, token, amount, reference). */
export interface Transfer {
  kind: "transfer";
  /** Index of the signer whose account pays. */
  account: number;
  to: Uint8Array;
  token: TokenId;
  amount: bigint;
  /** 32 bytes; the first 8 are the expiry height, little-endian. */
  reference?: Uint8Array;
}

/** Makes a token whose id is a hash of its creator and nonce; the supply is credited to the creator. */
export interface CreateToken {
  kind: "createToken";
  account: number;
  symbol: string;
  name: string;
  decimals: number;
  supply: bigint;
  mintable: boolean;
  burnable: boolean;
  freezable: boolean;
}

/** Adds to a token's supply; the signers must include enough of the token's issuers. */
export interface Mint {
  kind: "mint";
  account: number;
  token: TokenId;
  to: Uint8Array;
  amount: bigint;
}

/** Takes units out of the account's balance and the supply. */
export interface Burn {
  kind: "burn";
  account: number;
  token: TokenId;
  amount: bigint;
}

/** Gives the account another key, which must be among the transaction's signers. */
export interface ReplaceKey {
  kind: "replaceKey";
  account: number;
  publicKey: Uint8Array;
}

/** Freezes or frees somebody's balance of a token that was created freezable. */
export interface SetFrozen {
  kind: "setFrozen";
  account: number;
  token: TokenId;
  target: Uint8Array;
  frozen: boolean;
}

/** Removes an account that holds nothing but TTC; the rest and the deposit go to the beneficiary. */
export interface CloseAccount {
  kind: "closeAccount";
  account: number;
  beneficiary: Uint8Array;
}

/** Who may give a contract other code, fixed when it is registered. */
export type UpgradePolicy = "never" | "owner" | "ownerAfterDelay" | "vote";

/** What an operation that runs contracts may cost. */
export interface GasLimits {
  /** The most gas that it may use; reserved at its price, and charged as far as it was used. */
  gasLimit: number;
  /** The most TTC units that new state may take as deposits from the fee payer. */
  depositLimit: bigint;
}

/** Makes a contract of source and tests; its address is a hash of transaction and operation. */
export interface RegisterContract extends GasLimits {
  kind: "registerContract";
  /** The owner. */
  account: number;
  source: Uint8Array;
  tests: Uint8Array;
  upgradePolicy: UpgradePolicy;
  /** Heights between announcing and carrying out; 0 but for the policy "ownerAfterDelay". */
  upgradeDelayHeights: number;
  /** The constructor's arguments: canonical values, one after another. */
  args: Uint8Array;
}

/** Calls a function of a contract. */
export interface CallContract extends GasLimits {
  kind: "callContract";
  account: number;
  contract: Uint8Array;
  functionName: string;
  args: Uint8Array;
  payment?: { token: TokenId; amount: bigint };
}

/** Makes a temporary contract permanent. */
export interface PublishContract {
  kind: "publishContract";
  account: number;
  contract: Uint8Array;
}

/** Puts other code in the place of a contract's, or announces that. */
export interface UpgradeContract extends GasLimits {
  kind: "upgradeContract";
  account: number;
  contract: Uint8Array;
  source: Uint8Array;
  tests: Uint8Array;
  /** Arguments of the new code's function `migrate`, where it has one. */
  args: Uint8Array;
}

/** Stops calls of a contract, or allows them again. */
export interface SetContractPaused {
  kind: "setContractPaused";
  account: number;
  contract: Uint8Array;
  paused: boolean;
}

/** A delegate's answer to a contract's request. */
export interface AnswerOracle {
  kind: "answerOracle";
  account: number;
  /** Key of the request's leaf. */
  request: Uint8Array;
  /** A signed 64-bit integer. */
  value: bigint;
}

/** Has a contract called back with the median of the answers; the request paid for the gas. */
export interface DeliverOracle {
  kind: "deliverOracle";
  account: number;
  request: Uint8Array;
  /** At least what the request names; counts against the block's gas and costs nothing. */
  callbackGas: number;
}

/** A delegate's word on a token's price: `units` of it are worth `ttcUnits`. */
export interface PriceOracle {
  kind: "priceOracle";
  account: number;
  token: TokenId;
  units: bigint;
  ttcUnits: bigint;
}

/** Removes a temporary contract; what it holds goes to its owner. */
export interface DestroyContract {
  kind: "destroyContract";
  account: number;
  contract: Uint8Array;
  /** Created tokens of which the owner gets what the contract holds, ascending. */
  tokens: TokenId[];
}

export type Operation =
  | Transfer
  | CreateToken
  | Mint
  | Burn
  | ReplaceKey
  | SetFrozen
  | CloseAccount
  | RegisterContract
  | CallContract
  | PublishContract
  | UpgradeContract
  | SetContractPaused
  | DestroyContract
  | AnswerOracle
  | DeliverOracle
  | PriceOracle
  | DelegateOperation
  | OfficeOperation
  | NameOperation;
export type OperationKind = Operation["kind"];

/** The bytes of one kind and its stateless checks. */
export interface OperationCodec<T extends Operation> {
  /** The kind's byte on the wire. */
  readonly code: number;
  readonly kind: T["kind"];
  /** Writes everything after the kind's byte and the account's index. */
  encode(writer: Writer, operation: T): void;
  /** Reads what `encode` wrote; throws a coded error for anything else. */
  decode(reader: Reader, account: number): T;
  /** Checks what the types don't: ranges and texts. Pure; throws a coded error. Decoding calls it, and so does signing. */
  verify(operation: T): void;
}

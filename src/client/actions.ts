// What a transaction shall do, said with accounts instead of signer indexes: each action names who must sign for it, and
// buildTransaction collects the signers. Amounts are whole units (see parseAmount); addresses are bytes or ttc1… texts.

import { parseAddress } from "../protocol/address.js";
import { encodeLvmValues, type LvmValue } from "../protocol/lvmValue.js";
import type {
  Burn,
  CallContract,
  CloseAccount,
  CreateToken,
  Mint,
  Operation,
  RegisterContract,
  ReplaceKey,
  SetFrozen,
  Transfer,
  UpgradeContract,
  UpgradePolicy,
} from "../protocol/operations/operation.js";
import type { TokenId } from "../protocol/tokens.js";
import type { Signer } from "../protocol/transaction.js";

type WithoutAccount<T> = T extends Operation ? Omit<T, "account"> : never;

/** One operation, the signer whose account it acts for, and further signers that it needs. */
export interface Action {
  by: Signer;
  operation: WithoutAccount<Operation>;
  alsoSigning?: Signer[];
}

/** An address's 32 bytes or its text. */
export type AddressLike = Uint8Array | string;

/** The bytes of an address given either way; throws BAD_ADDRESS or FOREIGN_ADDRESS for other texts. */
export function addressBytes(address: AddressLike): Uint8Array {
  return typeof address === "string" ? parseAddress(address) : address;
}

/** Moves `amount` units of `token` (TTC by default); with a reference it can be paid once only. */
export function transfer(
  by: Signer,
  {
    to,
    amount,
    token = "TTC",
    reference,
  }: { to: AddressLike; amount: bigint; token?: TokenId; reference?: Uint8Array },
): Action {
  const operation: Omit<Transfer, "account"> = { kind: "transfer", to: addressBytes(to), token, amount };
  return { by, operation: reference === undefined ? operation : { ...operation, reference } };
}

/**
 * A purchase and its mileage in one step: the payer pays the store, the store gives `mileage` units of `mileageToken` (TTMI by
 * default) back. Both sign; either both happen or neither.
 */
export function payWithMileage(
  payer: Signer,
  store: Signer,
  payment: { amount: bigint; token?: TokenId; reference?: Uint8Array; mileage: bigint; mileageToken?: TokenId },
): Action[] {
  const { mileage, mileageToken = "TTMI", ...price } = payment;
  return [
    transfer(payer, { to: store.address, ...price }),
    transfer(store, { to: payer.address, amount: mileage, token: mileageToken }),
  ];
}

/** Makes a token; its id is `createdTokenId(transactionId, operationIndex)`. */
export function createToken(by: Signer, face: Omit<CreateToken, "kind" | "account">): Action {
  return { by, operation: { kind: "createToken", ...face } };
}

/** Adds `amount` units to a token's supply, for `to`; `issuers` are the others that must sign with `by`. */
export function mint(
  by: Signer,
  { token, to, amount, issuers = [] }: { token: TokenId; to: AddressLike; amount: bigint; issuers?: Signer[] },
): Action {
  const operation: Omit<Mint, "account"> = { kind: "mint", token, to: addressBytes(to), amount };
  return { by, operation, alsoSigning: issuers };
}

/** Takes `amount` units out of the signer's balance and the supply. */
export function burn(by: Signer, { token, amount }: { token: TokenId; amount: bigint }): Action {
  const operation: Omit<Burn, "account"> = { kind: "burn", token, amount };
  return { by, operation };
}

/** Gives the account the key of `successor`, which must sign too: that proves that its owner holds it. */
export function replaceKey(by: Signer, successor: Signer): Action {
  const operation: Omit<ReplaceKey, "account"> = { kind: "replaceKey", publicKey: successor.publicKey };
  return { by, operation, alsoSigning: [successor] };
}

/** Freezes or frees what `target` holds of a freezable token; `issuers` as for `mint`. */
export function setFrozen(
  by: Signer,
  { token, target, frozen, issuers = [] }: { token: TokenId; target: AddressLike; frozen: boolean; issuers?: Signer[] },
): Action {
  const operation: Omit<SetFrozen, "account"> = { kind: "setFrozen", token, target: addressBytes(target), frozen };
  return { by, operation, alsoSigning: issuers };
}

/** What a call may cost where nothing else is asked for: twice a busy token's call, and the deposits of a dozen entries. */
const GAS_LIMIT_DEFAULT = 100_000;
const DEPOSIT_LIMIT_DEFAULT = 10_000_000n;
/** For a package, whose tests run too: what a block of the chain has, which buildBody asks for. What is not used is not charged. */
export const PACKAGE_GAS_OF_BLOCK = 0;

/**
 * Makes a contract of `source`, which its own `tests` must pass. `args` go to the constructor. The deposit for its code, 10,000 units a byte
 * on this chain, counts against `depositLimit` as its storage does. Without a `gasLimit` it may use all that a block has for packages.
 */
export function registerContract(
  by: Signer,
  contract: {
    source: Uint8Array;
    tests: Uint8Array;
    args?: readonly LvmValue[];
    upgradePolicy?: UpgradePolicy;
    upgradeDelayHeights?: number;
    gasLimit?: number;
    depositLimit: bigint;
  },
): Action {
  const { source, tests, args = [], upgradePolicy = "never", upgradeDelayHeights = 0 } = contract;
  const { gasLimit = PACKAGE_GAS_OF_BLOCK, depositLimit } = contract;
  const operation: Omit<RegisterContract, "account"> = {
    kind: "registerContract",
    source,
    tests,
    upgradePolicy,
    upgradeDelayHeights,
    args: encodeLvmValues(args),
    gasLimit,
    depositLimit,
  };
  return { by, operation };
}

/** Calls a contract's function, perhaps with a payment; the deposits of new storage come out of the fee payer's TTC. */
export function callContract(
  by: Signer,
  call: {
    contract: AddressLike;
    functionName: string;
    args?: readonly LvmValue[];
    payment?: { token?: TokenId; amount: bigint };
    gasLimit?: number;
    depositLimit?: bigint;
  },
): Action {
  const { contract, functionName, args = [], payment } = call;
  const { gasLimit = GAS_LIMIT_DEFAULT, depositLimit = DEPOSIT_LIMIT_DEFAULT } = call;
  const operation: Omit<CallContract, "account"> = {
    kind: "callContract",
    contract: addressBytes(contract),
    functionName,
    args: encodeLvmValues(args),
    gasLimit,
    depositLimit,
    ...(payment === undefined ? {} : { payment: { token: payment.token ?? "TTC", amount: payment.amount } }),
  };
  return { by, operation };
}

/** Gives a contract other code, or announces it where its policy asks for a delay; `args` go to the new code's `migrate`. */
export function upgradeContract(
  by: Signer,
  upgrade: {
    contract: AddressLike;
    source: Uint8Array;
    tests: Uint8Array;
    args?: readonly LvmValue[];
    gasLimit?: number;
    depositLimit: bigint;
  },
): Action {
  const { contract, source, tests, args = [], gasLimit = PACKAGE_GAS_OF_BLOCK, depositLimit } = upgrade;
  const operation: Omit<UpgradeContract, "account"> = {
    kind: "upgradeContract",
    contract: addressBytes(contract),
    source,
    tests,
    args: encodeLvmValues(args),
    gasLimit,
    depositLimit,
  };
  return { by, operation };
}

/** Makes a temporary contract permanent. */
export function publishContract(by: Signer, contract: AddressLike): Action {
  return { by, operation: { kind: "publishContract", contract: addressBytes(contract) } };
}

/** Stops all calls of a contract, or allows them again. */
export function setContractPaused(by: Signer, contract: AddressLike, paused: boolean): Action {
  return { by, operation: { kind: "setContractPaused", contract: addressBytes(contract), paused } };
}

/**
 * Removes a temporary contract: its deposits come back to the fee payer, its coins to the owner, with what it holds of the created
 * `tokens` (16 at the most; send it again for more).
 */
export function destroyContract(by: Signer, contract: AddressLike, tokens: readonly TokenId[] = []): Action {
  // Ids are hex of one length: their order is that of their bytes.
  const operation = { kind: "destroyContract", contract: addressBytes(contract), tokens: [...tokens].sort() } as const;
  return { by, operation };
}

/** Removes the signer's account; the rest of its TTC and its deposit go to `beneficiary`. */
export function closeAccount(by: Signer, beneficiary: AddressLike): Action {
  const operation: Omit<CloseAccount, "account"> = { kind: "closeAccount", beneficiary: addressBytes(beneficiary) };
  return { by, operation };
}

// What a transaction shall do, said with accounts instead of signer indexes: each action names who must sign for it, and
// buildTransaction collects the signers. Amounts are whole units (see parseAmount); addresses are bytes or ttc1… texts.

import { parseAddress } from "../protocol/address.js";
import type {
  Burn,
  CloseAccount,
  CreateToken,
  Mint,
  Operation,
  ReplaceKey,
  SetFrozen,
  Transfer,
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

/** Removes the signer's account; the rest of its TTC and its deposit go to `beneficiary`. */
export function closeAccount(by: Signer, beneficiary: AddressLike): Action {
  const operation: Omit<CloseAccount, "account"> = { kind: "closeAccount", beneficiary: addressBytes(beneficiary) };
  return { by, operation };
}

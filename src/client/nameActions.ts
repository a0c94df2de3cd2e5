// Actions on names. A name is taken in two steps, so that nobody can take it first who saw it in a transaction on its way.

import { systemRandom } from "../base/random.js";
import { NAME_SALT_BYTES, nameCommitment } from "../protocol/names.js";
import type { Signer } from "../protocol/transaction.js";
import { type Action, type AddressLike, addressBytes } from "./actions.js";

/** A salt for `commitName`; keep it for `revealName`, and to yourself until then. */
export function makeNameSalt(): Uint8Array {
  return systemRandom.bytes(NAME_SALT_BYTES);
}

/** Commits to a name without telling it; `nameCommitHeightsMin` blocks later it may be revealed. */
export function commitName(by: Signer, { name, salt }: { name: string; salt: Uint8Array }): Action {
  return { by, operation: { kind: "commitName", commitment: nameCommitment(by.address, name, salt) } };
}

/** Takes a name that was committed to, for `target` (the account itself where undefined). */
export function revealName(by: Signer, reveal: { name: string; salt: Uint8Array; target?: AddressLike }): Action {
  const { name, salt, target = by.address } = reveal;
  return { by, operation: { kind: "revealName", name, salt, target: addressBytes(target) } };
}

/** Lets the name stand for another account or contract. */
export function setName(by: Signer, { name, target }: { name: string; target: AddressLike }): Action {
  return { by, operation: { kind: "setName", name, target: addressBytes(target) } };
}

/** Pays for another lease; whose name it is makes no difference. */
export function renewName(by: Signer, name: string): Action {
  return { by, operation: { kind: "renewName", name } };
}

/** Gives the name to `to`, for whom it stands from then on; the deposit goes with it. */
export function transferName(by: Signer, { name, to }: { name: string; to: AddressLike }): Action {
  return { by, operation: { kind: "transferName", name, to: addressBytes(to) } };
}

/** Gives the name up; the deposit comes back. */
export function releaseName(by: Signer, name: string): Action {
  return { by, operation: { kind: "releaseName", name } };
}

// The fleet's accounts, made from the seed: tills and merchants stand in one list, tills first, so that a number names an
// account in every thread. Their keys are no secrets: who knows the seed has them all.

import { utf8Bytes } from "../../base/bytes.js";
import { Account } from "../../client/account.js";
import { sha256 } from "../../wasm/sha256.js";

export interface FleetSize {
  seed: number;
  tills: number;
  merchants: number;
  /** Accounts that are only paid, and have no key: each payment that doesn't go to merchant 0 goes to one of them, if there are any. */
  payees: number;
}

export interface Fleet {
  /** Tills, then merchants. */
  accounts: Account[];
  /** Gives all others their coins. */
  funder: Account;
}

function accountOf(seed: number, role: string, index: number): Account {
  return Account.fromSecretKey(sha256(utf8Bytes(`ttchain load ${seed} ${role} ${index}`)));
}

/** The address of one of the accounts that are only paid. */
export function payeeAddress(seed: number, index: number): Uint8Array {
  return sha256(utf8Bytes(`ttchain load ${seed} payee ${index}`));
}

export function makeFleet({ seed, tills, merchants }: Omit<FleetSize, "payees">): Fleet {
  const accounts: Account[] = [];
  for (let i = 0; i < tills; i++) {
    accounts.push(accountOf(seed, "till", i));
  }
  for (let i = 0; i < merchants; i++) {
    accounts.push(accountOf(seed, "merchant", i));
  }
  return { accounts, funder: accountOf(seed, "funder", 0) };
}

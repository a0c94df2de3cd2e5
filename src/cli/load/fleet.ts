// The fleet's accounts, made from the seed: tills and merchants stand in one list, tills first, so that a number names an
// account in every thread. Their keys are no secrets: who knows the seed has them all.

import { utf8Bytes } from "../../base/bytes.js";
import { Account } from "../../client/account.js";
import { sha256 } from "../../wasm/sha256.js";

export interface FleetSize {
  seed: number;
  tills: number;
  merchants: number;
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

export function makeFleet({ seed, tills, merchants }: FleetSize): Fleet {
  const accounts: Account[] = [];
  for (let i = 0; i < tills; i++) {
    accounts.push(accountOf(seed, "till", i));
  }
  for (let i = 0; i < merchants; i++) {
    accounts.push(accountOf(seed, "merchant", i));
  }
  return { accounts, funder: accountOf(seed, "funder", 0) };
}

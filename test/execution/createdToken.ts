// A created token for tests, with every right unless told otherwise.

import type { CreateToken } from "../../src/protocol/operations/operation.js";
import { createdTokenId, type TokenId } from "../../src/protocol/tokens.js";
import type { LedgerChain, Person } from "./ledgerChain.js";

/** Makes a token in a block of its own and gives its id. */
export function tokenOf(chain: LedgerChain, creator: Person, face: Partial<CreateToken> = {}): TokenId {
  const operation: CreateToken = {
    kind: "createToken",
    account: 0,
    symbol: "POINT",
    name: "Point",
    decimals: 2,
    supply: 1_000n,
    mintable: true,
    burnable: true,
    freezable: true,
    ...face,
  };
  const transaction = chain.ask({ signers: [creator], operations: [operation] });
  const [receipt] = chain.block([transaction]);
  if (receipt.code !== 0) {
    throw new Error(`creating a token failed with ${receipt.code}`);
  }
  return createdTokenId(transaction.id, 0);
}

// A chain's first delegates, as its genesis file names them: node and light client must put them into the same order.

import { fromHex } from "../base/bytes.js";
import type { Delegate } from "./delegates.js";
import { CodedError } from "./errors.js";
import type { Genesis } from "./genesis.js";
import { compareTurns } from "./rotation.js";

/** The delegates that a genesis file names, in the engine's order: most power first, then by their turns. Throws MALFORMED. */
export function genesisDelegates(genesis: Pick<Genesis, "delegates">): Delegate[] {
  const delegates = genesis.delegates.map(({ publicKey, power }) => {
    const bytes = fromHex(publicKey);
    if (bytes?.length !== 32) {
      throw new CodedError("MALFORMED", `expected a delegate's key as 64 hex digits, got "${publicKey}"`);
    }
    if (!Number.isInteger(power) || power < 1 || power > 0xffffffff) {
      throw new CodedError("MALFORMED", `expected a delegate's power from 1 to 2^32 - 1, got ${power}`);
    }
    return { publicKey: bytes, power };
  });
  if (new Set(genesis.delegates.map(({ publicKey }) => publicKey.toLowerCase())).size !== delegates.length) {
    throw new CodedError("MALFORMED", "expected each delegate's key once");
  }
  return delegates.sort((a, b) => b.power - a.power || compareTurns(a.publicKey, b.publicKey));
}

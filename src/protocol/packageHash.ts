// What is voted on where a contract's code changes by vote: everything that an upgrade would bring, for one contract and for the code that it
// has now, so that no vote counts twice or elsewhere.

import { TAGS, taggedHash } from "./hashing.js";
import { encodePackage } from "./operations/contracts.js";
import { Writer } from "./wire.js";

/** `upgradeCount`: how often the contract's code has changed so far. `args`: the encoded arguments of `migrate`. */
export function packageHash(
  contract: Uint8Array,
  upgradeCount: number,
  upgrade: { source: Uint8Array; tests: Uint8Array; args: Uint8Array },
): Uint8Array {
  const writer = new Writer().raw(contract).u32(upgradeCount);
  encodePackage(writer, upgrade);
  return taggedHash(TAGS.package, writer.raw(upgrade.args).finish());
}

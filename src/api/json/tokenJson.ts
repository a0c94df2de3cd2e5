// Tokens as JSON.

import { formatAddress } from "../../protocol/address.js";
import type { TokenJson } from "../../protocol/apiTypes.js";
import type { TokenLeaf } from "../../protocol/stateLeaves.js";
import type { TokenId } from "../../protocol/tokens.js";

export function tokenJson(token: TokenId, leaf: TokenLeaf): TokenJson {
  return { ...leaf, token, supply: leaf.supply.toString(), issuers: leaf.issuers.map(formatAddress) };
}

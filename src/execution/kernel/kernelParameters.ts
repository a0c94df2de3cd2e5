// A block's height, window, fees and deposit as the ledger kernel reads them (assembly/ledgerBlock.ts): u64 each, in its order.

import { CodedError } from "../../protocol/errors.js";
import { minimumFee, quoteOf } from "../../protocol/fees.js";
import { AMOUNT_MAX } from "../../protocol/limits.js";
import type { ChainParameters } from "../../protocol/parameters.js";
import { NATIVE_TOKENS, type NativeToken } from "../../protocol/tokens.js";
import { chainTag } from "../../protocol/transaction.js";
import { Writer } from "../../protocol/wire.js";
import type { BlockContext } from "../executeBlock.js";

const UNPRICED = 0n;
const PRICED = 1n;
const LEFT_TO_HOST = 2n;

/** What a token's transfers pay at the least, and how they are charged. */
function terms(parameters: ChainParameters, token: NativeToken): { least: bigint; priced: bigint } {
  if (quoteOf(parameters, token) === undefined) {
    return { least: 0n, priced: UNPRICED };
  }
  const least = minimumFee(parameters, token);
  return least > AMOUNT_MAX ? { least: 0n, priced: LEFT_TO_HOST } : { least, priced: PRICED };
}

/** The parameters of the block of `context`. Throws where the chain has none that it could run with. */
export function encodeKernelParameters(parameters: ChainParameters, context: BlockContext): Uint8Array {
  const { height, genesisHash } = context;
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new CodedError("BAD_BLOCK", `expected a height below 2^53, got ${height}`);
  }
  const tag = chainTag(genesisHash);
  const tokens = NATIVE_TOKENS.map((token) => terms(parameters, token));
  const writer = new Writer(104).u64(BigInt(height)).u64(BigInt(parameters.validUntilHeightsMax));
  writer.u64(BigInt(parameters.referenceHeightsMax)).u64(BigInt(parameters.referenceKeepHeights));
  writer.u64(BigInt(parameters.feeRateBasisPoints)).u64(parameters.depositAccountTtcUnits).raw(tag).u32(0);
  for (const { least } of tokens) {
    writer.u64(least);
  }
  for (const { priced } of tokens) {
    writer.u64(priced);
  }
  return writer.finish();
}

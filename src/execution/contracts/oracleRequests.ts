// The open requests of contracts for outside data, and how a call makes them.

import { concatBytes, keyBytes, utf8Bytes } from "../../base/bytes.js";
import {
  decodeOracleRequest,
  encodeOracleRequest,
  type OracleRequestLeaf,
  oracleRequestKey,
} from "../../protocol/oracleLeaves.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { Writer } from "../../protocol/wire.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import type { LvmOracleRequest } from "../lvm/lvmHost.js";
import type { LeafCodec, LeafEntry, WorkingState } from "../workingState.js";
import { entryDeposit } from "./storageDeposits.js";

/** What a request's leaf may come to hold is paid for at once. */
const REQUEST_BYTES = 2_700;

const requestCodec: LeafCodec<OracleRequestLeaf> = { encode: encodeOracleRequest, decode: decodeOracleRequest };

export function requestEntry(state: WorkingState, key: Uint8Array): LeafEntry<OracleRequestLeaf> {
  return state.entry(key, requestCodec);
}

/** Keeps a contract's requests; a new one with the key of an open one takes its place. Gives what their deposits take and return. */
export function keepRequests(
  context: LedgerContext,
  requests: readonly LvmOracleRequest[],
): { taken: bigint; returned: bigint } {
  const sums = { taken: 0n, returned: 0n };
  const deposit = entryDeposit(context.parameters, REQUEST_BYTES);
  for (const { contract, key, feed, callback, gas } of requests) {
    const address = keyBytes(contract);
    const leafKey = oracleRequestKey(address, key);
    const entry = requestEntry(context.state, leafKey);
    sums.returned += entry.leaf?.deposit ?? 0n;
    sums.taken += deposit;
    const asked = { contract: address, key, feed, callback, gas, height: context.height, deposit, answers: [] };
    context.state.set(entry, asked);
    const data = concatBytes(leafKey, address, new Writer(80).u32(gas).short(utf8Bytes(feed)).finish());
    context.events.push({ kind: EVENT_KINDS.oracleRequest, data });
  }
  return sums;
}

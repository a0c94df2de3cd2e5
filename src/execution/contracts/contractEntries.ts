// A contract's leaves in a block's working state.

import { concatBytes } from "../../base/bytes.js";
import {
  CODE_PIECE_BYTES,
  type ContractEntryLeaf,
  type ContractLeaf,
  codePieceKey,
  contractEntryKey,
  contractKey,
  decodeCodePiece,
  decodeContractEntry,
  decodeContractLeaf,
  encodeCodePiece,
  encodeContractEntry,
  encodeContractLeaf,
} from "../../protocol/contractLeaves.js";
import type { LeafCodec, LeafEntry, WorkingState } from "../workingState.js";

const contractCodec: LeafCodec<ContractLeaf> = { encode: encodeContractLeaf, decode: decodeContractLeaf };
const pieceCodec: LeafCodec<Uint8Array> = { encode: encodeCodePiece, decode: decodeCodePiece };
const entryCodec: LeafCodec<ContractEntryLeaf> = { encode: encodeContractEntry, decode: decodeContractEntry };

export function contractLeaf(state: WorkingState, address: Uint8Array): LeafEntry<ContractLeaf> {
  return state.entry(contractKey(address), contractCodec);
}

/** What the contract stores under a storage key. */
export function storageEntry(
  state: WorkingState,
  address: Uint8Array,
  storageKey: Uint8Array,
): LeafEntry<ContractEntryLeaf> {
  return entryOfKey(state, contractEntryKey(address, storageKey));
}

/** A storage entry by its leaf's key. */
export function entryOfKey(state: WorkingState, key: Uint8Array): LeafEntry<ContractEntryLeaf> {
  return state.entry(key, entryCodec);
}

function pieceCount(sourceBytes: number): number {
  return Math.ceil(sourceBytes / CODE_PIECE_BYTES);
}

function pieceAt(state: WorkingState, address: Uint8Array, index: number): LeafEntry<Uint8Array> {
  return state.entry(codePieceKey(address, index), pieceCodec);
}

/** The source, put together from its pieces. */
export function readSource(state: WorkingState, address: Uint8Array, sourceBytes: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let index = 0; index < pieceCount(sourceBytes); index++) {
    pieces.push(pieceAt(state, address, index).leaf ?? new Uint8Array(0));
  }
  return concatBytes(...pieces);
}

/** Puts `source` in the place of one of `bytesBefore`; an empty one removes it. */
export function writeSource(state: WorkingState, address: Uint8Array, source: Uint8Array, bytesBefore: number): void {
  const count = pieceCount(source.length);
  for (let index = 0; index < Math.max(count, pieceCount(bytesBefore)); index++) {
    const piece = source.subarray(index * CODE_PIECE_BYTES, (index + 1) * CODE_PIECE_BYTES);
    state.set(pieceAt(state, address, index), index < count ? piece : undefined);
  }
}

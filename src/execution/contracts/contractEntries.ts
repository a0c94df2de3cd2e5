// A contract's leaves in a block's working state.

import { bytesKey, concatBytes } from "../../base/bytes.js";
import {
  CODE_PIECE_BYTES,
  type ContractLeaf,
  codePieceKey,
  decodeCodePiece,
  encodeCodePiece,
} from "../../protocol/contractLeaves.js";
import type { LeafCodec, LeafEntry, WorkingState } from "../workingState.js";

const pieceCodec: LeafCodec<Uint8Array> = { encode: encodeCodePiece, decode: decodeCodePiece };

export function contractLeaf(state: WorkingState, address: Uint8Array): LeafEntry<ContractLeaf> {
  return state.contract(bytesKey(address)).leaf;
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

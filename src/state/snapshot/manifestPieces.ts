// A manifest as it is handed to nodes that join: in pieces that an engine carries, however many allocations its genesis has and however large its
// block is. Their hashes, one behind the other, are chunk 0, whose own hash is the snapshot's name; the pieces follow, then the file's chunks.

import { concatBytes } from "../../base/bytes.js";
import { DamageError } from "../../storage/storageErrors.js";
import { sha256 } from "../../wasm/sha256.js";

/** How snapshots are handed out; what names one by its whole manifest is format 1. */
export const SHARED_FORMAT = 2;
/** Engines carry chunks of up to 16 MB. */
export const PIECE_BYTES_MAX = 8 * 1024 * 1024;
/** Two million allocations: what is larger can't be parsed in one go. */
export const PIECES_MAX = 32;
const HASH_BYTES = 32;

/** The manifest's pieces. Throws for one that is too large to be handed out. */
export function manifestPieces(manifest: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(manifest.length / PIECE_BYTES_MAX));
  if (count > PIECES_MAX) {
    throw new Error(
      `expected a manifest of at most ${PIECES_MAX * PIECE_BYTES_MAX} bytes, got ${manifest.length}: its genesis has too many allocations for nodes to join by a snapshot`,
    );
  }
  return Array.from({ length: count }, (_, i) => manifest.subarray(i * PIECE_BYTES_MAX, (i + 1) * PIECE_BYTES_MAX));
}

/** Chunk 0. */
export function encodePieceHashes(pieces: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...pieces.map((piece) => sha256(piece)));
}

/** What chunk 0 says of the pieces. Throws DamageError. */
export function decodePieceHashes(bytes: Uint8Array): Uint8Array[] {
  const count = bytes.length / HASH_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > PIECES_MAX) {
    throw new DamageError(`expected 1 to ${PIECES_MAX} hashes of a manifest's pieces, got ${bytes.length} bytes`);
  }
  return Array.from({ length: count }, (_, i) => bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

// A snapshot's manifest for people and, shorter than it stands in the file, for programs.

import type { SnapshotManifest } from "../../inspectSnapshot.js";
import { alignPairs } from "../output.js";

/** The manifest without what is long: genesis, block and delegates. */
export function manifestAnswer(manifest: SnapshotManifest): Record<string, unknown> {
  const { genesis, block: _block, delegates: _delegates, chunks, ...rest } = manifest;
  return { chain: genesis.name, ...rest, chunks: chunks.length, bytes: bytesOf(manifest) };
}

function bytesOf({ chunks }: SnapshotManifest): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

export function manifestLines(manifest: SnapshotManifest): string[] {
  const { genesis, genesisHash, height, blockHash, stateRoot, leaves, firstBlock, chunks } = manifest;
  return alignPairs([
    ["Chain", genesis.name],
    ["Genesis hash", genesisHash],
    ["Height", String(height)],
    ["Block hash", blockHash],
    ["State root", stateRoot],
    ["Leaves", String(leaves)],
    ["Blocks", firstBlock === undefined ? `only ${height}` : `${firstBlock} to ${height}`],
    ["Size", `${bytesOf(manifest)} bytes in ${chunks.length} chunks`],
  ]);
}

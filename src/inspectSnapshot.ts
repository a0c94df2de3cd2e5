// Reads a snapshot's manifest, and every chunk against its hash.

import { type SnapshotManifest, SnapshotReader } from "./state/snapshot/snapshotFile.js";

export type { SnapshotManifest };

/** The manifest of a snapshot whose every byte is what its hashes say. Throws DamageError. */
export async function inspectSnapshot(file: string): Promise<SnapshotManifest> {
  const reader = await SnapshotReader.open(file);
  try {
    for (let index = 0; index < reader.manifest.chunks.length; index++) {
      await reader.chunkBytes(index);
    }
    return reader.manifest;
  } finally {
    await reader.close();
  }
}

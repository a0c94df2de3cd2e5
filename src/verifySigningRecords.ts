// Checks what a stopped node's keys signed last, as its records say, against the blocks it has: the record of a solo chain's directory and that
// of a node that signs for its engine. A record that shows less than a certificate was restored or put back, and its keys could sign twice.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { bytesKey } from "./base/bytes.js";
import { NodeKeysError } from "./consensus/nodeKeys.js";
import { lastClaim, SIGNER_DIRECTORY, SIGNING_RECORD_FILE } from "./consensus/signingRecord.js";
import { readDelegateKeys } from "./consensus/solo/chainFiles.js";
import { DamageError } from "./storage/storageErrors.js";

/** The latest block that a key signed the certificate of, by the key's `bytesKey`. */
export type HeightsSigned = ReadonlyMap<string, number>;

/** The height of the record's last claim; undefined where there is no record. Throws DamageError. */
async function heightClaimed(path: string, belongsTo: Uint8Array): Promise<number | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  });
  if (bytes === undefined) {
    return undefined;
  }
  const { claim } = lastClaim(bytes, crc32(belongsTo), path);
  if (claim === undefined) {
    throw new DamageError(`${path} is damaged or belongs to another chain or key: it holds no claim`);
  }
  return claim.place.height;
}

/** Throws DamageError at the first record that is damaged, or shows less than the blocks do. */
export async function verifySigningRecords(
  directory: string,
  genesisHash: Uint8Array,
  signed: HeightsSigned,
): Promise<void> {
  const keys = await readDelegateKeys(directory).catch((error: unknown) => {
    throw error instanceof NodeKeysError ? new DamageError(`the keys of ${directory}: ${error.message}`) : error;
  });
  const records: [string, Uint8Array][] = [[join(directory, SIGNING_RECORD_FILE), genesisHash]];
  // Whose the engine's record is, the keys say: without them it can't be read, and nothing can be signed.
  if (keys.length > 0) {
    records.push([join(directory, SIGNER_DIRECTORY, SIGNING_RECORD_FILE), keys[0]]);
  }
  const shown = keys.reduce((highest, key) => Math.max(highest, signed.get(bytesKey(key)) ?? 0), 0);
  for (const [path, belongsTo] of records) {
    const claimed = await heightClaimed(path, belongsTo);
    if (claimed !== undefined && claimed < shown) {
      throw new DamageError(
        `${path} ends at height ${claimed}, but this node's keys signed block ${shown}: it is an older one that was put back. ` +
          "Remove it, and start with --signing-above and the highest height that the network shows",
      );
    }
  }
}

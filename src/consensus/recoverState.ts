// Brings the state up to the block log after a restart: the log is what was promised, the state's store follows it. Blocks above
// the stored height are applied from their write sets, and every root is compared with the one that the delegates signed.

import { assert } from "../base/assert.js";
import { equalBytes, toHex } from "../base/bytes.js";
import { blockHash, decodeResult } from "../protocol/block.js";
import { blockMatchesHeader, CERTIFICATE_PENDING, verifyCertificate } from "../protocol/certificate.js";
import { CodedError } from "../protocol/errors.js";
import { decodeWriteSet, writeSetHash } from "../protocol/writeSet.js";
import type { State } from "../state/state.js";
import { readDelegates } from "../state/views.js";
import type { BlockStore } from "../storage/blockStore.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { DamageError } from "../storage/storageErrors.js";

/** A store that contradicts the block log, or a log that contradicts itself: the node must not serve it. */
export class DamagedStoreError extends DamageError {
  override name = "DamagedStoreError";
}

function expectRoot(block: CommittedBlock, root: Uint8Array): void {
  const expected = decodeResult(block.block.result).stateRoot;
  if (!equalBytes(root, expected)) {
    throw new DamagedStoreError(
      `the state at height ${block.height} has root ${toHex(root)}, but the block's certificate proves ${toHex(expected)}`,
    );
  }
}

async function expectBlock(blocks: BlockStore, height: number): Promise<CommittedBlock> {
  const block = await blocks.read(height);
  if (block === undefined) {
    throw new DamagedStoreError(`the block log has no block ${height}, which the state needs to catch up`);
  }
  return block;
}

/** Checks the chain from the certificate down to the write set: delegates signed the header, which covers the result record. */
function verifyBlock(state: State, genesisHash: Uint8Array, parentHash: Uint8Array, block: CommittedBlock): void {
  const { header, result, transactions } = block.block;
  if (!equalBytes(header.parentHash, parentHash) || !equalBytes(block.hash, blockHash(genesisHash, header))) {
    throw new DamagedStoreError(`block ${block.height} does not follow the block before it`);
  }
  if (!blockMatchesHeader(header, result, transactions)) {
    throw new DamagedStoreError(`the entries of block ${block.height} are not those that its header covers`);
  }
  if (!equalBytes(decodeResult(block.block.result).writeSetHash, writeSetHash(block.writeSet))) {
    throw new DamagedStoreError(`the write set of block ${block.height} is not the one that was agreed on`);
  }
  if (block.certificate.kind === CERTIFICATE_PENDING) {
    // The engine had decided on it, and its proof was still to come when the node stopped.
    return;
  }
  // Read outside: a state's store that is damaged says so itself.
  const delegates = readDelegates(state);
  try {
    verifyCertificate(block.certificate, block.block.header, genesisHash, delegates);
  } catch (error) {
    assert(error instanceof CodedError, "a certificate fails with a code");
    throw new DamagedStoreError(`the certificate of block ${block.height} does not hold: ${error.message}`);
  }
}

/**
 * Applies what the log has beyond the state; returns how many blocks those were. Writes the state whenever more than
 * `dirtyBytesMax` would be held in memory. Throws DamagedStoreError.
 */
export async function recoverState(
  state: State,
  blocks: BlockStore,
  genesisHash: Uint8Array,
  dirtyBytesMax = Number.POSITIVE_INFINITY,
): Promise<number> {
  const last = blocks.lastHeight;
  if (state.height > last) {
    throw new DamagedStoreError(`the state is at height ${state.height}, but the block log ends at ${last}`);
  }
  let parentHash = genesisHash;
  if (state.height > 0) {
    const block = await expectBlock(blocks, state.height);
    expectRoot(block, state.root);
    parentHash = block.hash;
  }
  const first = state.height + 1;
  for (let height = first; height <= last; height++) {
    const block = await expectBlock(blocks, height);
    verifyBlock(state, genesisHash, parentHash, block);
    parentHash = block.hash;
    const prepared = state.prepare(decodeWriteSet(block.writeSet));
    expectRoot(block, prepared.root);
    state.commit(height, prepared);
    if (state.dirtyBytes > dirtyBytesMax) {
      await state.flush();
    }
  }
  return last - first + 1;
}

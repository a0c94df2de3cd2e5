// Proofs that a client checks without trusting this node: a block's result, a transaction in its block, a leaf of the state.

import { toHex } from "../base/bytes.js";
import type { ResultProofJson, StateProofJson, TransactionProofJson } from "../protocol/apiTypes.js";
import { encodeHeader } from "../protocol/block.js";
import { encodeCertificate } from "../protocol/certificate.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { merkleProof } from "../wasm/sha256.js";

// Clients that prove something ask about the same few recent blocks; hashing a full one takes milliseconds.
const resultProofs = new WeakMap<CommittedBlock, ResultProofJson>();

/** Proves the state root after a block. */
export function resultProofJson(committed: CommittedBlock): ResultProofJson {
  let proof = resultProofs.get(committed);
  if (proof === undefined) {
    const { header, result, transactions } = committed.block;
    proof = {
      header: toHex(encodeHeader(header)),
      certificate: toHex(encodeCertificate(committed.certificate)),
      result: toHex(result),
      entryCount: transactions.length + 1,
      path: merkleProof([result, ...transactions], 0).map(toHex),
    };
    resultProofs.set(committed, proof);
  }
  return proof;
}

/** What proofs are made of: the state after a height. Throws HEIGHT_NOT_KEPT. */
interface ProvenState {
  getAt(height: number, key: Uint8Array): Uint8Array | undefined;
  prove(key: Uint8Array, height?: number): Uint8Array;
}

/** Proves a leaf, present or absent, in the state after a block. Throws HEIGHT_NOT_KEPT. */
export function stateProofJson(state: ProvenState, committed: CommittedBlock, key: Uint8Array): StateProofJson {
  const { height } = committed;
  const value = state.getAt(height, key);
  return {
    height,
    key: toHex(key),
    value: value === undefined ? null : toHex(value),
    proof: toHex(state.prove(key, height)),
    resultProof: resultProofJson(committed),
  };
}

/** Proves that transaction `index` is in the block, and its receipt in the block's result. */
export function transactionProofJson(committed: CommittedBlock, index: number): TransactionProofJson {
  const { result, transactions } = committed.block;
  return {
    height: committed.height,
    index,
    bytes: toHex(transactions[index]),
    // The result record is entry 0.
    path: merkleProof([result, ...transactions], index + 1).map(toHex),
    receipt: toHex(committed.receipts[index]),
    receiptPath: merkleProof(committed.receipts, index).map(toHex),
    resultProof: resultProofJson(committed),
  };
}

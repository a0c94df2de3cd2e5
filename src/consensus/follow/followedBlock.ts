// A block as a peer serves it, checked as far as that needs no state but the set of delegates: what it holds is what more than two
// thirds of them agreed on, or the peer is to blame.

import { equalBytes } from "../../base/bytes.js";
import { blockHash, decodeResult } from "../../protocol/block.js";
import { blockMatchesHeader, CERTIFICATE_PENDING, verifyCertificate } from "../../protocol/certificate.js";
import type { Delegate } from "../../protocol/delegates.js";
import { CodedError } from "../../protocol/errors.js";
import { receiptsRoot } from "../../protocol/receipt.js";
import { writeSetHash } from "../../protocol/writeSet.js";
import { type CommittedBlock, decodeCommittedBlock } from "../../storage/committedBlock.js";

/**
 * The block of `height` in a peer's answer; undefined where the peer has its certificate not yet. Throws a coded error where
 * the delegates did not agree on what the answer holds.
 */
export function followedBlock(
  answer: Uint8Array,
  height: number,
  genesisHash: Uint8Array,
  delegates: Delegate[],
): CommittedBlock | undefined {
  const committed = decodeCommittedBlock(answer);
  const { block, certificate, hash, receipts, writeSet } = committed;
  const { header, result, transactions } = block;
  if (header.height !== height || !equalBytes(hash, blockHash(genesisHash, header))) {
    throw new CodedError("BAD_BLOCK", `expected block ${height}, got ${header.height} or another name`);
  }
  if (!blockMatchesHeader(header, result, transactions)) {
    throw new CodedError("BAD_BLOCK", "the transactions root does not cover the block's entries");
  }
  if (certificate.kind === CERTIFICATE_PENDING) {
    return undefined;
  }
  verifyCertificate(certificate, header, genesisHash, delegates);
  const record = decodeResult(result);
  if (!equalBytes(record.writeSetHash, writeSetHash(writeSet))) {
    throw new CodedError("BAD_BLOCK", "the write set is not the one that was agreed on");
  }
  if (!equalBytes(record.receiptsRoot, receiptsRoot(receipts))) {
    throw new CodedError("BAD_BLOCK", "the receipts are not those that were agreed on");
  }
  return committed;
}

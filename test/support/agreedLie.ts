// A block as delegates that lie together would make it: everything about it holds but what the lie changed.

import { toHex } from "../../src/base/bytes.js";
import { blockHash, decodeResult, encodeResult, resultMessage, transactionsRoot } from "../../src/protocol/block.js";
import { CERTIFICATE_SOLO, commitMessage } from "../../src/protocol/certificate.js";
import { readDelegates } from "../../src/state/views.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import type { TestChain } from "./testChain.js";

/** The block with another result, signed by its proposer and agreed on by all delegates. */
export function agreedLie(chain: TestChain, honest: CommittedBlock, lie: (block: LyingBlock) => void): CommittedBlock {
  const { block } = honest;
  const lying = { record: decodeResult(block.result), writeSet: honest.writeSet };
  lie(lying);
  const keyOf = (publicKey: Uint8Array): Uint8Array =>
    chain.delegateSeeds.find((seed) => toHex(ed25519.getPublicKey(seed)) === toHex(publicKey))!;
  const signature = ed25519.sign(resultMessage(chain.genesisHash, lying.record), keyOf(block.header.proposer));
  const result = encodeResult({ ...lying.record, signature });
  const header = { ...block.header, transactionsRoot: transactionsRoot(result, block.transactions) };
  const hash = blockHash(chain.genesisHash, header);
  const message = commitMessage(chain.genesisHash, honest.height, hash);
  const signatures = readDelegates(chain.state).map(({ publicKey }, delegate) => ({
    delegate,
    signature: ed25519.sign(message, keyOf(publicKey)),
  }));
  const { receipts, transactions } = honest;
  return {
    height: honest.height,
    hash,
    block: { ...block, header, result },
    certificate: { kind: CERTIFICATE_SOLO, signatures },
    receipts,
    writeSet: lying.writeSet,
    transactions,
  };
}

export interface LyingBlock {
  record: ReturnType<typeof decodeResult>;
  writeSet: Uint8Array;
}

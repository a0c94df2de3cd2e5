// Blocks as JSON.

import { setImmediate } from "node:timers/promises";
import { toHex } from "../../base/bytes.js";
import type { BlockSummary } from "../../history/history.js";
import type { BlockJson, BlockSummaryJson } from "../../protocol/apiTypes.js";
import { decodeResult } from "../../protocol/block.js";
import { decodeReceipt } from "../../protocol/receipt.js";
import { decodeTransaction } from "../../protocol/transaction.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import { codeText } from "./receiptJson.js";

/** Transactions of a block that are written in one go; between them others have their turn. */
const SLICE_TRANSACTIONS = 200;

export function blockSummaryJson(summary: BlockSummary): BlockSummaryJson {
  return {
    height: summary.height,
    hash: toHex(summary.hash),
    timeMs: summary.timeMs,
    proposer: toHex(summary.proposer),
    transactionCount: summary.transactionCount,
    stateRoot: toHex(summary.stateRoot),
  };
}

// People look at the same few blocks; a full one takes a good part of a second.
const texts = new WeakMap<CommittedBlock, Promise<string>>();

/** A block as JSON text. */
export function blockText(block: CommittedBlock): Promise<string> {
  let text = texts.get(block);
  if (text === undefined) {
    text = blockJson(block).then((json) => JSON.stringify(json));
    texts.set(block, text);
  }
  return text;
}

async function blockJson(committed: CommittedBlock): Promise<BlockJson> {
  const { height, hash, block, certificate } = committed;
  const { header } = block;
  const result = decodeResult(block.result);
  return {
    height,
    hash: toHex(hash),
    header: {
      height: header.height,
      timeMs: header.timeMs,
      proposer: toHex(header.proposer),
      parentHash: toHex(header.parentHash),
      transactionsRoot: toHex(header.transactionsRoot),
    },
    result: {
      height: result.height,
      parentHash: toHex(result.parentHash),
      payloadRoot: toHex(result.payloadRoot),
      stateRoot: toHex(result.stateRoot),
      receiptsRoot: toHex(result.receiptsRoot),
      writeSetHash: toHex(result.writeSetHash),
      delegateSetHash: toHex(result.delegateSetHash),
      tally: result.tally,
      seedProof: toHex(result.seedProof),
      proposer: toHex(result.proposer),
      signature: toHex(result.signature),
    },
    certificate: {
      kind: certificate.kind,
      signatures: certificate.signatures.map(({ delegate, signature }) => ({ delegate, signature: toHex(signature) })),
    },
    transactions: await blockTransactions(committed),
  };
}

async function blockTransactions({ block, receipts }: CommittedBlock): Promise<BlockJson["transactions"]> {
  const list: BlockJson["transactions"] = [];
  for (const [index, bytes] of block.transactions.entries()) {
    if (index > 0 && index % SLICE_TRANSACTIONS === 0) {
      await setImmediate();
    }
    const { id, feeToken } = decodeTransaction(bytes);
    const { code, fee } = decodeReceipt(receipts[index]);
    list.push({ id: toHex(id), code: codeText(code), fee: fee.toString(), feeToken });
  }
  return list;
}

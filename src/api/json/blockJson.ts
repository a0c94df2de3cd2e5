// Blocks as JSON.

import { toHex } from "../../base/bytes.js";
import type { BlockJson, BlockSummaryJson } from "../../protocol/apiTypes.js";
import { decodeResult } from "../../protocol/block.js";
import { decodeReceipt } from "../../protocol/receipt.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import { codeText } from "./receiptJson.js";

export function blockSummaryJson({ height, hash, block }: CommittedBlock): BlockSummaryJson {
  return {
    height,
    hash: toHex(hash),
    timeMs: block.header.timeMs,
    proposer: toHex(block.header.proposer),
    transactionCount: block.transactions.length,
    stateRoot: toHex(decodeResult(block.result).stateRoot),
  };
}

export function blockJson(committed: CommittedBlock): BlockJson {
  const { height, hash, block, certificate, receipts, transactions } = committed;
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
      proposer: toHex(result.proposer),
      signature: toHex(result.signature),
    },
    certificate: {
      kind: certificate.kind,
      signatures: certificate.signatures.map(({ delegate, signature }) => ({ delegate, signature: toHex(signature) })),
    },
    transactions: transactions.map((transaction, index) => {
      const { code, fee } = decodeReceipt(receipts[index]);
      return { id: toHex(transaction.id), code: codeText(code), fee: fee.toString(), feeToken: transaction.feeToken };
    }),
  };
}

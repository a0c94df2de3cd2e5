// Receipts as JSON.

import { assert } from "../../base/assert.js";
import { toHex } from "../../base/bytes.js";
import { formatAddress } from "../../protocol/address.js";
import type { CodeText, ReceiptEventJson, ReceiptJson } from "../../protocol/apiTypes.js";
import { errorName } from "../../protocol/errors.js";
import { decodeReceipt, EVENT_KINDS, NO_OPERATION, type ReceiptEvent } from "../../protocol/receipt.js";
import type { TokenId } from "../../protocol/tokens.js";
import { Reader } from "../../protocol/wire.js";
import { contractEventJson } from "./contractEventJson.js";

/** The name of a receipt's code. */
export function codeText(number: number): CodeText {
  const name = errorName(number);
  assert(name !== undefined, `a receipt carries code ${number}, which no table knows`);
  return name;
}

/** The code of an encoded receipt, without decoding the rest. */
export function receiptCode(receipt: Uint8Array): number {
  return receipt[0] | (receipt[1] << 8);
}

function receiptEventJson({ kind, data }: ReceiptEvent): ReceiptEventJson {
  if (kind === EVENT_KINDS.depositTaken || kind === EVENT_KINDS.depositReturned) {
    const reader = new Reader(data);
    return {
      kind: kind === EVENT_KINDS.depositTaken ? "depositTaken" : "depositReturned",
      address: formatAddress(reader.raw(32)),
      amount: reader.u64().toString(),
    };
  }
  if (kind === EVENT_KINDS.tokenCreated) {
    return { kind: "tokenCreated", token: toHex(data) };
  }
  return contractEventJson(kind, data) ?? { kind: "unknown", number: kind, data: toHex(data) };
}

/** An encoded receipt of a transaction that pays in `feeToken`. */
export function receiptJson(encoded: Uint8Array, feeToken: TokenId): ReceiptJson {
  const receipt = decodeReceipt(encoded);
  return {
    code: codeText(receipt.code),
    number: receipt.code,
    ...(receipt.operationIndex === NO_OPERATION ? {} : { operationIndex: receipt.operationIndex }),
    fee: receipt.fee.toString(),
    feeToken,
    events: receipt.events.map(receiptEventJson),
  };
}

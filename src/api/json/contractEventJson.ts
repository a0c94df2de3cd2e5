// What contracts tell in receipts, as JSON.

import { toHex } from "../../base/bytes.js";
import { formatAddress } from "../../protocol/address.js";
import type { ReceiptEventJson } from "../../protocol/apiTypes.js";
import { lvmJson } from "../../protocol/lvmJson.js";
import { decodeLvmValue, type LvmValue } from "../../protocol/lvmValue.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import { tokenOfBytes } from "../../protocol/tokens.js";
import { Reader } from "../../protocol/wire.js";

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function eventJson(reader: Reader): ReceiptEventJson {
  const contract = formatAddress(reader.raw(32));
  const name = text(reader.short());
  const args = decodeLvmValue(reader.raw(reader.remaining)) as readonly LvmValue[];
  return { kind: "contractEvent", contract, name, args: args.map(lvmJson) };
}

function resultJson(reader: Reader): ReceiptEventJson {
  const [operationIndex, gasUsed] = [reader.u8(), reader.u32()];
  const bytes = reader.raw(reader.remaining);
  const value = bytes.length === 0 ? null : lvmJson(decodeLvmValue(bytes));
  return { kind: "contractResult", operationIndex, gasUsed, value };
}

function transferJson(reader: Reader): ReceiptEventJson {
  const [from, to] = [formatAddress(reader.raw(32)), formatAddress(reader.raw(32))];
  const token = tokenOfBytes(reader.raw(32));
  return { kind: "contractTransfer", from, to, token, amount: reader.u64().toString() };
}

function failureJson(reader: Reader): ReceiptEventJson {
  const [operationIndex, gasUsed, line] = [reader.u8(), reader.u32(), reader.u32()];
  const message = text(reader.raw(reader.remaining));
  return { kind: "contractFailure", operationIndex, gasUsed, ...(line === 0 ? {} : { line }), message };
}

function testJson(reader: Reader): ReceiptEventJson {
  const passed = reader.flag();
  const gasUsed = reader.u32();
  const name = text(reader.short());
  return { kind: "contractTest", name, passed, gasUsed, message: text(reader.raw(reader.remaining)) };
}

/** Undefined for events that are not of contracts. */
export function contractEventJson(kind: number, data: Uint8Array): ReceiptEventJson | undefined {
  const reader = new Reader(data);
  switch (kind) {
    case EVENT_KINDS.contractRegistered:
      return { kind: "contractRegistered", contract: formatAddress(reader.raw(32)), codeHash: toHex(reader.raw(32)) };
    case EVENT_KINDS.contractResult:
      return resultJson(reader);
    case EVENT_KINDS.contractEvent:
      return eventJson(reader);
    case EVENT_KINDS.contractTransfer:
      return transferJson(reader);
    case EVENT_KINDS.storageDeposit:
      return { kind: "storageDeposit", taken: reader.u64().toString(), returned: reader.u64().toString() };
    case EVENT_KINDS.oracleRequest: {
      const [request, contract] = [toHex(reader.raw(32)), formatAddress(reader.raw(32))];
      const callbackGas = reader.u32();
      return { kind: "oracleRequest", request, contract, feed: text(reader.short()), callbackGas };
    }
    case EVENT_KINDS.contractFailure:
      return failureJson(reader);
    case EVENT_KINDS.contractTest:
      return testJson(reader);
    default:
      return undefined;
  }
}

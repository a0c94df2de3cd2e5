// What contracts tell in receipts, as JSON.

import { toHex } from "../../base/bytes.js";
import { formatAddress } from "../../protocol/address.js";
import type { ReceiptEventJson } from "../../protocol/apiTypes.js";
import { type LvmJson, lvmJson } from "../../protocol/lvmJson.js";
import { decodeLvmValue, type LvmValue } from "../../protocol/lvmValue.js";
import { decodeReceipt, EVENT_KINDS, receiptEventCount } from "../../protocol/receipt.js";
import { tokenOfBytes } from "../../protocol/tokens.js";
import { Reader } from "../../protocol/wire.js";

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** An event of a contract, whose address has 32 bytes. */
export interface ToldEvent {
  contract: Uint8Array;
  name: string;
  args: LvmJson[];
}

function toldEvent(data: Uint8Array): ToldEvent {
  const reader = new Reader(data);
  const contract = reader.raw(32);
  const name = text(reader.short());
  const args = decodeLvmValue(reader.raw(reader.remaining)) as readonly LvmValue[];
  return { contract, name, args: args.map(lvmJson) };
}

/** What contracts tell in an encoded receipt, in order. */
export function contractEventsOf(receipt: Uint8Array): ToldEvent[] {
  if (receiptEventCount(receipt) === 0) {
    return [];
  }
  const { events } = decodeReceipt(receipt);
  return events.filter(({ kind }) => kind === EVENT_KINDS.contractEvent).map(({ data }) => toldEvent(data));
}

function eventJson(data: Uint8Array): ReceiptEventJson {
  const { contract, name, args } = toldEvent(data);
  return { kind: "contractEvent", contract: formatAddress(contract), name, args };
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
      return eventJson(data);
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

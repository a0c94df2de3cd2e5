// History entries as JSON.

import { toHex } from "../../base/bytes.js";
import type { HistoryEntry } from "../../history/history.js";
import type { HistoryEntryJson } from "../../protocol/apiTypes.js";
import { addressText } from "./addressText.js";
import { codeText } from "./receiptJson.js";

export function historyEntryJson(entry: HistoryEntry): HistoryEntryJson {
  const json: HistoryEntryJson = {
    height: entry.height,
    index: entry.index,
    id: toHex(entry.id),
    timeMs: entry.timeMs,
    code: codeText(entry.code),
    direction: entry.direction,
    kind: entry.kind,
  };
  if (entry.counterparty !== undefined) {
    json.counterparty = addressText(entry.counterparty);
  }
  if (entry.token !== undefined) {
    json.token = entry.token;
  }
  if (entry.amount !== undefined) {
    json.amount = entry.amount.toString();
  }
  if (entry.fee !== undefined && entry.feeToken !== undefined) {
    json.fee = entry.fee.toString();
    json.feeToken = entry.feeToken;
  }
  if (entry.reference !== undefined) {
    json.reference = toHex(entry.reference);
  }
  if (entry.memo !== undefined) {
    json.memo = toHex(entry.memo);
  }
  if (entry.frozen !== undefined) {
    json.frozen = entry.frozen;
  }
  return json;
}

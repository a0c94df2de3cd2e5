// What a receipt says of contracts, for people.

import type { ReceiptAnswer } from "../../client/answers.js";
import type { ReceiptEventJson } from "../../protocol/apiTypes.js";
import { parseLvmJson } from "../../protocol/lvmJson.js";
import { withFileNames } from "./projectFolder.js";
import { showValue } from "./showValue.js";

function describe(event: ReceiptEventJson): [string, string] | undefined {
  switch (event.kind) {
    case "contractResult":
      return ["Returned", `${showValue(parseLvmJson(event.value))} (${event.gasUsed.toLocaleString("en-US")} gas)`];
    case "contractEvent":
      return ["Event", `${event.name} ${event.args.map((value) => showValue(parseLvmJson(value))).join(", ")}`.trim()];
    case "contractTransfer":
      return ["Paid", `${event.amount} units of ${event.token}: ${event.from} → ${event.to}`];
    case "contractFailure": {
      const place = event.line === undefined || /^contract:\d/.test(event.message) ? "" : `contract:${event.line}: `;
      return ["Failed", `${withFileNames(`${place}${event.message}`)} (${event.gasUsed.toLocaleString("en-US")} gas)`];
    }
    case "contractTest":
      return ["Test", `${event.passed ? "✓" : "✗"} ${event.name} ${withFileNames(event.message)}`.trim()];
    default:
      return undefined;
  }
}

export function describeReceipt(receipt: ReceiptAnswer): [string, string][] {
  return receipt.events.map(describe).filter((line) => line !== undefined);
}

// One transaction: its state and its proof.

import { toHex } from "../../base/bytes.js";
import type { TransactionStateJson } from "../../protocol/apiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import type { ApiContext } from "../context.js";
import { receiptCode, receiptJson } from "../json/receiptJson.js";
import { transactionJson } from "../json/transactionJson.js";
import { WHOLE } from "../openapi/schema.js";
import { transactionProofJson } from "../proofs.js";
import { parseHash } from "../request.js";
import { jsonAnswer, type Route } from "../route.js";
import { ID_PARAMETER, jsonOf } from "./parameters.js";

/** What this node can say about a transaction; `validUntil` where the asker knows it. */
export async function transactionState(
  { services, chain }: Pick<ApiContext, "services" | "chain">,
  id: Uint8Array,
  validUntil: number | undefined,
): Promise<TransactionStateJson> {
  const { history, mempool } = services;
  const hex = toHex(id);
  const place = history.transaction(id);
  if (place !== undefined) {
    const block = await chain.block(place.height);
    const transaction = block.transactions[place.index];
    const receipt = block.receipts[place.index];
    return {
      id: hex,
      state: receiptCode(receipt) === 0 ? "committed" : "failed",
      height: place.height,
      index: place.index,
      timeMs: block.block.header.timeMs,
      receipt: receiptJson(receipt, transaction.feeToken),
      transaction: transactionJson(transaction),
    };
  }
  const pending = mempool.pending(id);
  if (pending !== undefined) {
    return { id: hex, state: "pending", transaction: transactionJson(pending) };
  }
  const expiredAt = chain.expiredAt(id);
  if (expiredAt !== undefined) {
    return { id: hex, state: "expired", validUntil: expiredAt };
  }
  // Every block up to the history's height has been searched.
  return validUntil !== undefined && validUntil <= history.height
    ? { id: hex, state: "expired", validUntil }
    : { id: hex, state: "unknown" };
}

const one: Route = {
  method: "get",
  path: "/v1/transactions/{id}",
  summary: "A transaction's state",
  parameters: [
    ID_PARAMETER,
    {
      name: "validUntil",
      in: "query",
      required: false,
      description: "The transaction's valid-until height, so that the answer can be expired",
      schema: WHOLE,
    },
  ],
  answer: jsonOf("TransactionState", "What this node knows of the transaction"),
  errors: ["HEIGHT_NOT_KEPT"],
  async handle(request, context) {
    const id = parseHash(request.path("id"), "id");
    return jsonAnswer(await transactionState(context, id, request.optionalNumber("validUntil")));
  },
};

const proof: Route = {
  method: "get",
  path: "/v1/transactions/{id}/proof",
  summary: "Proof that a transaction is in its block, and of its receipt",
  parameters: [ID_PARAMETER],
  answer: jsonOf("TransactionProof", "Audit paths of the transaction and of its receipt, and the proof of the result"),
  errors: ["NOT_FOUND", "HEIGHT_NOT_KEPT"],
  async handle(request, { services, chain }) {
    const place = services.history.transaction(parseHash(request.path("id"), "id"));
    if (place === undefined) {
      throw new CodedError("NOT_FOUND", "no block of this node holds the transaction");
    }
    return jsonAnswer(transactionProofJson(await chain.block(place.height), place.index));
  },
};

export const TRANSACTION_ROUTES: Route[] = [one, proof];

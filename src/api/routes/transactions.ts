// One transaction: its state and its proof.

import { equalBytes, toHex } from "../../base/bytes.js";
import type { History } from "../../history/history.js";
import { WHOLE } from "../../http/openapi/schema.js";
import { parseHash } from "../../http/request.js";
import { jsonAnswer } from "../../http/route.js";
import type { TransactionStateJson } from "../../protocol/apiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import { decodeTransaction, type Transaction } from "../../protocol/transaction.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { ApiRoute } from "../apiRoute.js";
import type { ChainView } from "../chainView.js";
import type { ApiContext } from "../context.js";
import { receiptCode, receiptJson } from "../json/receiptJson.js";
import { transactionJson } from "../json/transactionJson.js";
import { transactionProofJson } from "../proofs.js";
import { ID_PARAMETER, jsonOf } from "./parameters.js";

interface Committed {
  block: CommittedBlock;
  index: number;
  transaction: Transaction;
}

/** A transaction, the block that holds it, and its place there. Throws HEIGHT_NOT_KEPT where the block was removed. */
async function findCommitted(chain: ChainView, history: History, id: Uint8Array): Promise<Committed | undefined> {
  const place = history.transaction(id);
  if (place === undefined) {
    return undefined;
  }
  const block = await chain.block(place.height);
  // Only this one is decoded: a full block would keep the node busy for a good part of a second.
  const transaction = decodeTransaction(block.block.transactions[place.index]);
  return equalBytes(transaction.id, id) ? { block, index: place.index, transaction } : undefined;
}

/** What this node can say about a transaction; `validUntil` where the asker knows it. */
export async function transactionState(
  { services, chain }: Pick<ApiContext, "services" | "chain">,
  id: Uint8Array,
  validUntil: number | undefined,
): Promise<TransactionStateJson> {
  const { history, mempool } = services;
  const hex = toHex(id);
  // Looked up together with the history, before anything waits: a block that comes meanwhile takes it from one to the other.
  const pending = mempool.pending(id);
  const heightSearched = history.height;
  const found = await findCommitted(chain, history, id);
  if (found !== undefined) {
    const { block, index, transaction } = found;
    const receipt = block.receipts[index];
    return {
      id: hex,
      state: receiptCode(receipt) === 0 ? "committed" : "failed",
      height: block.height,
      index,
      timeMs: block.block.header.timeMs,
      receipt: receiptJson(receipt, transaction.feeToken),
      transaction: transactionJson(transaction),
    };
  }
  if (pending !== undefined) {
    return { id: hex, state: "pending", transaction: transactionJson(pending) };
  }
  const expiredAt = chain.expiredAt(id);
  if (expiredAt !== undefined) {
    return { id: hex, state: "expired", validUntil: expiredAt };
  }
  return validUntil !== undefined && validUntil <= heightSearched
    ? { id: hex, state: "expired", validUntil }
    : { id: hex, state: "unknown" };
}

const one: ApiRoute = {
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

const proof: ApiRoute = {
  method: "get",
  path: "/v1/transactions/{id}/proof",
  summary: "Proof that a transaction is in its block, and of its receipt",
  parameters: [ID_PARAMETER],
  answer: jsonOf("TransactionProof", "Audit paths of the transaction and of its receipt, and the proof of the result"),
  errors: ["NOT_FOUND", "HEIGHT_NOT_KEPT"],
  async handle(request, { services, chain }) {
    const found = await findCommitted(chain, services.history, parseHash(request.path("id"), "id"));
    if (found === undefined) {
      throw new CodedError("NOT_FOUND", "no block of this node holds the transaction");
    }
    return jsonAnswer(transactionProofJson(found.block, found.index));
  },
};

export const TRANSACTION_ROUTES: ApiRoute[] = [one, proof];

// References: whether a payment that can be made once was made.

import { toHex } from "../../base/bytes.js";
import { ADDRESS, AMOUNT, HASH, TOKEN } from "../../http/openapi/schema.js";
import { parseHash, parseToken, parseUnits } from "../../http/request.js";
import { jsonAnswer, queryParameter } from "../../http/route.js";
import { parseAddress } from "../../protocol/address.js";
import type { ReferenceJson } from "../../protocol/apiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import { referenceExpiryHeight } from "../../protocol/operations/transfer.js";
import { readParameters, readReference } from "../../state/views.js";
import type { ApiRoute } from "../apiRoute.js";
import { jsonOf } from "./parameters.js";

const REQUIRED = { required: true };

/** A reference's expiry height; throws BAD_REQUEST for one that no chain reaches. */
function expiryOf(reference: Uint8Array): number {
  const expiry = referenceExpiryHeight(reference);
  if (expiry > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new CodedError("BAD_REQUEST", `expected a reference that expires below height 2^53, got height ${expiry}`);
  }
  return Number(expiry);
}

const one: ApiRoute = {
  method: "get",
  path: "/v1/references",
  summary: "Whether a payee, token, amount and reference were paid",
  parameters: [
    queryParameter("payee", "Who is paid", ADDRESS, REQUIRED),
    queryParameter("token", "In which token", TOKEN, REQUIRED),
    queryParameter("amount", "How many units", AMOUNT, REQUIRED),
    queryParameter("reference", "The reference", HASH, REQUIRED),
  ],
  answer: jsonOf("Reference", "Paid, still payable, or never paid and never payable again"),
  errors: ["BAD_ADDRESS", "FOREIGN_ADDRESS", "AMOUNT_OUT_OF_RANGE", "HEIGHT_NOT_KEPT"],
  handle(request, { services, chain }) {
    const { state } = services;
    const payee = parseAddress(request.required("payee"));
    const token = parseToken(request.required("token"), "token");
    const amount = parseUnits(request.required("amount"), "amount");
    const reference = parseHash(request.required("reference"), "reference");
    const heightExpiry = expiryOf(reference);
    const leaf = readReference(state, payee, token, amount, reference);
    if (leaf !== undefined) {
      const { heightPaid, transactionId } = leaf;
      const paid: ReferenceJson = { state: "paid", heightPaid, transactionId: toHex(transactionId), heightExpiry };
      return jsonAnswer(paid);
    }
    const heightKept = heightExpiry + readParameters(state).referenceKeepHeights;
    if (heightKept < state.height) {
      throw new CodedError("HEIGHT_NOT_KEPT", `whether it was paid was kept until height ${heightKept}`, {
        heightKept,
      });
    }
    const answer: ReferenceJson = { state: heightExpiry < chain.heightNext ? "expired" : "open", heightExpiry };
    return jsonAnswer(answer);
  },
};

export const REFERENCE_ROUTES: ApiRoute[] = [one];

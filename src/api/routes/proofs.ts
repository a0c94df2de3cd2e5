// Proofs of the state: that a leaf has a value after a height, or that there is none.

import { HASH, WHOLE } from "../../http/openapi/schema.js";
import { parseHash } from "../../http/request.js";
import { jsonAnswer } from "../../http/route.js";
import type { ApiRoute } from "../apiRoute.js";
import { stateProofJson } from "../proofs.js";
import { jsonOf } from "./parameters.js";

const one: ApiRoute = {
  method: "get",
  path: "/v1/proofs/{key}",
  summary: "Proof of a leaf of the state, present or absent",
  parameters: [
    { name: "key", in: "path", required: true, description: "The leaf's key", schema: HASH },
    {
      name: "height",
      in: "query",
      required: false,
      description: "After which block; the latest by default",
      schema: WHOLE,
    },
  ],
  answer: jsonOf("StateProof", "The value, its ICS-23 proof, and the proof of the state root"),
  errors: ["NOT_FOUND", "HEIGHT_NOT_KEPT"],
  async handle(request, { services, chain }) {
    const { state } = services;
    const key = parseHash(request.path("key"), "key");
    const height = request.optionalNumber("height") ?? state.height;
    const block = await chain.block(height);
    // Read after the block, in one go: the height may leave the kept ones in between, never between these two.
    return jsonAnswer(stateProofJson(state, block, key));
  },
};

export const PROOF_ROUTES: ApiRoute[] = [one];

// Blocks: a list, one by height or hash, and its bytes.

import { HASH, TEXT, WHOLE } from "../../http/openapi/schema.js";
import { parseHash, parseWholeNumber } from "../../http/request.js";
import { BINARY_TYPE, JSON_TYPE, jsonAnswer } from "../../http/route.js";
import type { BlocksJson } from "../../protocol/apiTypes.js";
import { encodeBlock } from "../../protocol/block.js";
import { CodedError } from "../../protocol/errors.js";
import { encodeCommittedBlock } from "../../storage/committedBlock.js";
import type { ApiRoute } from "../apiRoute.js";
import { blockSummaryJson, blockText } from "../json/blockJson.js";
import { jsonOf, limitParameter } from "./parameters.js";

const BLOCKS_MAX = 100;
const BLOCKS_USUAL = 20;
const HASH_CHARACTERS = 64;

const list: ApiRoute = {
  method: "get",
  path: "/v1/blocks",
  summary: "Blocks, newest first",
  parameters: [
    { name: "before", in: "query", required: false, description: "Only blocks below this height", schema: WHOLE },
    limitParameter(BLOCKS_MAX),
  ],
  answer: jsonOf("Blocks", "Summaries of blocks"),
  handle(request, { services: { history, blocks } }) {
    const before = request.optionalNumber("before") ?? Number.MAX_SAFE_INTEGER;
    const limit = request.limit(BLOCKS_USUAL, BLOCKS_MAX);
    const answer: BlocksJson = { blocks: [] };
    const lowest = Math.max(1, blocks.firstHeight ?? 1);
    for (
      let height = Math.min(before - 1, history.height);
      height >= lowest && answer.blocks.length < limit;
      height--
    ) {
      const summary = history.blockSummary(height);
      if (summary === undefined) {
        break;
      }
      answer.blocks.push(blockSummaryJson(summary));
    }
    return jsonAnswer(answer);
  },
};

const one: ApiRoute = {
  method: "get",
  path: "/v1/blocks/{block}",
  summary: "A block by its height or hash",
  parameters: [
    {
      name: "block",
      in: "path",
      required: true,
      description: "A height, or a block's hash",
      schema: { oneOf: [WHOLE, HASH] },
    },
  ],
  answer: jsonOf("Block", "Header, result, certificate and what became of each transaction"),
  errors: ["NOT_FOUND", "HEIGHT_NOT_KEPT"],
  async handle(request, { chain, services: { history } }) {
    const name = request.path("block");
    let height = parseWholeNumber(name);
    if (name.length === HASH_CHARACTERS) {
      height = history.blockHeight(parseHash(name, "block"));
      if (height === undefined) {
        throw new CodedError("NOT_FOUND", `there is no block with hash ${name}`);
      }
    }
    if (height === undefined) {
      throw new CodedError("BAD_REQUEST", "expected a height or 64 hex digits, got something else", {
        parameter: "block",
      });
    }
    return { contentType: JSON_TYPE, body: await blockText(await chain.block(height)) };
  },
};

const raw: ApiRoute = {
  method: "get",
  path: "/v1/blocks/{height}/raw",
  summary: "A block's bytes",
  parameters: [{ name: "height", in: "path", required: true, description: "The block's height", schema: WHOLE }],
  answer: { description: "The encoded block", content: { [BINARY_TYPE]: { ...TEXT, format: "binary" } } },
  errors: ["NOT_FOUND", "HEIGHT_NOT_KEPT"],
  async handle(request, { chain }) {
    const { block } = await chain.block(request.pathNumber("height"));
    return { contentType: BINARY_TYPE, body: encodeBlock(block) };
  },
};

const record: ApiRoute = {
  method: "get",
  path: "/v1/blocks/{height}/record",
  summary: "A block with all that a node which follows needs: certificate, receipts and write set",
  parameters: [{ name: "height", in: "path", required: true, description: "The block's height", schema: WHOLE }],
  answer: { description: "The encoded record", content: { [BINARY_TYPE]: { ...TEXT, format: "binary" } } },
  errors: ["NOT_FOUND", "HEIGHT_NOT_KEPT"],
  async handle(request, { chain }) {
    return {
      contentType: BINARY_TYPE,
      body: encodeCommittedBlock(await chain.block(request.pathNumber("height"))),
    };
  },
};

export const BLOCK_ROUTES: ApiRoute[] = [list, one, raw, record];

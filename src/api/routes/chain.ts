// The chain as a whole: where it stands, what it began from, its rules and its delegates.

import { toHex } from "../../base/bytes.js";
import { WHOLE } from "../../http/openapi/schema.js";
import { jsonAnswer } from "../../http/route.js";
import type { DelegateSetJson, DelegatesJson, StatusJson } from "../../protocol/apiTypes.js";
import { type Delegate, delegateSetHash } from "../../protocol/delegates.js";
import { rotationAt } from "../../protocol/round.js";
import { readDelegates, readParameters, readRound } from "../../state/views.js";
import type { ApiRoute } from "../apiRoute.js";
import { delegatesOfHeight } from "../delegatesOfHeight.js";
import { parametersJson } from "../json/parametersJson.js";
import { jsonOf } from "./parameters.js";

const status: ApiRoute = {
  method: "get",
  path: "/v1/status",
  summary: "Where the chain and this node stand",
  answer: jsonOf("Status", "The latest height and what goes with it"),
  handle(_request, { services, chain }) {
    const { genesis, genesisHash, state, mempool, history, version } = services;
    const { latest } = chain;
    const answer: StatusJson = {
      chain: { name: genesis.name, genesisHash: toHex(genesisHash), development: genesis.development },
      height: state.height,
      blockHash: toHex(latest?.hash ?? genesisHash),
      stateRoot: toHex(state.root),
      timeMs: latest?.block.header.timeMs ?? genesis.timeMs,
      delegates: readDelegates(state).length,
      mempool: { count: mempool.count, bytes: mempool.bytes },
      historyHeight: history.height,
      version,
    };
    return jsonAnswer(answer);
  },
};

const genesis: ApiRoute = {
  method: "get",
  path: "/v1/genesis",
  summary: "The genesis file",
  answer: jsonOf("Genesis", "The file that the chain began from"),
  handle: (_request, { services }) => jsonAnswer(services.genesis),
};

const parameters: ApiRoute = {
  method: "get",
  path: "/v1/parameters",
  summary: "The chain's parameters as of the latest height",
  answer: jsonOf("Parameters", "Fees, deposits, quotes, windows and sizes"),
  handle: (_request, { services }) => jsonAnswer(parametersJson(readParameters(services.state))),
};

function setJson(set: Delegate[]): DelegateSetJson {
  return {
    delegateSetHash: toHex(delegateSetHash(set)),
    delegates: set.map(({ publicKey, power }, index) => ({ index, publicKey: toHex(publicKey), power })),
  };
}

const delegates: ApiRoute = {
  method: "get",
  path: "/v1/delegates",
  summary: "The delegates that agree on the next block",
  answer: jsonOf("Delegates", "The delegates in the order of their turns"),
  handle(_request, { services }) {
    const set = readDelegates(services.state);
    const answer: DelegatesJson = {
      ...setJson(set),
      next: rotationAt(readRound(services.state), set, services.state.height + 1).proposer,
    };
    return jsonAnswer(answer);
  },
};

const delegatesThen: ApiRoute = {
  method: "get",
  path: "/v1/delegates/{height}",
  summary: "The delegates that agreed on a block",
  parameters: [{ name: "height", in: "path", required: true, description: "The block's height", schema: WHOLE }],
  answer: jsonOf("DelegateSet", "The delegates in the order of their turns"),
  errors: ["NOT_FOUND", "HEIGHT_NOT_KEPT"],
  async handle(request, { chain, services }) {
    const set = await delegatesOfHeight(chain, services, request.pathNumber("height", Number.MAX_SAFE_INTEGER));
    return jsonAnswer(setJson(set));
  },
};

export const CHAIN_ROUTES: ApiRoute[] = [status, genesis, parameters, delegates, delegatesThen];

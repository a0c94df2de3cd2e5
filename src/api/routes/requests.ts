// Contracts' requests for outside data that are open: what delegates are asked, and what they have answered so far.

import { toHex } from "../../base/bytes.js";
import { TEXT } from "../../http/openapi/schema.js";
import { jsonAnswer } from "../../http/route.js";
import type { OracleRequestJson, OracleRequestsJson } from "../../protocol/contractApiTypes.js";
import { decodeOracleRequest } from "../../protocol/oracleLeaves.js";
import type { ApiRoute } from "../apiRoute.js";
import { addressText } from "../json/addressText.js";
import type { ApiServices } from "../services.js";
import { jsonOf, limitParameter } from "./parameters.js";

const REQUESTS_MAX = 100;

/** The request; undefined for one that is over, or whose key was used for another since. */
function openRequest({ state }: ApiServices, key: Uint8Array, height: number): OracleRequestJson | undefined {
  const value = state.get(key);
  const leaf = value && decodeOracleRequest(value);
  if (leaf?.height !== height) {
    return undefined;
  }
  return {
    request: toHex(key),
    contract: addressText(leaf.contract),
    key: leaf.key,
    feed: leaf.feed,
    callback: leaf.callback,
    callbackGas: leaf.gas,
    height,
    answers: leaf.answers.map(({ delegate, value: said }) => ({ delegate: toHex(delegate), value: said.toString() })),
  };
}

const list: ApiRoute = {
  method: "get",
  path: "/v1/requests",
  summary: "Open requests of contracts for outside data, newest first; a page may be short and still name a next one",
  parameters: [
    {
      name: "before",
      in: "query",
      required: false,
      description: "The cursor that the page before gave as next",
      schema: TEXT,
    },
    limitParameter(REQUESTS_MAX),
  ],
  answer: jsonOf("OracleRequests", "A page of requests as of the latest height"),
  handle(request, { services }) {
    const page = services.history.requests({
      before: request.optional("before"),
      limit: request.limit(REQUESTS_MAX, REQUESTS_MAX),
    });
    const last = page.requests.at(-1);
    const answer: OracleRequestsJson = {
      height: services.state.height,
      requests: page.requests.flatMap(({ key, height }) => openRequest(services, key, height) ?? []),
      ...(page.next === undefined || last === undefined ? {} : { next: page.next, nextHeight: last.height }),
    };
    return jsonAnswer(answer);
  },
};

export const REQUEST_ROUTES: ApiRoute[] = [list];

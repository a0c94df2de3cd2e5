// Tokens: the chain's own, then those that somebody created.

import { ADDRESS, TOKEN } from "../../http/openapi/schema.js";
import { parseToken } from "../../http/request.js";
import { jsonAnswer } from "../../http/route.js";
import { formatAddress, parseAddress } from "../../protocol/address.js";
import type { TokenHoldersJson, TokensJson } from "../../protocol/apiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import { NATIVE_TOKENS, nativeIndex, type TokenId } from "../../protocol/tokens.js";
import { readBalance, readToken } from "../../state/views.js";
import type { ApiRoute } from "../apiRoute.js";
import { tokenJson } from "../json/tokenJson.js";
import type { ApiServices } from "../services.js";
import { jsonOf, limitParameter } from "./parameters.js";

const TOKENS_MAX = 100;
const TOKENS_USUAL = 20;

/** The ids that follow `after`, one more than `limit` where there are more. */
function tokenIds({ history }: ApiServices, after: TokenId | undefined, limit: number): TokenId[] {
  const nativesDone = after === undefined ? 0 : nativeIndex(after) < 0 ? NATIVE_TOKENS.length : nativeIndex(after) + 1;
  const natives: TokenId[] = NATIVE_TOKENS.slice(nativesDone, nativesDone + limit + 1);
  const createdAfter = after !== undefined && nativeIndex(after) < 0 ? after : undefined;
  const wanted = limit + 1 - natives.length;
  return wanted > 0 ? [...natives, ...history.tokens({ after: createdAfter, limit: wanted })] : natives;
}

const list: ApiRoute = {
  method: "get",
  path: "/v1/tokens",
  summary: "Tokens: the chain's own, then created ones in the order of their ids",
  parameters: [
    {
      name: "after",
      in: "query",
      required: false,
      description: "The id that the page before gave as next",
      schema: TOKEN,
    },
    limitParameter(TOKENS_MAX),
  ],
  answer: jsonOf("Tokens", "A page of tokens"),
  handle(request, { services }) {
    const limit = request.limit(TOKENS_USUAL, TOKENS_MAX);
    const after = request.optional("after");
    const ids = tokenIds(services, after === undefined ? undefined : parseToken(after, "after"), limit);
    const page = ids.slice(0, limit);
    const last = page.at(-1);
    const answer: TokensJson = {
      tokens: page.flatMap((token) => {
        const leaf = readToken(services.state, token);
        return leaf === undefined ? [] : [tokenJson(token, leaf)];
      }),
      ...(ids.length > limit && last !== undefined ? { next: last } : {}),
    };
    return jsonAnswer(answer);
  },
};

const one: ApiRoute = {
  method: "get",
  path: "/v1/tokens/{id}",
  summary: "A token's face, rights, supply and issuers",
  parameters: [{ name: "id", in: "path", required: true, description: "The token's id", schema: TOKEN }],
  answer: jsonOf("Token", "The token as of the latest height"),
  errors: ["NOT_FOUND"],
  handle(request, { services }) {
    const token = parseToken(request.path("id"), "id");
    const leaf = readToken(services.state, token);
    if (leaf === undefined) {
      throw new CodedError("NOT_FOUND", `no token has the id ${token}`);
    }
    return jsonAnswer(tokenJson(token, leaf));
  },
};

const holders: ApiRoute = {
  method: "get",
  path: "/v1/tokens/{id}/holders",
  summary: "Who holds a created token, in the order of addresses; a page may be short and still name a next one",
  parameters: [
    { name: "id", in: "path", required: true, description: "The token's id", schema: TOKEN },
    {
      name: "after",
      in: "query",
      required: false,
      description: "The address that the page before gave as next",
      schema: ADDRESS,
    },
    limitParameter(TOKENS_MAX),
  ],
  answer: jsonOf("TokenHolders", "A page of holders as of the latest height"),
  errors: ["NOT_FOUND", "UNAVAILABLE", "BAD_ADDRESS", "FOREIGN_ADDRESS"],
  handle(request, { services }) {
    const { state, history } = services;
    const token = parseToken(request.path("id"), "id");
    if (nativeIndex(token) >= 0) {
      throw new CodedError("UNAVAILABLE", `expected a created token, got ${token}, which every account can hold`);
    }
    if (readToken(state, token) === undefined) {
      throw new CodedError("NOT_FOUND", `no token has the id ${token}`);
    }
    const limit = request.limit(TOKENS_USUAL, TOKENS_MAX);
    const afterText = request.optional("after");
    const after = afterText === undefined ? undefined : parseAddress(afterText);
    const ever = history.holders(token, { after, limit: limit + 1 });
    const page = ever.slice(0, limit);
    const last = page.at(-1);
    const answer: TokenHoldersJson = {
      holders: page.flatMap((address) => {
        const leaf = readBalance(state, address, token);
        return leaf === undefined || leaf.amount === 0n
          ? []
          : [{ address: formatAddress(address), amount: leaf.amount.toString(), frozen: leaf.frozen }];
      }),
      ...(ever.length > limit && last !== undefined ? { next: formatAddress(last) } : {}),
    };
    return jsonAnswer(answer);
  },
};

export const TOKEN_ROUTES: ApiRoute[] = [list, one, holders];

// Accounts: balances, lanes, history.

import { toHex } from "../../base/bytes.js";
import { TEXT, WHOLE } from "../../http/openapi/schema.js";
import { jsonAnswer } from "../../http/route.js";
import { formatAddress } from "../../protocol/address.js";
import type { AccountJson, HistoryJson, LaneJson } from "../../protocol/apiTypes.js";
import { readAccount, readBalance } from "../../state/views.js";
import type { ApiRoute } from "../apiRoute.js";
import { historyEntryJson } from "../json/historyJson.js";
import type { ApiServices } from "../services.js";
import { ADDRESS_PARAMETER, jsonOf, limitParameter } from "./parameters.js";

const LANE_MAX = 0xffffffff;
const TOKENS_SHOWN_MAX = 256;
/** Tokens once held that are looked up in the state for one answer, at most. */
const TOKENS_SEARCHED_MAX = 4_096;
const HISTORY_MAX = 100;
const HISTORY_USUAL = 20;

/** What the account holds of created tokens. The state can't list them: the history knows which it was ever credited with. */
function heldTokens({ state, history }: ApiServices, address: Uint8Array, count: number): AccountJson["tokens"] {
  const held: AccountJson["tokens"] = [];
  const wanted = Math.min(count, TOKENS_SHOWN_MAX);
  let after: string | undefined;
  for (let searched = 0; held.length < wanted && searched < TOKENS_SEARCHED_MAX; searched += TOKENS_SHOWN_MAX) {
    const tokens = history.heldTokens(address, { after, limit: TOKENS_SHOWN_MAX });
    for (const token of tokens) {
      const leaf = readBalance(state, address, token);
      if (leaf !== undefined && held.length < wanted) {
        held.push({ token, amount: leaf.amount.toString(), frozen: leaf.frozen });
      }
    }
    after = tokens.at(-1);
    if (tokens.length < TOKENS_SHOWN_MAX) {
      break;
    }
  }
  return held;
}

const account: ApiRoute = {
  method: "get",
  path: "/v1/accounts/{address}",
  summary: "An account's balances",
  parameters: [ADDRESS_PARAMETER],
  answer: jsonOf("Account", "What the account holds; an address without an account holds nothing"),
  errors: ["BAD_ADDRESS", "FOREIGN_ADDRESS"],
  handle(request, { services }) {
    const { state } = services;
    const address = request.pathAddress("address");
    const leaf = readAccount(state, address);
    const [ttc, ttm, ttmi] = leaf?.balances ?? [0n, 0n, 0n];
    const tokenCount = leaf?.tokenCount ?? 0;
    const answer: AccountJson = {
      address: formatAddress(address),
      exists: leaf !== undefined,
      balances: { TTC: ttc.toString(), TTM: ttm.toString(), TTMI: ttmi.toString() },
      tokens: heldTokens(services, address, tokenCount),
      tokenCount,
      deposit: (leaf?.deposit ?? 0n).toString(),
      ...(leaf?.replacedKey === undefined ? {} : { publicKey: toHex(leaf.replacedKey) }),
      height: state.height,
    };
    return jsonAnswer(answer);
  },
};

const lane: ApiRoute = {
  method: "get",
  path: "/v1/accounts/{address}/lanes/{lane}",
  summary: "The next sequence of a lane",
  parameters: [
    ADDRESS_PARAMETER,
    { name: "lane", in: "path", required: true, description: "The lane", schema: { ...WHOLE, maximum: LANE_MAX } },
  ],
  answer: jsonOf("Lane", "The next sequence in the state, and after what waits here"),
  errors: ["BAD_ADDRESS", "FOREIGN_ADDRESS"],
  handle(request, { services, chain }) {
    const address = request.pathAddress("address");
    const number = request.pathNumber("lane", LANE_MAX);
    const sequenceNext = chain.sequenceNext(address, number);
    const pending = services.mempool.pendingSequence(address, number) ?? 0;
    const answer: LaneJson = { lane: number, sequenceNext, sequencePending: Math.max(sequenceNext, pending) };
    return jsonAnswer(answer);
  },
};

const history: ApiRoute = {
  method: "get",
  path: "/v1/accounts/{address}/history",
  summary: "What happened to an account, newest first",
  parameters: [
    ADDRESS_PARAMETER,
    {
      name: "before",
      in: "query",
      required: false,
      description: "The cursor that the page before gave as next",
      schema: TEXT,
    },
    limitParameter(HISTORY_MAX),
  ],
  answer: jsonOf("History", "A page of entries"),
  errors: ["BAD_ADDRESS", "FOREIGN_ADDRESS"],
  handle(request, { services }) {
    const address = request.pathAddress("address");
    const limit = request.limit(HISTORY_USUAL, HISTORY_MAX);
    const { entries, next } = services.history.account(address, { before: request.optional("before"), limit });
    const answer: HistoryJson = { entries: entries.map(historyEntryJson), ...(next === undefined ? {} : { next }) };
    return jsonAnswer(answer);
  },
};

export const ACCOUNT_ROUTES: ApiRoute[] = [account, lane, history];

// Which contracts there are, and what happened to each: everything here is the history's.

import { subtractTotals } from "../../history/contractActivity.js";
import type { ContractTotals } from "../../history/history.js";
import { TEXT, WHOLE } from "../../http/openapi/schema.js";
import { jsonAnswer, queryParameter, type RouteParameter } from "../../http/route.js";
import { parseAddress } from "../../protocol/address.js";
import type {
  ContractActivityJson,
  ContractCountsJson,
  ContractSummaryJson,
  ContractsJson,
} from "../../protocol/contractApiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import { NATIVE_TOKENS, type NativeToken } from "../../protocol/tokens.js";
import { readContract, readContractSource } from "../../state/views.js";
import type { ApiRoute } from "../apiRoute.js";
import { addressText } from "../json/addressText.js";
import type { ApiServices } from "../services.js";
import { ADDRESS_PARAMETER, jsonOf, limitParameter } from "./parameters.js";

/** A contract's name is known once its source was loaded, which costs a millisecond and at the worst far more. */
const CONTRACTS_MAX = 20;
const MINUTE_MS = 60_000;
const STEP_MINUTES_USUAL = 60;
const STEP_MINUTES_MAX = 525_600;
const POINTS_USUAL = 24;
const POINTS_MAX = 200;

function statusOf(leaf: ReturnType<typeof readContract>): ContractSummaryJson["status"] {
  return leaf === undefined || leaf.destroyed ? "destroyed" : leaf.permanent ? "permanent" : "temporary";
}

function summaryOf(services: ApiServices, address: Uint8Array, heightRegistered: number): ContractSummaryJson {
  const { state, history, contracts } = services;
  const leaf = readContract(state, address);
  const [{ calls, failures, gasUsed }] = history.contractTotals(address, [Number.POSITIVE_INFINITY]);
  const summary: ContractSummaryJson = {
    address: addressText(address),
    heightRegistered,
    status: statusOf(leaf),
    paused: leaf?.paused ?? false,
    calls,
    failures,
    gasUsed,
  };
  if (leaf === undefined || leaf.destroyed) {
    return summary;
  }
  const abi = contracts.abi(readContractSource(state, address, leaf));
  return { ...summary, owner: addressText(leaf.owner), name: abi?.name ?? "", version: abi?.version ?? "" };
}

const list: ApiRoute = {
  method: "get",
  path: "/v1/contracts",
  summary: "Registered contracts, newest first",
  parameters: [
    {
      name: "before",
      in: "query",
      required: false,
      description: "The cursor that the page before gave as next",
      schema: TEXT,
    },
    limitParameter(CONTRACTS_MAX),
  ],
  answer: jsonOf("Contracts", "A page of contracts"),
  handle(request, { services }) {
    const page = services.history.contracts({
      before: request.optional("before"),
      limit: request.limit(CONTRACTS_MAX, CONTRACTS_MAX),
    });
    const answer: ContractsJson = {
      contracts: page.contracts.map(({ address, height }) => summaryOf(services, address, height)),
      ...(page.next === undefined ? {} : { next: page.next }),
    };
    return jsonAnswer(answer);
  },
};

function amounts(units: readonly bigint[]): Record<NativeToken, string> {
  return Object.fromEntries(NATIVE_TOKENS.map((token, i) => [token, units[i].toString()])) as Record<
    NativeToken,
    string
  >;
}

function countsJson({ calls, failures, gasUsed, valueIn, valueOut }: ContractTotals): ContractCountsJson {
  return { calls, failures, gasUsed, valueIn: amounts(valueIn), valueOut: amounts(valueOut) };
}

function wholeParameter(name: string, description: string, maximum?: number): RouteParameter {
  return queryParameter(name, description, maximum === undefined ? WHOLE : { ...WHOLE, minimum: 1, maximum });
}

const activity: ApiRoute = {
  method: "get",
  path: "/v1/contracts/{address}/activity",
  summary: "What calls of a contract came to, in all and over time",
  parameters: [
    ADDRESS_PARAMETER,
    wholeParameter("stepMinutes", "Minutes of one span", STEP_MINUTES_MAX),
    wholeParameter("points", "How many spans", POINTS_MAX),
    wholeParameter("untilMs", "A block time in the last span; the latest where absent"),
  ],
  answer: jsonOf("ContractActivity", "Calls, failures, gas, value in and out"),
  errors: ["NOT_FOUND"],
  handle(request, { services }) {
    const address = parseAddress(request.path("address"));
    const { history, state, blocks, genesis } = services;
    const step = request.countFromOne("stepMinutes", STEP_MINUTES_USUAL, STEP_MINUTES_MAX);
    const points = request.countFromOne("points", POINTS_USUAL, POINTS_MAX);
    const timeMs = blocks.latest?.block.header.timeMs ?? genesis.timeMs;
    const untilMs = Math.min(request.optionalNumber("untilMs") ?? timeMs, timeMs);
    const end = (Math.floor(untilMs / (step * MINUTE_MS)) + 1) * step;
    const minutes = Array.from({ length: points + 1 }, (_, i) => Math.max(0, end - (points - i) * step));
    const [total, ...sums] = history.contractTotals(address, [Number.POSITIVE_INFINITY, ...minutes]);
    if (readContract(state, address) === undefined && total.calls === 0) {
      throw new CodedError("NOT_FOUND", `no contract has the address ${addressText(address)}`);
    }
    const answer: ContractActivityJson = {
      address: addressText(address),
      height: state.height,
      timeMs,
      total: countsJson(total),
      stepMs: step * MINUTE_MS,
      series: sums.slice(1).map((sum, i) => ({
        fromMs: minutes[i] * MINUTE_MS,
        ...countsJson(subtractTotals(sum, sums[i])),
      })),
    };
    return jsonAnswer(answer);
  },
};

export const CONTRACT_ACTIVITY_ROUTES: ApiRoute[] = [list, activity];

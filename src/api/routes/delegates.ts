// Candidates, votes, partners, master nodes, proposals, and how one set of delegates follows another.

import { equalBytes, toHex } from "../../base/bytes.js";
import { WHOLE } from "../../http/openapi/schema.js";
import type { RouteRequest } from "../../http/request.js";
import { jsonAnswer, type RouteParameter } from "../../http/route.js";
import { systemAddress } from "../../protocol/address.js";
import type {
  CandidatesJson,
  DelegateChangeJson,
  MastersJson,
  PartnersJson,
  ProposalsJson,
  VotesJson,
} from "../../protocol/delegateApiTypes.js";
import { CodedError } from "../../protocol/errors.js";
import {
  readCandidate,
  readCandidateList,
  readChallenge,
  readClaimable,
  readElectionTotals,
  readMaster,
  readOfficeCount,
  readOfficeList,
  readPartner,
  readProposal,
  readProposalCount,
  readUnbonding,
  readUpgrade,
  readVote,
} from "../../state/delegateViews.js";
import { readAccount, readDelegates, readRound } from "../../state/views.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import type { ApiRoute } from "../apiRoute.js";
import { setHashOf } from "../delegatesOfHeight.js";
import { addressText } from "../json/addressText.js";
import {
  candidateJson,
  masterJson,
  nativeAmountsJson,
  partnerJson,
  proposalJson,
  roundJson,
} from "../json/delegateJson.js";
import { resultProofJson } from "../proofs.js";
import type { ApiServices } from "../services.js";
import { ADDRESS_PARAMETER, jsonOf, limitParameter } from "./parameters.js";

const LIST_MAX = 200;
const LIST_USUAL = 100;
const TREASURY = systemAddress("treasury");

const FROM_PARAMETER: RouteParameter = {
  name: "from",
  in: "query",
  required: false,
  description: "The place that the page before gave as next",
  schema: WHOLE,
};
const PAGE = [FROM_PARAMETER, limitParameter(LIST_MAX)];

/** Which part of a list of `count` is asked for, and where the next part begins. */
function pageOf(request: RouteRequest, count: number): { from: number; limit: number; next: { next?: number } } {
  const from = request.optionalNumber("from") ?? 0;
  const limit = request.limit(LIST_USUAL, LIST_MAX);
  return { from, limit, next: from + limit < count ? { next: from + limit } : {} };
}

const candidates: ApiRoute = {
  method: "get",
  path: "/v1/candidates",
  summary: "Those who stand for election, in the order of the list",
  parameters: PAGE,
  answer: jsonOf("Candidates", "A page of candidates, with their votes and their work"),
  handle(request, { services: { state } }) {
    const { candidates: count, locked } = readElectionTotals(state);
    const { from, limit, next } = pageOf(request, count);
    const keys = new Set(readDelegates(state).map(({ publicKey }) => toHex(publicKey)));
    const answer: CandidatesJson = {
      round: roundJson(readRound(state)),
      locked: locked.toString(),
      count,
      candidates: readCandidateList(state, from, limit).flatMap((owner) => {
        const leaf = readCandidate(state, owner);
        return leaf === undefined ? [] : [candidateJson(owner, leaf, keys.has(toHex(leaf.delegateKey)))];
      }),
      ...next,
    };
    return jsonAnswer(answer);
  },
};

const candidate: ApiRoute = {
  method: "get",
  path: "/v1/candidates/{address}",
  summary: "One candidate, also after it resigned or was barred",
  parameters: [ADDRESS_PARAMETER],
  answer: jsonOf("Candidate", "The candidate as of the latest height"),
  errors: ["NOT_FOUND", "BAD_ADDRESS", "FOREIGN_ADDRESS"],
  handle(request, { services: { state } }) {
    const owner = request.pathAddress("address");
    const leaf = readCandidate(state, owner);
    if (leaf === undefined) {
      throw new CodedError("NOT_FOUND", "no candidate stands or stood under this address");
    }
    const isDelegate = readDelegates(state).some(({ publicKey }) => equalBytes(publicKey, leaf.delegateKey));
    return jsonAnswer(candidateJson(owner, leaf, isDelegate));
  },
};

const votes: ApiRoute = {
  method: "get",
  path: "/v1/accounts/{address}/votes",
  summary: "What an account has locked, for whom, and what it could claim or withdraw",
  parameters: [ADDRESS_PARAMETER],
  answer: jsonOf("Votes", "Locked votes, rewards and withdrawals to come"),
  errors: ["BAD_ADDRESS", "FOREIGN_ADDRESS"],
  handle(request, { services: { state } }) {
    const address = request.pathAddress("address");
    const leaf = readVote(state, address);
    const answer: VotesJson = {
      address: addressText(address),
      locked: (leaf?.locked ?? 0n).toString(),
      shares: (leaf?.shares ?? []).map((share) => ({
        candidate: addressText(share.candidate),
        weight: share.weight.toString(),
      })),
      claimable: nativeAmountsJson(readClaimable(state, address)),
      unbonding: readUnbonding(state, address).map((part) => ({ ...part, amount: part.amount.toString() })),
    };
    return jsonAnswer(answer);
  },
};

const partners: ApiRoute = {
  method: "get",
  path: "/v1/partners",
  summary: "Partners that votes admitted",
  parameters: PAGE,
  answer: jsonOf("Partners", "A page of partners, and what the treasury holds"),
  handle(request, { services: { state } }) {
    const count = readOfficeCount(state, "partners");
    const { from, limit, next } = pageOf(request, count);
    const answer: PartnersJson = {
      treasury: (readAccount(state, TREASURY)?.balances[0] ?? 0n).toString(),
      count,
      partners: readOfficeList(state, "partners", from, limit).flatMap((address) => {
        const leaf = readPartner(state, address);
        return leaf === undefined ? [] : [partnerJson(address, leaf)];
      }),
      ...next,
    };
    return jsonAnswer(answer);
  },
};

const masters: ApiRoute = {
  method: "get",
  path: "/v1/masters",
  summary: "Master nodes, and how many challenges each has answered",
  parameters: PAGE,
  answer: jsonOf("Masters", "A page of master nodes, and the latest challenge"),
  handle(request, { services: { state } }) {
    const count = readOfficeCount(state, "masters");
    const { from, limit, next } = pageOf(request, count);
    const challenge = readChallenge(state);
    const answer: MastersJson = {
      ...(challenge === undefined ? {} : { challenge: { ...challenge, value: toHex(challenge.value) } }),
      count,
      masters: readOfficeList(state, "masters", from, limit).flatMap((address) => {
        const leaf = readMaster(state, address);
        return leaf === undefined ? [] : [masterJson(address, leaf, challenge?.number ?? 0)];
      }),
      ...next,
    };
    return jsonAnswer(answer);
  },
};

const proposals: ApiRoute = {
  method: "get",
  path: "/v1/proposals",
  summary: "Proposals, newest first",
  parameters: [limitParameter(LIST_MAX)],
  answer: jsonOf("Proposals", "What was proposed and how the votes stand"),
  handle(request, { services: { state } }) {
    const count = readProposalCount(state);
    const limit = Math.min(count, request.limit(LIST_USUAL, LIST_MAX));
    const upgrade = readUpgrade(state);
    const answer: ProposalsJson = {
      count,
      proposals: Array.from({ length: limit }, (_, i) => count - i).flatMap((number) => {
        const leaf = readProposal(state, number);
        return leaf === undefined ? [] : [proposalJson(number, leaf)];
      }),
      ...(upgrade === undefined ? {} : { upgrade }),
    };
    return jsonAnswer(answer);
  },
};

async function expectBlock({ blocks }: ApiServices, height: number): Promise<CommittedBlock> {
  const block = await blocks.read(height);
  if (block === undefined) {
    throw new CodedError("NOT_FOUND", `this node has no block ${height}`);
  }
  return block;
}

/** The last height from `first` on whose set is that of `first`, and some later one's is not: by halving. */
async function lastOfSet(services: ApiServices, first: number): Promise<CommittedBlock> {
  let same = await expectBlock(services, first);
  const latest = await expectBlock(services, services.blocks.lastHeight);
  const hash = setHashOf(same);
  if (equalBytes(setHashOf(latest), hash)) {
    return latest;
  }
  for (let low = first, high = latest.height; high - low > 1; ) {
    const middle = await expectBlock(services, Math.floor((low + high) / 2));
    if (equalBytes(setHashOf(middle), hash)) {
      same = middle;
      low = middle.height;
    } else {
      high = middle.height;
    }
  }
  return same;
}

const change: ApiRoute = {
  method: "get",
  path: "/v1/delegate-changes/{height}",
  summary: "How the set of delegates that signs a height was followed by another",
  parameters: [
    { name: "height", in: "path", required: true, description: "A height that the set signs", schema: WHOLE },
  ],
  answer: jsonOf(
    "DelegateChange",
    "The last block that the set signs, and the write set that names the next; else the latest block",
  ),
  errors: ["NOT_FOUND"],
  async handle(request, { services }) {
    const block = await lastOfSet(services, request.pathNumber("height", Number.MAX_SAFE_INTEGER));
    const isLatest = block.height === services.blocks.lastHeight;
    const answer: DelegateChangeJson = {
      height: block.height,
      resultProof: resultProofJson(block),
      ...(isLatest ? {} : { writeSet: toHex(block.writeSet) }),
    };
    return jsonAnswer(answer);
  },
};

export const DELEGATE_ROUTES: ApiRoute[] = [candidates, candidate, votes, partners, masters, proposals, change];

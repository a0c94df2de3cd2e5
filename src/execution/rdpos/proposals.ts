// Votes on what the chain is to be: who may propose and vote, how votes are counted, and what follows at the heights that a proposal
// names. Only proposals that wait for something are looked at in a block, a handful at the most.

import { equalBytes } from "../../base/bytes.js";
import { addressOfKey } from "../../protocol/address.js";
import { CodedError } from "../../protocol/errors.js";
import { quoteOf } from "../../protocol/fees.js";
import {
  PROPOSALS_WAITING_MAX,
  type ProposalLeaf,
  type ProposalList,
  type Upgrade,
} from "../../protocol/officeLeaves.js";
import type { ProposalContent, Propose, VoteProposal } from "../../protocol/operations/officeOperations.js";
import { type ChainParameters, encodeParameters } from "../../protocol/parameters.js";
import { changedParameters, electorateOf, expectVotableContent } from "../../protocol/proposalContent.js";
import { nativeIndex } from "../../protocol/tokens.js";
import type { BlockScope } from "../blockScope.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import type { WorkingState } from "../workingState.js";
import { appendAddress } from "./addressPages.js";
import { delegateKeyEntry, delegatesEntry, electionTotals, parametersEntry, voteEntry } from "./delegateEntries.js";
import { delegateKeyOf } from "./delegateKeyOf.js";
import {
  PARTNER_PAGES,
  partnerEntry,
  proposalEntry,
  proposalListEntry,
  proposalVoteEntry,
  upgradeEntry,
} from "./officeEntries.js";

const BASIS_POINTS = 10_000n;
const NO_PROPOSALS: ProposalList = { count: 0, waiting: [] };

/** The version of the protocol that a chain begins with. */
const VERSION_FIRST = 1;

/** Throws BAD_PROPOSAL for what the chain could not run with, or must not be asked while an upgrade waits. */
function expectRunnable({ state, height, parameters }: LedgerContext, content: ProposalContent): void {
  if (content.kind === "upgrade" && !isNext(upgradeEntry(state).leaf, content.version, height)) {
    fail("BAD_PROPOSAL");
  }
  try {
    expectVotableContent(content);
    encodeParameters(changedParameters(parameters, content));
  } catch (error) {
    if (error instanceof CodedError) {
      fail("BAD_PROPOSAL");
    }
    throw error;
  }
  if (content.kind === "quote" && (nativeIndex(content.token) < 0 || content.token === "TTC")) {
    // A created token's issuer could print its fees.
    if (quoteOf(parameters, content.token) === undefined) {
      fail("BAD_PROPOSAL");
    }
  }
}

/** Whether the chain can decide on this version: newer than every one before it, none of which still waits for its height. */
function isNext(decided: Upgrade | undefined, version: number, height: number): boolean {
  const latest = decided?.version ?? VERSION_FIRST;
  return version > latest && (decided === undefined || decided.heightActive <= height);
}

export function executePropose(context: LedgerContext, operation: Propose): void {
  const { state, height, parameters } = context;
  const proposer = context.signers[operation.account].address;
  const key = delegateKeyOf(context, operation.account) ?? fail("NOT_ENTITLED");
  const accounts = [proposer, addressOfKey(key), ...ownerOf(state, key)];
  const { proposalBlocks, activationBlocks } = parameters.rdpos;
  const heightLast = height + proposalBlocks;
  if (operation.heightActive < heightLast + activationBlocks) {
    fail("BAD_PROPOSAL");
  }
  expectRunnable(context, operation.content);
  const entry = proposalListEntry(state);
  const list = entry.leaf ?? NO_PROPOSALS;
  const open = list.waiting.map((number) => proposalEntry(state, number).leaf);
  const isOwn = (leaf: ProposalLeaf): boolean => accounts.some((account) => equalBytes(account, leaf.proposer));
  const hasOne = open.some((leaf) => leaf?.state === "open" && isOwn(leaf));
  if (hasOne || list.waiting.length >= PROPOSALS_WAITING_MAX) {
    fail("PROPOSALS_FULL");
  }
  const number = list.count + 1;
  const { heightActive, content } = operation;
  state.set(proposalEntry(state, number), {
    proposer,
    state: "open",
    heightLast,
    heightActive,
    yes: 0n,
    no: 0n,
    content,
  });
  state.set(entry, { count: number, waiting: [...list.waiting, number] });
}

/** The account that stands, or stood, with a key; nobody's of genesis that never did. */
function ownerOf(state: WorkingState, key: Uint8Array): Uint8Array[] {
  const owner = delegateKeyEntry(state, key).leaf;
  return owner === undefined ? [] : [owner];
}

/**
 * Under which names the account votes, and how much that weighs. A delegate votes by its key and by whose it is: a candidate may
 * take another key for each round, and a delegate of genesis may become a candidate. Throws NOT_ENTITLED.
 */
function ballotOf(
  context: LedgerContext,
  index: number,
  content: ProposalContent,
): { voters: Uint8Array[]; weight: bigint } {
  const { address } = context.signers[index];
  if (electorateOf(content) === "delegates") {
    const key = delegateKeyOf(context, index) ?? fail("NOT_ENTITLED");
    return { voters: [key, delegateKeyEntry(context.state, key).leaf ?? address], weight: 1n };
  }
  const locked = voteEntry(context.state, address).leaf?.locked ?? 0n;
  return locked === 0n ? fail("NOT_ENTITLED") : { voters: [address], weight: locked };
}

export function executeVoteProposal(context: LedgerContext, operation: VoteProposal): void {
  const { state, height } = context;
  const entry = proposalEntry(state, operation.proposal);
  const leaf = entry.leaf ?? fail("UNKNOWN_PROPOSAL");
  if (leaf.state !== "open" || height > leaf.heightLast) {
    fail("PROPOSAL_CLOSED");
  }
  const { voters, weight } = ballotOf(context, operation.account, leaf.content);
  const marks = voters.map((voter) => proposalVoteEntry(state, operation.proposal, voter));
  if (marks.some((mark) => mark.leaf !== undefined)) {
    fail("ALREADY_VOTED");
  }
  for (const mark of marks) {
    state.set(mark, operation.approve);
  }
  const { yes, no } = leaf;
  state.set(entry, operation.approve ? { ...leaf, yes: yes + weight } : { ...leaf, no: no + weight });
}

/**
 * What the present delegates said. Others who were delegates when they voted don't count: a third of the seats, taken by others from
 * round to round, would be two thirds in the end.
 */
function countDelegates(state: WorkingState, number: number): { yes: bigint; no: bigint } {
  const count = { yes: 0n, no: 0n };
  for (const { publicKey } of delegatesEntry(state).leaf ?? []) {
    const names = [publicKey, ...ownerOf(state, publicKey)];
    const said = names.map((name) => proposalVoteEntry(state, number, name).leaf).find((vote) => vote !== undefined);
    if (said !== undefined) {
      count[said ? "yes" : "no"]++;
    }
  }
  return count;
}

/** Whether enough said yes: more than two thirds of the delegates, or a quorum of the locked votes and more than said no. */
function isPassed(state: WorkingState, parameters: ChainParameters, leaf: ProposalLeaf): boolean {
  if (electorateOf(leaf.content) === "delegates") {
    const delegates = BigInt(delegatesEntry(state).leaf?.length ?? 0);
    return leaf.yes * 3n > delegates * 2n;
  }
  const quorum = electionTotals(state).locked * BigInt(parameters.rdpos.proposalQuorumBasisPoints);
  return leaf.yes > leaf.no && leaf.yes * BASIS_POINTS >= quorum;
}

function admitPartner(scope: BlockScope, content: Extract<ProposalContent, { kind: "partner" }>): void {
  const { state, height, parameters } = scope;
  const entry = partnerEntry(state, content.partner);
  if (entry.leaf === undefined) {
    appendAddress(PARTNER_PAGES, state, content.partner);
  }
  const { name, site } = content;
  const heightAdmitted = height + 1;
  state.set(entry, {
    ...(entry.leaf ?? { feesTtcUnits: 0n, earned: [0n, 0n, 0n], grantsPaid: 0, heightAdmitted }),
    heightLast: height + parameters.rdpos.partnerBlocks,
    name,
    site,
  });
}

/** Makes a passed proposal true for the next height; false where the chain could not run with it by now. */
function activate(scope: BlockScope, leaf: ProposalLeaf): boolean {
  const { state } = scope;
  const { content } = leaf;
  switch (content.kind) {
    case "upgrade":
      // Said when the proposal passed, long before: see decide.
      return true;
    case "partner":
      admitPartner(scope, content);
      return true;
    default: {
      const entry = parametersEntry(state);
      try {
        const changed = changedParameters(entry.leaf ?? scope.parameters, content);
        encodeParameters(changed);
        state.set(entry, changed);
        return true;
      } catch (error) {
        if (error instanceof CodedError) {
          return false;
        }
        throw error;
      }
    }
  }
}

/** Ends a vote; a node too old for an upgrade that passed is told from here on. */
function decide(scope: BlockScope, open: ProposalLeaf, number: number): ProposalLeaf {
  const { state, height } = scope;
  const isDelegates = electorateOf(open.content) === "delegates";
  const leaf = isDelegates ? { ...open, ...countDelegates(state, number) } : open;
  if (!isPassed(state, scope.parameters, leaf)) {
    return { ...leaf, state: "rejected" };
  }
  if (leaf.content.kind === "upgrade") {
    const { version } = leaf.content;
    const entry = upgradeEntry(state);
    if (!isNext(entry.leaf, version, height)) {
      return { ...leaf, state: "failed" };
    }
    state.set(entry, { version, heightActive: leaf.heightActive });
  }
  return { ...leaf, state: "passed" };
}

function step(scope: BlockScope, number: number): boolean {
  const { state, height } = scope;
  const entry = proposalEntry(state, number);
  const { leaf } = entry;
  if (leaf?.state === "open" && height === leaf.heightLast) {
    const decided = decide(scope, leaf, number);
    state.set(entry, decided);
    return decided.state === "passed";
  }
  if (leaf?.state === "passed" && height === leaf.heightActive - 1) {
    state.set(entry, { ...leaf, state: activate(scope, leaf) ? "active" : "failed" });
    return false;
  }
  return true;
}

/** The step of every block: votes that end now, and changes that hold from the next height on. */
export function endProposals(scope: BlockScope): void {
  const { state } = scope;
  const entry = proposalListEntry(state);
  const list = entry.leaf;
  if (list === undefined || list.waiting.length === 0) {
    return;
  }
  const waiting = list.waiting.filter((number) => step(scope, number));
  if (waiting.length < list.waiting.length) {
    state.set(entry, { ...list, waiting });
  }
}

// Master nodes: companies that take part run one each. From time to time the chain challenges them all; who answers in time shows that
// its node follows the chain and that its key is at hand. Missed answers are counted by subtraction, so that nobody walks over the list.

import { equalBytes } from "../../base/bytes.js";
import { TAGS, taggedHash } from "../../protocol/hashing.js";
import { challengeAnswer, OFFICES_MAX } from "../../protocol/officeLeaves.js";
import type { AnswerChallenge, RegisterMaster, ResignMaster } from "../../protocol/operations/officeOperations.js";
import { Writer } from "../../protocol/wire.js";
import type { BlockScope } from "../blockScope.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import { fail } from "../ledger/ledgerFailure.js";
import { appendAddress, removeAddress } from "./addressPages.js";
import { challengeEntry, MASTER_PAGES, masterEntry } from "./officeEntries.js";
import { addToSystem, DEPOSITS_ADDRESS, payIn, takeFromSystem, VOTES_ADDRESS } from "./systemFunds.js";
import { startUnbonding } from "./unbonding.js";

const TTC_INDEX = 0;

export function executeRegisterMaster(context: LedgerContext, operation: RegisterMaster): void {
  const { state, height, parameters } = context;
  const account = context.signers[operation.account];
  const entry = masterEntry(state, account.address);
  if (entry.leaf !== undefined) {
    fail("MASTER_EXISTS");
  }
  if (MASTER_PAGES.count(state) >= OFFICES_MAX) {
    fail("MASTERS_FULL");
  }
  const deposit = parameters.rdpos.depositMasterTtcUnits;
  payIn(context, account, DEPOSITS_ADDRESS, deposit);
  const place = appendAddress(MASTER_PAGES, state, account.address);
  const latest = challengeEntry(state).leaf?.number ?? 0;
  const challenges = { challengeFirst: latest, challengeLast: latest, answered: 0 };
  const { name, site } = operation;
  state.set(entry, { place, deposit, heightRegistered: height, ...challenges, name, site });
}

export function executeAnswerChallenge(context: LedgerContext, operation: AnswerChallenge): void {
  const { state, height, parameters } = context;
  const { address } = context.signers[operation.account];
  const entry = masterEntry(state, address);
  const leaf = entry.leaf ?? fail("UNKNOWN_MASTER");
  const challenge = challengeEntry(state).leaf ?? fail("NO_CHALLENGE");
  if (challenge.number <= leaf.challengeLast || height > challenge.height + parameters.rdpos.answerBlocks) {
    fail("NO_CHALLENGE");
  }
  if (!equalBytes(operation.answer, challengeAnswer(challenge.value, address))) {
    fail("WRONG_ANSWER");
  }
  state.set(entry, { ...leaf, challengeLast: challenge.number, answered: leaf.answered + 1 });
}

export function executeResignMaster(context: LedgerContext, operation: ResignMaster): void {
  const { state } = context;
  const { address } = context.signers[operation.account];
  const entry = masterEntry(state, address);
  const leaf = entry.leaf ?? fail("UNKNOWN_MASTER");
  const moved = removeAddress(MASTER_PAGES, state, leaf.place);
  if (moved !== undefined) {
    const other = masterEntry(state, moved);
    state.set(other, other.leaf && { ...other.leaf, place: leaf.place });
  }
  state.set(entry, undefined);
  if (leaf.deposit > 0n) {
    takeFromSystem(state, DEPOSITS_ADDRESS, TTC_INDEX, leaf.deposit);
    addToSystem(state, VOTES_ADDRESS, TTC_INDEX, leaf.deposit);
    startUnbonding(context, address, leaf.deposit);
  }
}

/** The step of every block: a new challenge where one is due and somebody is there to answer it. */
export function challengeMasters(scope: BlockScope, parentHash: Uint8Array): void {
  const { state, height, parameters } = scope;
  if (height % parameters.rdpos.challengeBlocks !== 0 || MASTER_PAGES.count(state) === 0) {
    return;
  }
  const entry = challengeEntry(state);
  const number = (entry.leaf?.number ?? 0) + 1;
  const place = new Writer(8).u64(BigInt(height)).finish();
  state.set(entry, { number, height, value: taggedHash(TAGS.challenge, parentHash, place) });
}

// What holds for every history of candidates, votes, rounds, partners, master nodes and proposals: nothing is lost or made but by
// burning, what the chain holds for others covers what it owes, and kernel and twin agree to the byte.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { executeBlock } from "../../src/execution/executeBlock.js";
import { KernelLedger } from "../../src/execution/kernel/kernelLedger.js";
import { DEPOSITS_ADDRESS, REWARDS_ADDRESS, VOTES_ADDRESS } from "../../src/execution/rdpos/systemFunds.js";
import type { DelegateTally } from "../../src/protocol/block.js";
import {
  type CandidateLeaf,
  candidateKey,
  decodeCandidateLeaf,
  decodeElectionTotals,
  decodeUnbondingLeaf,
  decodeVoteLeaf,
} from "../../src/protocol/delegateLeaves.js";
import { decodeMasterLeaf, decodePartnerLeaf } from "../../src/protocol/officeLeaves.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { RDPOS_DEFAULTS } from "../../src/protocol/rdposParameters.js";
import { earnedBetween } from "../../src/protocol/rewards.js";
import { LEAF_KINDS, systemKey } from "../../src/protocol/stateLeaves.js";
import { readDelegates, readRound } from "../../src/state/views.js";
import { GENESIS, GENESIS_HASH, LedgerChain, type MapState, person, transfer } from "./ledgerChain.js";

const TTC = 100_000_000n;
const PEOPLE = Array.from({ length: 5 }, (_, i) => person(`voter ${i}`));
const RDPOS = {
  ...RDPOS_DEFAULTS,
  delegatesMax: 3,
  delegatesMin: 2,
  candidatesMax: 6,
  depositCandidateTtcUnits: 100n * TTC,
  depositMasterTtcUnits: 10n * TTC,
  unbondingSeconds: 4,
  evidenceSeconds: 3,
  trustingSeconds: 2,
  suspensionRounds: 1,
  challengeBlocks: 5,
  answerBlocks: 3,
  proposalBlocks: 3,
  activationBlocks: 2,
};

interface Wish {
  who: number;
  kind: number;
  units: number;
  whom: number[];
}

const wishes: fc.Arbitrary<Wish> = fc.record({
  who: fc.nat({ max: PEOPLE.length - 1 }),
  kind: fc.nat({ max: 15 }),
  units: fc.nat({ max: 5_000 }),
  whom: fc.uniqueArray(fc.nat({ max: PEOPLE.length - 1 }), { minLength: 1, maxLength: 4 }),
});

function operationOf({ who, kind, units, whom }: Wish, height: number): Operation {
  const { publicKey, name } = PEOPLE[who];
  const amount = BigInt(units) * 1_234_567n + 1n;
  const face = { account: 0, delegateKey: publicKey, payBasisPoints: (units * 7) % 10_001, name, site: "" };
  const candidates = whom.map((index) => PEOPLE[index].address).sort((a, b) => Buffer.compare(a, b));
  switch (kind) {
    case 0:
    case 1:
      return { kind: "registerCandidate", ...face };
    case 2:
      return { kind: units % 3 === 0 ? "resignCandidate" : "resumeCandidate", account: 0 };
    case 3:
    case 4:
    case 5:
      return { kind: "vote", account: 0, amount: TTC + amount, candidates };
    case 6:
      return { kind: "vote", account: 0, amount: 0n, candidates };
    case 7:
      return { kind: "unlock", account: 0, amount };
    case 8:
    case 14:
      return { kind: "withdraw", account: 0 };
    case 9:
      return { kind: "claimRewards", account: 0 };
    case 10:
      return { kind: units % 4 === 0 ? "resignMaster" : "registerMaster", account: 0, name, site: "https://a.example" };
    case 11: {
      const partner = { kind: "partner" as const, partner: PEOPLE[whom[0]].address, name, site: "" };
      const parameter = { kind: "parameter" as const, name: "voteMinTtcUnits", value: BigInt(units) };
      return { kind: "propose", account: 0, heightActive: height + 6, content: units % 2 === 0 ? partner : parameter };
    }
    case 12:
      return { kind: "voteProposal", account: 0, proposal: 1 + (units % 3), approve: units % 5 !== 0 };
    default:
      return units % 3 === 0 ? { kind: "claimPartner", account: 0 } : transfer(PEOPLE[whom[0]], amount);
  }
}

/** What the chain owes by its leaves, rewards not yet counted for their voters included. */
function owed(state: MapState): { votes: bigint; deposits: bigint; rewards: bigint; shares: bigint } {
  const sums = { votes: 0n, deposits: 0n, rewards: 0n, shares: 0n };
  const candidates = new Map<string, CandidateLeaf>();
  const candidateOf = (address: Uint8Array): CandidateLeaf | undefined => {
    const value = state.get(candidateKey(address));
    return value && decodeCandidateLeaf(value);
  };
  for (const value of state.leaves.values()) {
    if (value[0] === LEAF_KINDS.candidate) {
      const leaf = decodeCandidateLeaf(value);
      sums.deposits += leaf.deposit;
      sums.rewards += leaf.earned[0];
      candidates.set(leaf.name, leaf);
    } else if (value[0] === LEAF_KINDS.vote) {
      const leaf = decodeVoteLeaf(value);
      sums.votes += leaf.locked;
      sums.rewards += leaf.earned[0];
      expect(leaf.shares.reduce((sum, { weight }) => sum + weight, 0n)).toBe(leaf.locked);
      for (const { candidate, weight, accumulators } of leaf.shares) {
        sums.shares += weight;
        sums.rewards += earnedBetween(weight, accumulators[0], candidateOf(candidate)!.accumulators[0]);
      }
    } else if (value[0] === LEAF_KINDS.unbonding) {
      sums.votes += decodeUnbondingLeaf(value).parts.reduce((sum, { amount }) => sum + amount, 0n);
    } else if (value[0] === LEAF_KINDS.master) {
      sums.deposits += decodeMasterLeaf(value).deposit;
    } else if (value[0] === LEAF_KINDS.partner) {
      sums.rewards += decodePartnerLeaf(value).earned[0];
    }
  }
  const given = [...candidates.values()].reduce((sum, leaf) => sum + leaf.votes, 0n);
  expect(given).toBe(sums.shares);
  return sums;
}

function tallyOf(chain: LedgerChain, chance: number): DelegateTally[] {
  const { heightFirst } = readRound(chain.state);
  const counted = chain.height + 1 - heightFirst;
  return readDelegates(chain.state).map((_, index) => {
    const missed = (chance + index) % 4 === 0 ? 2 : 0;
    return { signed: Math.max(0, counted - missed), proposed: 2, missed };
  });
}

function begin(): LedgerChain {
  const chain = new LedgerChain({ rdpos: RDPOS });
  chain.shortenRound(6);
  expect(chain.outcome({ operations: PEOPLE.map((one) => transfer(one, 1_000n * TTC)) })).toBe("OK");
  return chain;
}

describe("every history of delegates and votes", () => {
  test("keeps supplies, covers what it owes, and is the same by kernel and twin", () => {
    const kernel = new KernelLedger({ accounts: 4_100, blockBytes: 1 << 17, random: new SeededRandom(3) });
    const succeeded = new Map<string, number>();
    fc.assert(
      fc.property(
        fc.array(fc.array(wishes, { minLength: 2, maxLength: 6 }), { minLength: 20, maxLength: 40 }),
        (blocks) => {
          const chain = begin();
          for (const [number, block] of blocks.entries()) {
            const taken = new Set<number>();
            const fresh = block.filter(({ who }) => !taken.has(who) && taken.add(who));
            const transactions = fresh.map((wish) => {
              const operations = [operationOf(wish, chain.height + 1)];
              return chain.ask({ signers: [PEOPLE[wish.who]], partner: PEOPLE[wish.whom[0]].address, operations });
            });
            chain.timeMs += 1_500;
            const tally = tallyOf(chain, number);
            const height = chain.height + 1;
            const parentHash = new Uint8Array(32).fill(number);
            const timeMs = GENESIS.timeMs + chain.timeMs + height;
            const context = { height, timeMs, genesisHash: GENESIS_HASH, tally, parentHash };
            const found = kernel.executeBlock(chain.state, context, transactions);
            const expected = executeBlock(chain.state, context, transactions);
            expect([...found.changes]).toEqual([...expected.changes]);
            expect(found.receipts).toEqual(expected.receipts);
            const receipts = chain.block(transactions, "throw", tally, parentHash);
            kernel.committed(height, found.changes);
            receipts.forEach(({ code }, i) => {
              const { kind } = transactions[i].operations[0];
              succeeded.set(kind, (succeeded.get(kind) ?? 0) + (code === 0 ? 1 : 0));
            });
            const sums = owed(chain.state);
            expect(chain.balance(VOTES_ADDRESS)).toBe(sums.votes);
            expect(chain.balance(DEPOSITS_ADDRESS)).toBe(sums.deposits);
            expect(chain.balance(REWARDS_ADDRESS)).toBeGreaterThanOrEqual(sums.rewards);
            const totals = chain.state.get(systemKey("election"));
            expect(totals === undefined ? 0n : decodeElectionTotals(totals).locked).toBe(sums.shares);
          }
        },
      ),
      { numRuns: 40 },
    );
    // The histories get somewhere.
    for (const kind of [
      "registerCandidate",
      "vote",
      "unlock",
      "withdraw",
      "claimRewards",
      "registerMaster",
      "propose",
    ]) {
      expect([kind, succeeded.get(kind) ?? 0]).not.toEqual([kind, 0]);
    }
  });
});

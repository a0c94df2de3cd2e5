// Candidates, votes, rounds and rewards, on a chain whose rounds are short.

import { beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { FEE_POOL_ADDRESS } from "../../src/execution/feePool.js";
import { DEPOSITS_ADDRESS, REWARDS_ADDRESS, VOTES_ADDRESS } from "../../src/execution/rdpos/systemFunds.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { RDPOS_DEFAULTS } from "../../src/protocol/rdposParameters.js";
import { readDelegates, readNextDelegates, readRound } from "../../src/state/views.js";
import { alice, bank, bob, LedgerChain, type Person, person, transfer } from "./ledgerChain.js";

const TTC = 100_000_000n;
const RDPOS = {
  ...RDPOS_DEFAULTS,
  delegatesMax: 3,
  delegatesMin: 2,
  depositCandidateTtcUnits: 100n * TTC,
  unbondingSeconds: 2,
  evidenceSeconds: 1,
  trustingSeconds: 1,
};
const candidates = ["one", "two", "three", "four"].map((name) => person(name));

function register(candidate: Person, payBasisPoints = 5_000): Operation {
  const { publicKey, name } = candidate;
  return { kind: "registerCandidate", account: 0, delegateKey: publicKey, payBasisPoints, name, site: "" };
}

function vote(amount: bigint, ...whom: Person[]): Operation {
  const addresses = whom.map(({ address }) => address).sort((a, b) => Buffer.compare(a, b));
  return { kind: "vote", account: 0, amount, candidates: addresses };
}

describe("a chain with candidates", () => {
  let chain: LedgerChain;

  beforeEach(() => {
    chain = new LedgerChain({ rdpos: RDPOS });
    chain.shortenRound(10);
    expect(chain.outcome({ operations: candidates.map((one) => transfer(one, 1_000n * TTC)) })).toBe("OK");
    for (const one of candidates) {
      expect(chain.outcome({ signers: [one], operations: [register(one)] })).toBe("OK");
    }
  });

  test("takes deposits, and elects those with most votes a block before they take over", () => {
    const [one, two, three, four] = candidates;
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(400n * TTC);
    expect(chain.outcome({ operations: [vote(100n * TTC, one, two, three)] })).toBe("OK");
    expect(chain.outcome({ signers: [bank], operations: [vote(50n * TTC, two, four)] })).toBe("OK");
    expect(chain.balance(VOTES_ADDRESS)).toBe(150n * TTC);
    const before = readDelegates(chain.state);
    const { heightFirst, blocks } = readRound(chain.state);
    chain.pass(heightFirst + blocks - 2 - chain.height);
    expect(readDelegates(chain.state)).toEqual(before);
    const elected = readNextDelegates(chain.state)!.delegates.map(({ publicKey }) => toHex(publicKey));
    // one and three have the same votes but for the unit that doesn't divide: it goes to the lowest address.
    expect(elected).toHaveLength(3);
    expect(elected).toContain(toHex(two.publicKey));
    chain.pass(1);
    expect(readDelegates(chain.state).map(({ publicKey }) => toHex(publicKey))).toEqual(elected);
    expect(readNextDelegates(chain.state)).toBeUndefined();
    expect(readRound(chain.state)).toMatchObject({ number: 2, heightFirst: chain.height + 1 });
  });

  test("refuses what has no right", () => {
    const [one, two] = candidates;
    expect(chain.outcome({ signers: [one], operations: [register(one)] })).toBe("CANDIDATE_EXISTS");
    expect(chain.outcome({ signers: [bank], operations: [register(two)] })).toBe("KEY_NOT_SIGNING");
    expect(chain.outcome({ signers: [bank, two], operations: [register(two)] })).toBe("DELEGATE_KEY_TAKEN");
    expect(chain.outcome({ operations: [vote(TTC, alice)] })).toBe("UNKNOWN_CANDIDATE");
    expect(chain.outcome({ operations: [vote(TTC - 1n, one)] })).toBe("VOTE_TOO_SMALL");
    expect(chain.outcome({ operations: [{ kind: "unlock", account: 0, amount: 1n }] })).toBe("INSUFFICIENT_VOTES");
    expect(chain.outcome({ operations: [{ kind: "withdraw", account: 0 }] })).toBe("NOTHING_DUE");
    expect(chain.outcome({ operations: [{ kind: "claimRewards", account: 0 }] })).toBe("NOTHING_DUE");
    expect(chain.outcome({ signers: [one], operations: [{ kind: "resumeCandidate", account: 0 }] })).toBe(
      "NOT_SUSPENDED",
    );
  });

  test("shares fees by blocks signed, and what is passed on among voters by weight", () => {
    const [one, two, three] = candidates;
    expect(chain.outcome({ operations: [vote(30n * TTC, one, two, three)] })).toBe("OK");
    expect(chain.outcome({ signers: [bank], operations: [vote(10n * TTC, one)] })).toBe("OK");
    chain.toRound(2);
    const pool = chain.balance(FEE_POOL_ADDRESS);
    expect(chain.outcome({ operations: [transfer(bob, 1_000n * TTC)] })).toBe("OK");
    const fees = chain.balance(FEE_POOL_ADDRESS);
    expect(fees).toBe(pool + 5n * TTC);
    chain.toRound(3, (delegates) =>
      delegates.map(({ publicKey }) => ({
        signed: toHex(publicKey) === toHex(one.publicKey) ? 6 : 2,
        proposed: 1,
        missed: 0,
      })),
    );
    const share = (fees * 6n) / 10n;
    const passed = share / 2n;
    const before = { alice: chain.balance(alice), bank: chain.balance(bank) };
    const claim: Operation = { kind: "claimRewards", account: 0 };
    const receipt = chain.run({ signers: [bank], operations: [claim] });
    expect(receipt.code).toBe(0);
    // 10 of the 20 TTC that vote for one.
    const bankGot = chain.balance(bank) - before.bank + receipt.fee;
    expect(passed / 2n - bankGot).toBeLessThanOrEqual(1n);
    expect(bankGot).toBeLessThanOrEqual(passed / 2n);
    expect(chain.run({ operations: [claim] }).code).toBe(0);
    for (const candidate of [one, two, three]) {
      expect(chain.run({ signers: [candidate], operations: [claim] }).code).toBe(0);
    }
    // Only what does not divide is left.
    expect(chain.balance(REWARDS_ADDRESS)).toBeLessThan(10n);
  });

  test("suspends who misses too much, until it comes back", () => {
    const [one, two, three, four] = candidates;
    chain.run({ operations: [vote(40n * TTC, one, two, three)] });
    chain.run({ signers: [bank], operations: [vote(TTC, four)] });
    chain.toRound(2);
    chain.toRound(3, (delegates) =>
      delegates.map(({ publicKey }) => {
        const isOne = toHex(publicKey) === toHex(one.publicKey);
        return { signed: isOne ? 0 : 8, proposed: isOne ? 0 : 3, missed: isOne ? 3 : 0 };
      }),
    );
    chain.toRound(4);
    const keys = readDelegates(chain.state).map(({ publicKey }) => toHex(publicKey));
    expect(keys).not.toContain(toHex(one.publicKey));
    expect(keys).toContain(toHex(four.publicKey));
    const resume: Operation = { kind: "resumeCandidate", account: 0 };
    expect(chain.outcome({ signers: [one], operations: [resume] })).toBe("STILL_SUSPENDED");
    chain.toRound(3 + RDPOS.suspensionRounds);
    expect(chain.outcome({ signers: [one], operations: [resume] })).toBe("OK");
    chain.toRound(5 + RDPOS.suspensionRounds);
    expect(readDelegates(chain.state).map(({ publicKey }) => toHex(publicKey))).toContain(toHex(one.publicKey));
  });

  test("gives votes and deposits back after the unbonding time, not before", () => {
    const [one, two] = candidates;
    chain.run({ operations: [vote(40n * TTC, one, two)] });
    chain.run({ operations: [{ kind: "unlock", account: 0, amount: 40n * TTC }] });
    chain.run({ signers: [one], operations: [{ kind: "resignCandidate", account: 0 }] });
    expect(chain.outcome({ operations: [vote(1n * TTC, one)] })).toBe("UNKNOWN_CANDIDATE");
    const withdraw: Operation = { kind: "withdraw", account: 0 };
    expect(chain.outcome({ operations: [withdraw] })).toBe("NOTHING_DUE");
    chain.timeMs += 2_000;
    const before = chain.balance(alice);
    const { fee } = chain.run({ operations: [withdraw] });
    expect(chain.balance(alice)).toBe(before + 40n * TTC - fee);
    expect(chain.balance(VOTES_ADDRESS)).toBe(0n);
    expect(chain.outcome({ signers: [one], operations: [withdraw] })).toBe("OK");
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(300n * TTC);
  });
});

// Whatever a vote may set: the chain goes on, kernel and twin agree, and the next vote can set it back.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { KernelLedger } from "../../src/execution/kernel/kernelLedger.js";
import { CodedError } from "../../src/protocol/errors.js";
import { encodeLvmValues } from "../../src/protocol/lvmValue.js";
import type { ProposalContent } from "../../src/protocol/operations/officeOperations.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { type ChainParameters, encodeParameters } from "../../src/protocol/parameters.js";
import { changedParameters, expectVotableContent, VOTABLE_PARAMETERS } from "../../src/protocol/proposalContent.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { BOUNDS_BY_VOTE, GAS_PREFIX, QUOTE_BY_VOTE } from "../../src/protocol/votableBounds.js";
import { readDelegates, readRound } from "../../src/state/views.js";
import { alice, bank, bob, GENESIS, GENESIS_HASH, LedgerChain, PARAMETERS, person, transfer } from "./ledgerChain.js";

const TTC = 100_000_000n;
const shop = person("shop");

function boundsOf(name: string): [bigint, bigint] {
  const [least, most] = BOUNDS_BY_VOTE[name];
  return [BigInt(least), BigInt(most)];
}

function isVotable(content: ProposalContent): boolean {
  try {
    expectVotableContent(content);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    return false;
  }
}

/** The parameters after a vote; as they were where the chain would call it failed, as the change contradicts another. */
function voted(parameters: ChainParameters, content: ProposalContent): ChainParameters {
  expect(isVotable(content)).toBe(true);
  try {
    const changed = changedParameters(parameters, content);
    encodeParameters(changed);
    return changed;
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    return parameters;
  }
}

test("every parameter that can be voted on has bounds, at which alone a chain can stand, and beyond which no vote goes", () => {
  expect(Object.keys(BOUNDS_BY_VOTE).sort()).toEqual([...VOTABLE_PARAMETERS].sort());
  for (const name of VOTABLE_PARAMETERS) {
    const [least, most] = boundsOf(name);
    expect(least).toBeLessThan(most);
    for (const value of [least, most]) {
      expect(isVotable({ kind: "parameter", name, value })).toBe(true);
    }
    for (const value of [least - 1n, most + 1n]) {
      expect(isVotable({ kind: "parameter", name, value })).toBe(false);
    }
  }
  const documented = readFileSync(join(import.meta.dirname, "../../docs/protocol.md"), "utf8");
  for (const [name, bounds] of Object.entries(BOUNDS_BY_VOTE).filter(([one]) => !one.startsWith(GAS_PREFIX))) {
    expect(documented).toContain(`\n| ${name} | ${bounds[0]} | ${bounds[1]} |\n`);
  }
  expect(isVotable({ kind: "parameter", name: "toString", value: 1n })).toBe(false);
  expect(isVotable({ kind: "quote", token: "TTM", units: QUOTE_BY_VOTE[1] + 1n, ttcUnits: 1n })).toBe(false);
});

const ends = fc.constantFrom("least", "most", "between");
const changes: fc.Arbitrary<ProposalContent> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...VOTABLE_PARAMETERS), ends, fc.nat({ max: 1_000 }))
      .map(([name, end, part]) => {
        const [least, most] = boundsOf(name);
        const between = least + ((most - least) * BigInt(part)) / 1_000n;
        const value = end === "least" ? least : end === "most" ? most : between;
        return { kind: "parameter" as const, name, value };
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom("TTM", "TTMI"),
        ...[0, 1].map(() => fc.bigInt(...QUOTE_BY_VOTE)),
        fc.constantFrom(1n, 10n ** 7n),
      )
      .map(([token, units, ttcUnits, less]) => {
        const content = {
          kind: "quote" as const,
          token: token as string,
          units: (units as bigint) / (less as bigint) || 1n,
        };
        return { ...content, ttcUnits: ttcUnits as bigint };
      }),
  },
);

/** One transaction of most kinds; none may break a block, whatever it costs by now. */
function everything(chain: LedgerChain): Transaction[] {
  const face = { account: 0, delegateKey: bob.publicKey, payBasisPoints: 5_000, name: "bob", site: "" };
  const contract: Operation = {
    kind: "registerContract",
    account: 0,
    source: new TextEncoder().encode('state.var("n", 0)\nabi.call("up", function() end)'),
    tests: new Uint8Array(0),
    upgradePolicy: "never",
    upgradeDelayHeights: 0,
    args: encodeLvmValues([]),
    gasLimit: 100_000,
    depositLimit: 1_000n * TTC,
  };
  const payments = [
    chain.ask({
      signers: [bank],
      operations: [{ kind: "vote", account: 0, amount: 1_000n * TTC, candidates: [bob.address] }],
    }),
    chain.ask({ signers: [bob], operations: [{ kind: "registerCandidate", ...face }] }),
    chain.ask({ signers: [shop], lane: 1, operations: [transfer(person("new").address, 5n, "TTM")], feeToken: "TTM" }),
    chain.ask({ signers: [shop], lane: 2, operations: [{ kind: "registerMaster", account: 0, name: "m", site: "" }] }),
    chain.ask({ lane: 3, partner: bob.address, operations: [transfer(shop, 7n * TTC)] }),
  ];
  return [...payments, chain.ask({ lane: 4, operations: [contract] })];
}

/** Executes the next block by kernel and twin, which must agree, and applies it; tells the codes of what stands in it. */
function blockOfBoth(chain: LedgerChain, transactions: Transaction[]): number[] {
  const height = chain.height + 1;
  const tally = readDelegates(chain.state).map(() => ({ signed: 1, proposed: 1, missed: 0 }));
  const timeMs = GENESIS.timeMs + chain.timeMs + height;
  const parentHash = new Uint8Array(32);
  const context = { height, timeMs, genesisHash: GENESIS_HASH, tally, parentHash };
  const kernel = new KernelLedger({ accounts: 4_100, blockBytes: 1 << 17, random: new SeededRandom(3) });
  const found = kernel.executeBlock(chain.state, context, transactions, { onInvalid: "drop" });
  const receipts = chain.block(transactions, "drop", tally, parentHash);
  expect([...found.changes]).toEqual([...chain.result.changes]);
  expect(found.receipts).toEqual(chain.result.receipts);
  return receipts.map(({ code }) => code);
}

test("after any votes blocks are executed, and the least fee can be paid for the next vote", () => {
  let succeeded = 0;
  fc.assert(
    fc.property(fc.array(changes, { minLength: 1, maxLength: 6 }), (contents) => {
      const chain = new LedgerChain();
      const gifts = [bob, shop].map((one) => transfer(one, 1_000_000n * TTC));
      expect(chain.outcome({ signers: [bank], operations: gifts })).toBe("OK");
      chain.setParameters(contents.reduce(voted, PARAMETERS));
      succeeded += blockOfBoth(chain, everything(chain)).filter((code) => code === 0).length;
      expect(blockOfBoth(chain, []).length).toBe(0);
      const again = chain.ask({ signers: [bank], operations: [{ kind: "claimRewards", account: 0 }] });
      expect(blockOfBoth(chain, [again])).toHaveLength(1);
      const least = chain.ask({
        signers: [alice],
        operations: [{ kind: "voteProposal", account: 0, proposal: 1, approve: true }],
      });
      expect(blockOfBoth(chain, [least])).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
  // Most of it works with most values.
  expect(succeeded).toBeGreaterThan(60);
});

test("a round of any voted length and suspension ends, its successor begins", () => {
  fc.assert(
    fc.property(fc.array(changes, { minLength: 1, maxLength: 6 }), (contents) => {
      const chain = new LedgerChain();
      chain.shortenRound(4);
      const parameters = contents.reduce(voted, { ...PARAMETERS, roundBlocks: 4 });
      expect(chain.outcome({ signers: [bank], operations: [transfer(bob, 20_000_000n * TTC)] })).toBe("OK");
      const face = { account: 0, delegateKey: bob.publicKey, payBasisPoints: 5_000, name: "bob", site: "" };
      expect(chain.outcome({ signers: [bob], operations: [{ kind: "registerCandidate", ...face }] })).toBe("OK");
      chain.setParameters(parameters);
      const { number } = readRound(chain.state);
      for (let i = 0; i < 3; i++) {
        blockOfBoth(chain, []);
      }
      expect(readRound(chain.state)).toMatchObject({ number: number + 1, blocks: parameters.roundBlocks });
    }),
    { numRuns: 40 },
  );
});

// Double signatures, proposals, partners and master nodes.

import { beforeEach, describe, expect, test } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { TREASURY_ADDRESS } from "../../src/execution/rdpos/partners.js";
import { DEPOSITS_ADDRESS } from "../../src/execution/rdpos/systemFunds.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { type BlockHeader, blockHash } from "../../src/protocol/block.js";
import { commitMessage } from "../../src/protocol/certificate.js";
import { type CometBlockId, cometChainId, cometVoteMessage, PRECOMMIT } from "../../src/protocol/comet.js";
import { encodeEvidence, type SignedHeader } from "../../src/protocol/evidence.js";
import {
  challengeAnswer,
  decodeChallenge,
  decodeMasterLeaf,
  decodePartnerLeaf,
  decodeProposalLeaf,
  decodeUpgrade,
  masterKey,
  partnerKey,
  proposalKey,
} from "../../src/protocol/officeLeaves.js";
import type { ProposalContent } from "../../src/protocol/operations/officeOperations.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { RDPOS_DEFAULTS } from "../../src/protocol/rdposParameters.js";
import { systemKey } from "../../src/protocol/stateLeaves.js";
import { readDelegates, readParameters, readRound, readToken } from "../../src/state/views.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { alice, bank, bob, GENESIS, GENESIS_HASH, LedgerChain, type Person, transfer } from "./ledgerChain.js";

const TTC = 100_000_000n;
const RDPOS = {
  ...RDPOS_DEFAULTS,
  delegatesMax: 3,
  delegatesMin: 2,
  depositCandidateTtcUnits: 100n * TTC,
  depositMasterTtcUnits: 10n * TTC,
  partnerFeesMaxTtcUnits: 4n * TTC,
  grantTtcUnits: 7n * TTC,
  grantBlocks: 20,
  grantMonths: 3,
  partnerBlocks: 60,
  proposalBlocks: 4,
  activationBlocks: 3,
  challengeBlocks: 10,
  answerBlocks: 2,
};

/** Somebody with a key that can sign. */
function signing(name: string): Person & { seed: Uint8Array } {
  const seed = sha256(utf8Bytes(name));
  const publicKey = ed25519.getPublicKey(seed);
  return { name, seed, publicKey, address: addressOfKey(publicKey) };
}

const delegates = ["one", "two", "three"].map(signing);
const [one, two, three] = delegates;

function vote(amount: bigint, ...whom: Person[]): Operation {
  const candidates = whom.map(({ address }) => address).sort((a, b) => Buffer.compare(a, b));
  return { kind: "vote", account: 0, amount, candidates };
}

let chain: LedgerChain;

beforeEach(() => {
  chain = new LedgerChain({ rdpos: RDPOS });
  chain.shortenRound(10);
  chain.run({ operations: delegates.map((person) => transfer(person, 1_000n * TTC)) });
  for (const person of delegates) {
    const { publicKey: delegateKey, name } = person;
    const face = { account: 0, delegateKey, payBasisPoints: 100, name, site: "" };
    expect(chain.outcome({ signers: [person], operations: [{ kind: "registerCandidate", ...face }] })).toBe("OK");
  }
  chain.run({ operations: [vote(90n * TTC, ...delegates)] });
  chain.toRound(2);
});

function signedHeader(signer: { seed: Uint8Array }, fields: Partial<BlockHeader>): SignedHeader {
  const zeros = new Uint8Array(32);
  const timeMs = GENESIS.timeMs + 1;
  const header = { height: 5, timeMs, proposer: zeros, parentHash: zeros, transactionsRoot: zeros, ...fields };
  const message = commitMessage(GENESIS_HASH, header.height, blockHash(GENESIS_HASH, header));
  return { header, signature: ed25519.sign(message, signer.seed) };
}

describe("evidence of a double signature", () => {
  const report = (publicKey: Uint8Array, blocks: [SignedHeader, SignedHeader]): Operation => {
    return { kind: "reportDoubleSign", account: 0, evidence: encodeEvidence({ kind: 1, publicKey, blocks }) };
  };
  const other = { transactionsRoot: new Uint8Array(32).fill(1) };

  test("burns part of the deposit and bars account and key for good", () => {
    const supply = readToken(chain.state, "TTC")!.supply;
    const guilty = report(one.publicKey, [signedHeader(one, {}), signedHeader(one, other)]);
    expect(chain.outcome({ operations: [guilty] })).toBe("OK");
    expect(readToken(chain.state, "TTC")!.supply).toBe(supply - 50n * TTC);
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(250n * TTC);
    expect(chain.outcome({ operations: [guilty] })).toBe("CANDIDATE_BARRED");
    const face = { account: 0, payBasisPoints: 0, name: "again", site: "" };
    const again: Operation = { kind: "registerCandidate", ...face, delegateKey: one.publicKey };
    expect(chain.outcome({ signers: [one], operations: [again] })).toBe("CANDIDATE_BARRED");
    expect(chain.outcome({ signers: [bank, one], operations: [again] })).toBe("DELEGATE_KEY_TAKEN");
    chain.toRound(4);
    expect(readDelegates(chain.state).map(({ publicKey }) => toHex(publicKey))).not.toContain(toHex(one.publicKey));
    chain.timeMs += RDPOS.unbondingSeconds * 1_000;
    expect(chain.outcome({ signers: [one], operations: [{ kind: "withdraw", account: 0 }] })).toBe("OK");
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(200n * TTC);
  });

  test("is no vote for no block under two names of its parts: it is one message, signed once", () => {
    const time = { seconds: Math.floor(GENESIS.timeMs / 1_000), nanoseconds: 0 };
    const nothing = new Uint8Array(0);
    const voted = (hash: Uint8Array, partCount: number, partsHash = nothing) => {
      const blockId: CometBlockId = { hash, partCount, partsHash };
      const message = cometVoteMessage(PRECOMMIT, cometChainId(GENESIS_HASH), 5, 0, blockId, time);
      return { blockId, time, signature: ed25519.sign(message, one.seed) };
    };
    const outcomeOf = (...votes: [ReturnType<typeof voted>, ReturnType<typeof voted>]) => {
      const place = { publicKey: one.publicKey, height: 5, round: 0, step: PRECOMMIT };
      const evidence = encodeEvidence({ kind: 2, ...place, votes });
      return chain.outcome({ operations: [{ kind: "reportDoubleSign", account: 0, evidence }] });
    };
    const hash = new Uint8Array(32).fill(7);
    expect(outcomeOf(voted(nothing, 0), voted(nothing, 1))).toBe("BAD_EVIDENCE");
    expect(outcomeOf(voted(nothing, 0), voted(nothing, 0, hash))).toBe("BAD_EVIDENCE");
    expect(outcomeOf(voted(nothing, 0), voted(hash, 1, hash))).toBe("OK");
  });

  test("is refused where it shows nothing of the kind, or too late", () => {
    const first = signedHeader(one, {});
    for (const wrong of [
      report(one.publicKey, [first, first]),
      report(one.publicKey, [first, signedHeader(one, { ...other, height: 6 })]),
      report(one.publicKey, [first, signedHeader(two, other)]),
      report(two.publicKey, [first, signedHeader(one, other)]),
    ]) {
      expect(chain.outcome({ operations: [wrong] })).toBe("BAD_EVIDENCE");
    }
    const stranger = signing("stranger");
    const foreign = report(stranger.publicKey, [signedHeader(stranger, {}), signedHeader(stranger, other)]);
    expect(chain.outcome({ operations: [foreign] })).toBe("UNKNOWN_CANDIDATE");
    chain.timeMs += RDPOS.evidenceSeconds * 1_000 + 1_000;
    expect(chain.outcome({ operations: [report(one.publicKey, [first, signedHeader(one, other)])] })).toBe(
      "EVIDENCE_TOO_OLD",
    );
  });
});

function propose(content: ProposalContent, ahead = 7): Operation {
  return { kind: "propose", account: 0, heightActive: chain.height + 1 + ahead, content };
}

function ballot(approve = true, proposal = 1): Operation {
  return { kind: "voteProposal", account: 0, proposal, approve };
}

function stateOfProposal(number = 1): string {
  return decodeProposalLeaf(chain.state.get(proposalKey(number))!).state;
}

describe("a proposal", () => {
  const roundBlocks: ProposalContent = { kind: "parameter", name: "roundBlocks", value: 20n };
  const voteMin: ProposalContent = { kind: "parameter", name: "voteMinTtcUnits", value: 5n };

  test("of the machines' matters is decided by more than two thirds of the delegates, at its height", () => {
    expect(chain.outcome({ operations: [propose(roundBlocks)] })).toBe("NOT_ENTITLED");
    expect(chain.outcome({ signers: [one], operations: [propose(roundBlocks, 6)] })).toBe("BAD_PROPOSAL");
    const absurd: ProposalContent = { kind: "parameter", name: "roundBlocks", value: 2n };
    expect(chain.outcome({ signers: [one], operations: [propose(absurd)] })).toBe("BAD_PROPOSAL");
    for (const [name, value] of [
      ["blockBytesMax", 1n],
      ["heartbeatIntervalMs", 1n << 31n],
      ["feeMinTtcUnits", 1n << 62n],
    ] as const) {
      const halting: ProposalContent = { kind: "parameter", name, value };
      expect(chain.outcome({ signers: [one], operations: [propose(halting)] })).toBe("BAD_PROPOSAL");
    }
    expect(chain.outcome({ signers: [one], operations: [propose(roundBlocks)] })).toBe("OK");
    const { heightActive } = decodeProposalLeaf(chain.state.get(proposalKey(1))!);
    expect(chain.outcome({ operations: [ballot()] })).toBe("NOT_ENTITLED");
    const votes = delegates.map((person) => chain.ask({ signers: [person], operations: [ballot()] }));
    expect(chain.block(votes).map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(chain.outcome({ signers: [one], operations: [ballot(false)] })).toBe("ALREADY_VOTED");
    chain.pass(heightActive - 2 - chain.height);
    expect(stateOfProposal()).toBe("passed");
    expect(readParameters(chain.state).roundBlocks).toBe(10);
    chain.pass(1);
    expect(stateOfProposal()).toBe("active");
    expect(readParameters(chain.state).roundBlocks).toBe(20);
    expect(chain.outcome({ signers: [two], operations: [ballot()] })).toBe("PROPOSAL_CLOSED");
  });

  test("counts each delegate once, whatever keys it takes from round to round", () => {
    const spare = signing("spare");
    const upgrade: ProposalContent = { kind: "upgrade", version: 2 };
    chain.shortenRound(4);
    chain.run({ signers: [one], operations: [propose(upgrade)] });
    expect(chain.outcome({ signers: [one], operations: [ballot()] })).toBe("OK");
    const face = { account: 0, delegateKey: spare.publicKey, payBasisPoints: 100, name: "one", site: "" };
    expect(chain.outcome({ signers: [one, spare], operations: [{ kind: "updateCandidate", ...face }] })).toBe("OK");
    chain.toRound(3);
    expect(readDelegates(chain.state).map(({ publicKey }) => toHex(publicKey))).toContain(toHex(spare.publicKey));
    expect(chain.outcome({ signers: [one], operations: [ballot()] })).toBe("ALREADY_VOTED");
  });

  test("is decided by those who are delegates at its end: seats that others took since don't count", () => {
    const spares = ["four", "five"].map(signing);
    chain.run({ signers: [bank], operations: spares.map((spare) => transfer(spare, 1_000n * TTC)) });
    for (const spare of spares) {
      const face = { account: 0, delegateKey: spare.publicKey, payBasisPoints: 100, name: spare.name, site: "" };
      expect(chain.outcome({ signers: [spare], operations: [{ kind: "registerCandidate", ...face }] })).toBe("OK");
    }
    chain.setParameters({ ...readParameters(chain.state), rdpos: { ...RDPOS, proposalBlocks: 40 } });
    chain.shortenRound(4);
    chain.run({ signers: [one], operations: [propose(roundBlocks, 60)] });
    const { heightLast } = decodeProposalLeaf(chain.state.get(proposalKey(1))!);
    // One after the other takes the seat of number three, and says yes.
    const seats = [three, ...spares];
    for (const seat of seats) {
      chain.run({ signers: [bank], operations: [vote(1_000n * TTC, seat)] });
      chain.toRound(readRound(chain.state).number + 1);
      chain.pass(1);
      chain.toRound(readRound(chain.state).number + 1);
      expect(readDelegates(chain.state).some(({ publicKey }) => toHex(publicKey) === toHex(seat.publicKey))).toBe(true);
      expect(chain.outcome({ signers: [seat], operations: [ballot()] })).toBe("OK");
    }
    expect(decodeProposalLeaf(chain.state.get(proposalKey(1))!).yes).toBe(3n);
    chain.pass(heightLast - chain.height);
    expect(decodeProposalLeaf(chain.state.get(proposalKey(1))!)).toMatchObject({ state: "rejected", yes: 1n, no: 0n });
  });

  test("is one at a time for a delegate, under whatever account it signs", () => {
    const other = signing("other");
    chain.run({ signers: [bank], operations: [transfer(other, 10n * TTC)] });
    // The delegate's key rules another account too.
    const taken = { ...other, publicKey: one.publicKey };
    expect(
      chain.outcome({
        signers: [other, one],
        operations: [{ kind: "replaceKey", account: 0, publicKey: one.publicKey }],
      }),
    ).toBe("OK");
    expect(chain.outcome({ signers: [taken], operations: [propose(voteMin)] })).toBe("NOT_ENTITLED");
    expect(chain.outcome({ signers: [taken], operations: [ballot()] })).toBe("UNKNOWN_PROPOSAL");
    expect(chain.outcome({ signers: [one], operations: [propose(voteMin)] })).toBe("OK");
    expect(chain.outcome({ signers: [taken], operations: [propose(voteMin)] })).toBe("NOT_ENTITLED");
  });

  test("of prices is decided by locked votes, and fails without a quorum", () => {
    chain.run({ signers: [bank], operations: [vote(300n * TTC, one)] });
    expect(chain.outcome({ signers: [one], operations: [propose(voteMin)] })).toBe("OK");
    expect(chain.outcome({ signers: [one], operations: [propose(voteMin)] })).toBe("PROPOSALS_FULL");
    expect(chain.outcome({ operations: [ballot()] })).toBe("OK");
    chain.pass(5);
    expect(stateOfProposal()).toBe("rejected");
    chain.run({ signers: [one], operations: [propose(voteMin)] });
    chain.block([
      chain.ask({ operations: [ballot(false, 2)] }),
      chain.ask({ signers: [bank], operations: [ballot(true, 2)] }),
    ]);
    chain.pass(8);
    expect(stateOfProposal(2)).toBe("active");
    expect(readParameters(chain.state).rdpos.voteMinTtcUnits).toBe(5n);
  });

  test("of an upgrade names version and height as soon as it has passed", () => {
    chain.run({ signers: [one], operations: [propose({ kind: "upgrade", version: 2 })] });
    const { heightActive, heightLast } = decodeProposalLeaf(chain.state.get(proposalKey(1))!);
    chain.block(delegates.map((person) => chain.ask({ signers: [person], operations: [ballot()] })));
    chain.pass(heightLast - chain.height);
    expect(decodeUpgrade(chain.state.get(systemKey("upgrade"))!)).toEqual({ version: 2, heightActive });
  });

  test("of an upgrade never overwrites one that waits, and never goes back", () => {
    const upgradeTo = (version: number): ProposalContent => ({ kind: "upgrade", version });
    const waiting = () => decodeUpgrade(chain.state.get(systemKey("upgrade"))!);
    expect(chain.outcome({ signers: [one], operations: [propose(upgradeTo(1))] })).toBe("BAD_PROPOSAL");
    chain.run({ signers: [one], operations: [propose(upgradeTo(2), 20)] });
    chain.run({ signers: [two], operations: [propose(upgradeTo(3), 25)] });
    const votesOn = (proposal: number) => {
      return chain.block(
        delegates.map((person) => chain.ask({ signers: [person], operations: [ballot(true, proposal)] })),
      );
    };
    votesOn(1);
    votesOn(2);
    chain.pass(6);
    expect([stateOfProposal(1), stateOfProposal(2)]).toEqual(["passed", "failed"]);
    const first = waiting();
    expect(first.version).toBe(2);
    expect(chain.outcome({ signers: [two], operations: [propose(upgradeTo(3))] })).toBe("BAD_PROPOSAL");
    chain.pass(first.heightActive - 1 - chain.height);
    expect(stateOfProposal(1)).toBe("active");
    expect(chain.outcome({ signers: [two], operations: [propose(upgradeTo(2))] })).toBe("BAD_PROPOSAL");
    expect(chain.outcome({ signers: [two], operations: [propose(upgradeTo(3))] })).toBe("OK");
    votesOn(3);
    chain.pass(4);
    expect(waiting().version).toBe(3);
  });
});

describe("a partner", () => {
  const claim: Operation = { kind: "claimPartner", account: 0 };

  beforeEach(() => {
    const content: ProposalContent = { kind: "partner", partner: bob.address, name: "Tickets", site: "" };
    chain.run({ operations: [transfer(bob, 10n * TTC), transfer(TREASURY_ADDRESS, 15n * TTC)] });
    chain.run({ signers: [three], operations: [propose(content)] });
    chain.run({ operations: [ballot()] });
    chain.pass(8);
    expect(stateOfProposal()).toBe("active");
  });

  test("gets half of the fees of payments that name it, up to its cap", () => {
    const earned = (): bigint => decodePartnerLeaf(chain.state.get(partnerKey(bob.address))!).earned[0];
    const pay = (amount: bigint, partner: Uint8Array) => chain.run({ partner, operations: [transfer(two, amount)] });
    const { fee } = pay(200n * TTC, bob.address);
    expect(earned()).toBe(fee / 2n);
    pay(200n * TTC, alice.address);
    expect(earned()).toBe(fee / 2n);
    chain.run({ partner: bob.address, signers: [two], operations: [transfer(alice, 10_000_000n * TTC)] });
    expect(earned()).toBe(fee / 2n);
    pay(10_000n * TTC, bob.address);
    expect(earned()).toBe(RDPOS.partnerFeesMaxTtcUnits);
    const before = chain.balance(bob);
    const receipt = chain.run({ signers: [bob], operations: [claim] });
    expect(chain.balance(bob)).toBe(before + RDPOS.partnerFeesMaxTtcUnits + RDPOS.grantTtcUnits - receipt.fee);
  });

  test("gets a grant a month while the treasury lasts, and nothing after its time", () => {
    expect(chain.outcome({ signers: [bob], operations: [claim] })).toBe("OK");
    expect(chain.outcome({ signers: [bob], operations: [claim] })).toBe("NOTHING_DUE");
    chain.pass(60);
    // Two months are due, but the treasury has one grant left.
    expect(chain.outcome({ signers: [bob], operations: [claim] })).toBe("OK");
    expect(chain.balance(TREASURY_ADDRESS)).toBe(1n * TTC);
    chain.run({ partner: bob.address, operations: [transfer(two, 200n * TTC)] });
    expect(chain.outcome({ signers: [bob], operations: [claim] })).toBe("NOTHING_DUE");
    expect(chain.outcome({ operations: [claim] })).toBe("UNKNOWN_PARTNER");
  });
});

describe("a master node", () => {
  test("answers challenges in time, and is counted by what it missed", () => {
    const register: Operation = { kind: "registerMaster", account: 0, name: "Cafe", site: "https://cafe.example" };
    expect(chain.outcome({ operations: [register] })).toBe("OK");
    expect(chain.outcome({ operations: [register] })).toBe("MASTER_EXISTS");
    expect(chain.outcome({ signers: [bank], operations: [register] })).toBe("OK");
    const answer = (bytes: Uint8Array): Operation => ({ kind: "answerChallenge", account: 0, answer: bytes });
    expect(chain.outcome({ operations: [answer(new Uint8Array(32))] })).toBe("NO_CHALLENGE");
    const challenge = () => decodeChallenge(chain.state.get(systemKey("challenge"))!);
    const next = (): void => {
      do {
        chain.block([], "throw", [], new Uint8Array(32).fill(chain.height));
      } while (chain.height % 10 !== 0);
    };
    next();
    expect(chain.outcome({ operations: [answer(new Uint8Array(32))] })).toBe("WRONG_ANSWER");
    expect(chain.outcome({ operations: [answer(challengeAnswer(challenge().value, alice.address))] })).toBe("OK");
    next();
    chain.pass(2);
    const late = answer(challengeAnswer(challenge().value, alice.address));
    expect(chain.outcome({ operations: [late] })).toBe("NO_CHALLENGE");
    expect(decodeMasterLeaf(chain.state.get(masterKey(alice.address))!)).toMatchObject({
      challengeFirst: 0,
      answered: 1,
    });
    const before = chain.balance(DEPOSITS_ADDRESS);
    expect(chain.outcome({ operations: [{ kind: "resignMaster", account: 0 }] })).toBe("OK");
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(before - 10n * TTC);
    expect(decodeMasterLeaf(chain.state.get(masterKey(bank.address))!).place).toBe(0);
  });
});

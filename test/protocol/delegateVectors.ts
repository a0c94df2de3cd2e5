// The parts of the published vectors that are about candidates, votes, partners, master nodes and proposals.

import type { BlockHeader } from "../../src/protocol/block.js";
import * as delegates from "../../src/protocol/delegateLeaves.js";
import { encodeEvidence, type SignedHeader } from "../../src/protocol/evidence.js";
import * as offices from "../../src/protocol/officeLeaves.js";
import type { Operation } from "../../src/protocol/operations/operation.js";

const U64_MAX = 2n ** 64n - 1n;
const MANY = 2 ** 32 - 1;

export interface Cast {
  alice: Uint8Array;
  bob: Uint8Array;
  /** A key that signs beside alice's. */
  delegateKey: Uint8Array;
  header: BlockHeader;
}

/** Every operation of its field once or more, as lists that go into one transaction each. */
export function delegateOperationLists({ alice, bob, delegateKey, header }: Cast): Record<string, Operation[]> {
  const face = { delegateKey, payBasisPoints: 7_500, name: "Bada", site: "https://bada.example" };
  const candidates = [alice, bob].sort(Buffer.compare);
  const signature = new Uint8Array(64).fill(9);
  const blocks: [SignedHeader, SignedHeader] = [
    { header, signature },
    { header: { ...header, timeMs: header.timeMs + 1 }, signature },
  ];
  return {
    "every operation of candidates and voters": [
      { kind: "registerCandidate", account: 0, ...face },
      { kind: "updateCandidate", account: 0, ...face, payBasisPoints: 10_000, site: "" },
      { kind: "resumeCandidate", account: 0 },
      { kind: "vote", account: 0, amount: 100_000_000n, candidates },
      { kind: "vote", account: 0, amount: 0n, candidates: [bob] },
      { kind: "unlock", account: 0, amount: 50_000_000n },
      { kind: "claimRewards", account: 0 },
      { kind: "resignCandidate", account: 0 },
      { kind: "withdraw", account: 0 },
    ],
    "a report of two blocks that one delegate signed": [
      { kind: "reportDoubleSign", account: 0, evidence: encodeEvidence({ kind: 1, publicKey: delegateKey, blocks }) },
    ],
    "every operation of partners and master nodes": [
      { kind: "claimPartner", account: 0 },
      { kind: "registerMaster", account: 0, name: "바다 주식회사", site: "https://bada.example" },
      { kind: "answerChallenge", account: 0, answer: new Uint8Array(32).fill(5) },
      { kind: "resignMaster", account: 0 },
    ],
    "every kind of proposal, and votes on them": [
      {
        kind: "propose",
        account: 0,
        heightActive: 500_000,
        content: { kind: "parameter", name: "feeMinTtcUnits", value: 1n },
      },
      {
        kind: "propose",
        account: 0,
        heightActive: 500_000,
        content: { kind: "quote", token: "TTM", units: 10n, ttcUnits: 9n },
      },
      { kind: "propose", account: 0, heightActive: 500_000, content: { kind: "upgrade", version: 2 } },
      {
        kind: "propose",
        account: 0,
        heightActive: 500_000,
        content: { kind: "partner", partner: bob, name: "Corner", site: "https://corner.example" },
      },
      { kind: "voteProposal", account: 0, proposal: 1, approve: true },
      { kind: "voteProposal", account: 0, proposal: MANY, approve: false },
    ],
  };
}

/** A name, key and value of each kind of leaf, with edge values. */
export function delegateLeafVectors({ alice, bob, delegateKey }: Cast): [string, Uint8Array, Uint8Array][] {
  const candidate: delegates.CandidateLeaf = {
    delegateKey,
    payBasisPoints: 7_500,
    state: delegates.CANDIDATE_STATES.listed,
    place: 3,
    suspendedUntil: 12,
    deposit: 10_000_000_000_000n,
    withdrawableMs: 0,
    votes: 5_000n,
    accumulators: [2n ** 128n - 1n, 2n ** 64n, 1n],
    earned: [1n, 2n, 3n],
    heightRegistered: 77,
    rounds: 4,
    signed: 300,
    proposed: 40,
    missed: 2,
    name: "Bada",
    site: "https://bada.example",
  };
  const share = { candidate: bob, weight: 1_000n, accumulators: candidate.accumulators };
  const proposal: offices.ProposalLeaf = {
    proposer: alice,
    state: "open",
    heightLast: 9_000,
    heightActive: 9_999,
    yes: 1n,
    no: U64_MAX,
    content: { kind: "parameter", name: "roundBlocks", value: 99n },
  };
  return [
    ["candidate", delegates.candidateKey(alice), delegates.encodeCandidateLeaf(candidate)],
    [
      "candidate, resigned",
      delegates.candidateKey(bob),
      delegates.encodeCandidateLeaf({
        ...candidate,
        state: delegates.CANDIDATE_STATES.resigned,
        place: 0,
        withdrawableMs: 1_700_000_000_000,
        site: "",
      }),
    ],
    ["a page of candidates", delegates.candidatePageKey(0), delegates.encodeCandidatePage([alice, bob])],
    [
      "vote",
      delegates.voteKey(alice),
      delegates.encodeVoteLeaf({ locked: 1_000n, earned: [0n, 1n, 2n], shares: [share] }),
    ],
    ["a delegate key's owner", delegates.delegateKeyKey(delegateKey), delegates.encodeDelegateKeyLeaf(alice)],
    [
      "unbonding",
      delegates.unbondingKey(alice),
      delegates.encodeUnbondingLeaf({ parts: [{ withdrawableMs: 1_700_000_000_000, amount: 5n }] }),
    ],
    [
      "partner",
      offices.partnerKey(bob),
      offices.encodePartnerLeaf({
        heightAdmitted: 10,
        heightLast: 47_304_010,
        feesTtcUnits: 7n,
        earned: [4n, 5n, 6n],
        grantsPaid: 3,
        name: "Corner",
        site: "https://corner.example",
      }),
    ],
    [
      "master node",
      offices.masterKey(alice),
      offices.encodeMasterLeaf({
        place: 0,
        deposit: 100_000_000_000n,
        heightRegistered: 20,
        challengeFirst: 1,
        challengeLast: 9,
        answered: 8,
        name: "바다 주식회사",
        site: "https://bada.example",
      }),
    ],
    ["a page of master nodes", offices.officePageKey("masters", 0), offices.encodeOfficePage([alice])],
    ["proposal", offices.proposalKey(1), offices.encodeProposalLeaf(proposal)],
    ["a vote on a proposal", offices.proposalVoteKey(1, alice), offices.encodeProposalVote(true)],
  ];
}

// Names on the ledger: taken by commitment and revelation, kept, lapsed, taken over; who sees a revelation can't be first.

import { beforeEach, describe, expect, test } from "vitest";
import { DEPOSITS_ADDRESS } from "../../src/execution/rdpos/systemFunds.js";
import { nameCommitmentKey } from "../../src/protocol/nameLeaves.js";
import { NAME_DEFAULTS } from "../../src/protocol/nameParameters.js";
import { nameCommitment } from "../../src/protocol/names.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { readName } from "../../src/state/views.js";
import { alice, bank, bob, LedgerChain, type Person, transfer } from "./ledgerChain.js";

const TTC = 100_000_000n;
const SALT = new Uint8Array(32).fill(5);
const NAMES = { ...NAME_DEFAULTS, nameCommitHeightsMin: 3, nameCommitHeightsMax: 8, depositNameTtcUnits: 7n * TTC };
const LEASE_MS = NAMES.nameLeaseSeconds * 1_000;
const GRACE_MS = NAMES.nameGraceSeconds * 1_000;

let chain: LedgerChain;

beforeEach(() => {
  chain = new LedgerChain({ names: NAMES });
  chain.run({ operations: [transfer(bob, 100n * TTC)] });
});

function commit(by: Person, name = "cafe", salt = SALT): Operation {
  return { kind: "commitName", account: 0, commitment: nameCommitment(by.address, name, salt) };
}

function reveal(target: Person | Uint8Array, name = "cafe", salt = SALT): Operation {
  return { kind: "revealName", account: 0, name, salt, target: target instanceof Uint8Array ? target : target.address };
}

function outcome(by: Person, operation: Operation): string | undefined {
  return chain.outcome({ signers: [by], operations: [operation] });
}

/** Takes a name for somebody, from the commitment on. */
function take(by: Person, name = "cafe"): void {
  expect(outcome(by, commit(by, name))).toBe("OK");
  chain.pass(NAMES.nameCommitHeightsMin - 1);
  expect(outcome(by, reveal(by, name))).toBe("OK");
}

describe("taking a name", () => {
  test("takes a commitment of the same account, name and salt that is old enough and not too old", () => {
    expect(outcome(alice, reveal(alice))).toBe("NO_NAME_COMMITMENT");
    expect(outcome(alice, commit(alice))).toBe("OK");
    expect(outcome(alice, commit(alice))).toBe("NAME_COMMITTED");
    expect(outcome(alice, reveal(alice))).toBe("NAME_COMMITMENT_YOUNG");
    expect(outcome(alice, reveal(alice, "cafes"))).toBe("NO_NAME_COMMITMENT");
    expect(outcome(alice, reveal(alice, "cafe", new Uint8Array(32)))).toBe("NO_NAME_COMMITMENT");
    expect(outcome(bob, reveal(bob))).toBe("NO_NAME_COMMITMENT");
    const before = chain.balance(alice);
    expect(outcome(alice, reveal(bob))).toBe("OK");
    expect(before - chain.balance(alice)).toBe(NAMES.depositNameTtcUnits + NAMES.feeNameTtcUnits);
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(NAMES.depositNameTtcUnits);
    expect(readName(chain.state, "cafe")).toMatchObject({
      owner: alice.address,
      target: bob.address,
      name: "cafe",
      deposit: NAMES.depositNameTtcUnits,
      heightRegistered: chain.height,
    });
    expect(outcome(alice, reveal(alice))).toBe("NO_NAME_COMMITMENT");
  });

  test("leaves no commitment behind: those that nobody reveals go", () => {
    outcome(alice, commit(alice));
    const key = nameCommitmentKey(nameCommitment(alice.address, "cafe", SALT));
    chain.pass(NAMES.nameCommitHeightsMax);
    expect(chain.state.get(key)).toBeDefined();
    expect(outcome(alice, reveal(alice))).toBe("NO_NAME_COMMITMENT");
    expect(chain.state.get(key)).toBeUndefined();
    expect(outcome(alice, commit(alice))).toBe("OK");
  });

  test("can't be outrun by who sees the revelation, and a copied commitment is good for nobody else", () => {
    outcome(alice, commit(alice));
    expect(outcome(bob, commit(alice))).toBe("NAME_COMMITTED");
    chain.pass(NAMES.nameCommitHeightsMin - 2);
    // Bob sees name and salt in a transaction on its way, and gets his own into the block before.
    expect(outcome(bob, commit(bob))).toBe("OK");
    const [, taken] = chain.block([
      chain.ask({ signers: [bob], operations: [reveal(bob)] }),
      chain.ask({ signers: [alice], operations: [reveal(alice)] }),
    ]);
    expect(taken.code).toBe(0);
    chain.pass(NAMES.nameCommitHeightsMin);
    expect(outcome(bob, reveal(bob))).toBe("NAME_TAKEN");
    expect(readName(chain.state, "cafe")?.owner).toEqual(alice.address);
  });

  test("keeps away names that look like one that is held", () => {
    take(alice, "modern-bank");
    outcome(bob, commit(bob, "rnodern-bank"));
    outcome(bob, commit(bob, "moclernbank"));
    chain.pass(NAMES.nameCommitHeightsMin);
    expect(outcome(bob, reveal(bob, "rnodern-bank"))).toBe("NAME_TAKEN");
    expect(outcome(bob, reveal(bob, "moclernbank"))).toBe("NAME_TAKEN");
    expect(outcome(alice, { kind: "setName", account: 0, name: "modernbank", target: bob.address })).toBe(
      "UNKNOWN_NAME",
    );
  });

  test("needs the deposit", () => {
    outcome(bob, commit(bob));
    expect(outcome(bob, transfer(alice, chain.balance(bob) - 3n * TTC))).toBe("OK");
    chain.pass(NAMES.nameCommitHeightsMin);
    expect(outcome(bob, reveal(bob))).toBe("INSUFFICIENT_BALANCE");
    expect(readName(chain.state, "cafe")).toBeUndefined();
  });
});

describe("a name that is held", () => {
  beforeEach(() => take(alice));

  const set = (target: Person): Operation => ({ kind: "setName", account: 0, name: "cafe", target: target.address });
  const give = (to: Person): Operation => ({ kind: "transferName", account: 0, name: "cafe", to: to.address });
  const renew: Operation = { kind: "renewName", account: 0, name: "cafe" };
  const release: Operation = { kind: "releaseName", account: 0, name: "cafe" };

  test("is its owner's alone to point, give away and give up", () => {
    for (const operation of [set(bob), give(bob), release]) {
      expect(outcome(bob, operation)).toBe("NOT_AUTHORIZED");
    }
    expect(outcome(alice, set(bob))).toBe("OK");
    expect(readName(chain.state, "cafe")?.target).toEqual(bob.address);
    expect(outcome(alice, set(alice))).toBe("OK");
    expect(outcome(alice, give(bob))).toBe("OK");
    expect(readName(chain.state, "cafe")).toMatchObject({ owner: bob.address, target: bob.address });
    expect(outcome(alice, set(alice))).toBe("NOT_AUTHORIZED");
    const before = chain.balance(bob);
    expect(outcome(bob, release)).toBe("OK");
    expect(chain.balance(bob)).toBeGreaterThan(before + NAMES.depositNameTtcUnits - TTC);
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(0n);
    expect(outcome(bob, release)).toBe("UNKNOWN_NAME");
  });

  test("is renewed by anybody, up to two leases ahead, and after its time as long as nobody took it", () => {
    const first = readName(chain.state, "cafe")!.timeMsExpires;
    expect(outcome(bob, renew)).toBe("OK");
    expect(readName(chain.state, "cafe")?.timeMsExpires).toBe(first + LEASE_MS);
    expect(outcome(bob, renew)).toBe("NAME_PAID");
    chain.timeMs += 3 * LEASE_MS;
    expect(outcome(alice, renew)).toBe("OK");
    expect(readName(chain.state, "cafe")!.timeMsExpires).toBeGreaterThan(first + 2 * LEASE_MS);
  });

  test("is free for others after the grace time, and the old deposit goes back", () => {
    chain.timeMs += LEASE_MS + GRACE_MS - 60_000;
    outcome(bob, commit(bob));
    chain.pass(NAMES.nameCommitHeightsMin - 1);
    expect(outcome(bob, reveal(bob))).toBe("NAME_TAKEN");
    chain.timeMs += 60_000;
    const before = chain.balance(alice);
    expect(outcome(bob, reveal(bob))).toBe("OK");
    expect(readName(chain.state, "cafe")?.owner).toEqual(bob.address);
    expect(chain.balance(alice)).toBe(before + NAMES.depositNameTtcUnits);
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(NAMES.depositNameTtcUnits);
  });

  test("leaves its deposit to the fee pool where its owner's account was closed", () => {
    const close: Operation = { kind: "closeAccount", account: 0, beneficiary: bank.address };
    expect(outcome(alice, give(bob))).toBe("OK");
    expect(outcome(bob, close)).toBe("OK");
    chain.timeMs += LEASE_MS + GRACE_MS;
    outcome(alice, commit(alice));
    chain.pass(NAMES.nameCommitHeightsMin);
    expect(outcome(alice, reveal(alice))).toBe("OK");
    expect(chain.balance(DEPOSITS_ADDRESS)).toBe(NAMES.depositNameTtcUnits);
  });
});

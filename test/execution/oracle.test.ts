// Outside data on the chain: who may answer, when a callback comes and with what, and prices that become quotes.

import { describe, expect, test } from "vitest";
import { encodeDelegates } from "../../src/protocol/delegates.js";
import { errorName } from "../../src/protocol/errors.js";
import { STATE_VALUE_BYTES_MAX } from "../../src/protocol/limits.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { oraclePriceKey, oracleRequestKey } from "../../src/protocol/oracleLeaves.js";
import { ROUND_DELEGATES_MAX } from "../../src/protocol/rdposParameters.js";
import { encodeSystemLeaf, systemKey } from "../../src/protocol/stateLeaves.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { readParameters } from "../../src/state/views.js";
import { call, callOf, deploy, failureText, view } from "./contractChain.js";
import { alice, LedgerChain, type Person, person, transfer } from "./ledgerChain.js";

const BETS = `
local results = state.map("results")
abi.payable("fund", function() end)
abi.call("ask", function(key) oracle.request("weather", key, "settle", 50000) end, "key: string")
abi.call("settle", function(key, value)
  if chain.sender() ~= oracle.address() then error("only the oracle") end
  if key == "spoil" then error("spoilt") end
  results[key] = value == nil and "none" or value
end, "key: string, value: integer?")
abi.view("result", function(key) return results[key] end, "key: string")
`;

const HOARDER = `
local held = state.value("held")
local heap = state.map("heap")
abi.call("ask", function() oracle.request("weather", "k", "settle", 2000000) end)
abi.call("settle", function()
  for i = 1, 30 do heap[i] = string.rep("x", 3000) end
  held:set(30)
end, "key: string, value: integer?")
abi.view("held", function() return held:get() or 0 end)
`;

const DELEGATES = Array.from({ length: 4 }, (_, i) => person(`delegate ${i}`));

function chainOfFour(): { chain: LedgerChain; bets: Uint8Array } {
  const chain = new LedgerChain();
  setDelegates(chain, DELEGATES);
  chain.block([chain.ask({ operations: DELEGATES.map(({ address }) => transfer(address, 100n * TTC_UNIT)) })]);
  const bets = deploy(chain, BETS);
  call(chain, callOf(bets, "fund", [], { payment: { token: "TTC", amount: 5n * TTC_UNIT } }));
  return { chain, bets };
}

function setDelegates(chain: LedgerChain, delegates: readonly Person[]): void {
  const value = encodeSystemLeaf(encodeDelegates(delegates.map(({ publicKey }) => ({ publicKey, power: 1 }))));
  chain.state.apply([{ key: systemKey("delegates"), value }]);
}

/** The largest leaf that the last block wrote. */
function largestLeaf(chain: LedgerChain): number {
  return Math.max(...[...chain.result.changes].map(({ value }) => value?.length ?? 0));
}

const run = (chain: LedgerChain, who: Person, operation: Operation) => call(chain, operation, [who]).code;
const answer = (request: Uint8Array, value: bigint): Operation => ({
  kind: "answerOracle",
  account: 0,
  request,
  value,
});
const deliver = (request: Uint8Array, callbackGas = 50_000): Operation => ({
  kind: "deliverOracle",
  account: 0,
  request,
  callbackGas,
});

describe("a contract's request", () => {
  test("is answered by delegates alone, and delivered as the median of more than two thirds", () => {
    const { chain, bets } = chainOfFour();
    expect(call(chain, callOf(bets, "ask", ["seoul"])).code).toBe("OK");
    const request = oracleRequestKey(bets, "seoul");
    expect(run(chain, alice, answer(request, 7n))).toBe("NOT_AUTHORIZED");
    expect(run(chain, DELEGATES[0], answer(request, -3n))).toBe("OK");
    expect(run(chain, DELEGATES[1], answer(request, 1_000n))).toBe("OK");
    // The same delegate again counts once.
    expect(run(chain, DELEGATES[1], answer(request, 21n))).toBe("OK");
    expect(run(chain, alice, deliver(request))).toBe("UNKNOWN_REQUEST");
    expect(run(chain, DELEGATES[2], answer(request, 20n))).toBe("OK");
    expect(run(chain, alice, deliver(request, 49_999))).toBe("UNKNOWN_REQUEST");
    expect(run(chain, alice, deliver(request))).toBe("OK");
    expect(view(chain, bets, "result", ["seoul"])).toBe(20n);
    expect(run(chain, alice, deliver(request))).toBe("UNKNOWN_REQUEST");
    expect(run(chain, DELEGATES[3], answer(request, 1n))).toBe("UNKNOWN_REQUEST");
  });

  test("pays for its callback: the delivery costs the minimum fee, the request the gas", () => {
    const { chain, bets } = chainOfFour();
    const asked = call(chain, callOf(bets, "ask", ["x"]));
    expect(asked.receipt.fee).toBeGreaterThan(500_000n);
    const request = oracleRequestKey(bets, "x");
    for (const delegate of DELEGATES) {
      run(chain, delegate, answer(request, 1n));
    }
    const { receipt } = call(chain, deliver(request));
    expect(receipt.fee).toBe(10_000_000n);
  });

  test("is over where the callback fails, and comes back as nil where nobody answers", () => {
    const { chain, bets } = chainOfFour();
    call(chain, callOf(bets, "ask", ["spoil"]));
    const spoil = oracleRequestKey(bets, "spoil");
    for (const delegate of DELEGATES) {
      run(chain, delegate, answer(spoil, 1n));
    }
    const { code, receipt } = call(chain, deliver(spoil));
    expect([code, failureText(receipt)]).toEqual(["OK", expect.stringMatching(/spoilt/)]);
    expect(run(chain, alice, deliver(spoil))).toBe("UNKNOWN_REQUEST");
    call(chain, callOf(bets, "ask", ["late"]));
    const late = oracleRequestKey(bets, "late");
    chain.height += 1_000;
    expect(run(chain, alice, deliver(late))).toBe("OK");
    expect(Buffer.from(view(chain, bets, "result", ["late"]) as Uint8Array).toString()).toBe("none");
  });

  test("holds the answers of present delegates alone, so that its leaf stays a leaf however many there were", () => {
    const { chain, bets } = chainOfFour();
    call(chain, callOf(bets, "ask", ["k"]));
    const request = oracleRequestKey(bets, "k");
    for (let round = 0; round < 4; round++) {
      const set = Array.from({ length: 60 }, (_, i) => person(`round ${round}, delegate ${i}`));
      setDelegates(chain, set);
      chain.block([chain.ask({ operations: set.map(({ address }) => transfer(address, TTC_UNIT)) })]);
      chain.block(set.map((who) => chain.ask({ signers: [who], operations: [answer(request, 1n)] })));
      expect(largestLeaf(chain)).toBeLessThanOrEqual(2_000);
    }
    expect(run(chain, alice, deliver(request))).toBe("OK");
  });

  test("is over where the contract can't pay for what the callback stores, and runs it once", () => {
    const { chain } = chainOfFour();
    const hoarder = deploy(chain, HOARDER);
    expect(call(chain, callOf(hoarder, "ask", [], { gasLimit: 4_000_000 })).code).toBe("OK");
    const request = oracleRequestKey(hoarder, "k");
    for (const delegate of DELEGATES) {
      run(chain, delegate, answer(request, 1n));
    }
    const delivery = deliver(request, 2_000_000);
    const both = [delivery, transfer(alice, 1n << 62n)];
    expect(() => chain.ask({ operations: both })).toThrow(/alone/);
    const { code, receipt } = call(chain, delivery);
    expect([code, failureText(receipt)]).toEqual(["OK", expect.stringMatching(/DEPOSIT_UNPAID/)]);
    expect(view(chain, hoarder, "held")).toBe(0n);
    expect(run(chain, alice, deliver(request))).toBe("UNKNOWN_REQUEST");
  });

  test("can't be settled by anybody else", () => {
    const { chain, bets } = chainOfFour();
    expect(call(chain, callOf(bets, "settle", ["seoul", 5n])).code).toBe("LVM_RUNTIME_ERROR");
  });
});

describe("a price", () => {
  const price = (ttcUnits: bigint, token = "TTM"): Operation => ({
    kind: "priceOracle",
    account: 0,
    token,
    units: 1n,
    ttcUnits,
  });

  test("becomes the quote, and so the minimum fee, once more than two thirds have said it", () => {
    const { chain } = chainOfFour();
    const quote = () => readParameters(chain.state).quotes[0].ttcUnits;
    const before = quote();
    expect(run(chain, alice, price(5n))).toBe("NOT_AUTHORIZED");
    run(chain, DELEGATES[0], price(1n));
    run(chain, DELEGATES[1], price(900_000_000n));
    expect(quote()).toBe(before);
    run(chain, DELEGATES[2], price(2_000_000_000n));
    expect(quote()).toBe(900_000_000n);
    chain.height += 1_001;
    // What was said long ago counts no more.
    run(chain, DELEGATES[3], price(5n));
    expect(quote()).toBe(900_000_000n);
  });

  test("comes of as many delegates as a round may have, in one leaf", () => {
    const { chain } = chainOfFour();
    const before = readParameters(chain.state).quotes[0].ttcUnits;
    for (let round = 0; round < 2; round++) {
      const set = Array.from({ length: ROUND_DELEGATES_MAX }, (_, i) => person(`round ${round}, delegate ${i}`));
      setDelegates(chain, set);
      for (const half of [set.slice(0, 60), set.slice(60)]) {
        chain.block([chain.ask({ operations: half.map(({ address }) => transfer(address, TTC_UNIT)) })]);
      }
      chain.block(set.map((who) => chain.ask({ signers: [who], operations: [price(before + 1n + BigInt(round))] })));
      expect(largestLeaf(chain)).toBeLessThanOrEqual(STATE_VALUE_BYTES_MAX);
      expect(readParameters(chain.state).quotes[0].ttcUnits).toBe(before + 1n + BigInt(round));
    }
  });

  test("makes no quote for a token that has none, and leaves nothing in the state", () => {
    const { chain } = chainOfFour();
    for (const token of ["TTMI", "ab".repeat(32)]) {
      for (const delegate of DELEGATES) {
        expect(run(chain, delegate, price(5n, token))).toBe("NO_QUOTE");
      }
      expect(chain.state.get(oraclePriceKey(token))).toBeUndefined();
    }
    expect(readParameters(chain.state).quotes.map(({ token }) => token)).toEqual(["TTM"]);
  });
});

test("deliveries stand behind payments and count against the block's gas", () => {
  const { chain, bets } = chainOfFour();
  call(chain, callOf(bets, "ask", ["a"]));
  const delivery = chain.ask({ operations: [deliver(oracleRequestKey(bets, "a"), 20_000_001)] });
  chain.block([delivery], "drop");
  expect(chain.result.dropped[0].error.code).toBe("GAS_LIMIT");
  const early = chain.ask({ operations: [deliver(oracleRequestKey(bets, "a"))] });
  expect(errorName(chain.block([early])[0].code)).toBe("UNKNOWN_REQUEST");
});

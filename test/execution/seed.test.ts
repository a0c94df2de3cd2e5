// The chain's seed: when blocks owe a proof, what a proof makes of it, and what contracts see of it and when.

import { describe, expect, test } from "vitest";
import { toHex, utf8Bytes } from "../../src/base/bytes.js";
import { SEED_HEIGHTS_MAX, seedHeights, seedInput } from "../../src/protocol/seed.js";
import { proveRandom } from "../../src/protocol/vrf.js";
import { readSeed } from "../../src/state/views.js";
import * as ed25519 from "../../src/wasm/ed25519Twin.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { call, callOf, deploy, failureText, view } from "./contractChain.js";
import { GENESIS_HASH, LedgerChain } from "./ledgerChain.js";

const LOTTERY = `
local height = state.value("height")
abi.call("close", function() local at = chain.askSeed() height:set(at) return at end)
abi.call("spoil", function() chain.askSeed() error("no") end)
abi.call("many", function(n) for i = 1, n do chain.askSeed() end end, "n: integer")
abi.view("asks", function() return chain.askSeed() end)
abi.view("height", function() return height:get() end)
abi.view("seed", function(at) return chain.seed(at or height:get()) end, "at: integer?")
abi.call("draw", function(n)
  local seed = chain.seed(height:get())
  if seed == nil then error("too early") end
  return seed:byte(1) % n
end, "n: integer")
`;

const SECRET = sha256(utf8Bytes("a proposer"));
const PROPOSER = ed25519.getPublicKey(SECRET);
const NONE = { proposer: PROPOSER, proof: new Uint8Array(0) };

function honest(chain: LedgerChain): { proposer: Uint8Array; proof: Uint8Array } {
  const seed = readSeed(chain.state)?.seed ?? GENESIS_HASH;
  return { proposer: PROPOSER, proof: proveRandom(SECRET, seedInput(GENESIS_HASH, chain.height + 1, seed)) };
}

/** A chain on which one question waits: answered one height later, as there is one delegate. */
function asked(): { chain: LedgerChain; lottery: Uint8Array } {
  const chain = new LedgerChain();
  chain.seed = NONE;
  const lottery = deploy(chain, LOTTERY);
  expect(call(chain, callOf(lottery, "close")).code).toBe("OK");
  return { chain, lottery };
}

describe("the chain's seed", () => {
  test("is there once the height has passed that the question named, and the same for everybody", () => {
    const { chain, lottery } = asked();
    expect(view(chain, lottery, "height")).toBe(BigInt(chain.height + 1));
    expect(view(chain, lottery, "seed")).toBe(null);
    chain.seed = honest(chain);
    const early = call(chain, callOf(lottery, "draw", [6n]));
    expect([early.code, failureText(early.receipt)]).toEqual(["LVM_RUNTIME_ERROR", expect.stringMatching(/too early/)]);
    chain.seed = NONE;
    chain.pass(1);
    const seed = readSeed(chain.state)?.seed;
    expect(view(chain, lottery, "seed")).toEqual(seed);
    expect(call(chain, callOf(lottery, "draw", [6n])).code).toBe("OK");
    // Nobody asks any more: nothing moves.
    const before = new Map(chain.state.leaves);
    chain.pass(3);
    expect([...chain.state.leaves]).toEqual([...before]);
  });

  test("takes no block without a proof that it owes, with one that it does not, or with one that does not hold", () => {
    const { chain } = asked();
    const other = sha256(utf8Bytes("another"));
    const good = honest(chain);
    const wrong = [
      NONE,
      { ...good, proposer: ed25519.getPublicKey(other) },
      { ...good, proof: proveRandom(SECRET, seedInput(GENESIS_HASH, chain.height + 2, GENESIS_HASH)) },
      { ...good, proof: good.proof.map((byte, i) => (i === 70 ? byte ^ 1 : byte)) },
    ];
    for (const seed of wrong) {
      const copy = chain.copy();
      copy.seed = seed;
      expect(() => copy.block([])).toThrow(expect.objectContaining({ code: "BAD_RESULT" }));
    }
    chain.seed = good;
    chain.block([]);
    chain.seed = honest(chain);
    expect(() => chain.block([])).toThrow(/nobody asked/);
  });

  test("goes on from where it was: each answer depends on all proofs before it", () => {
    const { chain, lottery } = asked();
    const seeds = new Set<string>();
    for (let i = 0; i < 4; i++) {
      chain.seed = honest(chain);
      expect(call(chain, callOf(lottery, "close")).code).toBe("OK");
      seeds.add(toHex(readSeed(chain.state)?.seed as Uint8Array));
    }
    expect(seeds.size).toBe(4);
  });

  test("is asked for by calls that succeed alone, a few times each, and by no view function", () => {
    const chain = new LedgerChain();
    chain.seed = NONE;
    const lottery = deploy(chain, LOTTERY);
    expect(call(chain, callOf(lottery, "spoil")).code).toBe("LVM_RUNTIME_ERROR");
    expect(call(chain, callOf(lottery, "many", [5n])).code).toBe("LVM_EVENT_LIMIT");
    expect(() => view(chain, lottery, "asks")).toThrow(/read-only/);
    expect(readSeed(chain.state)).toBe(undefined);
    expect(call(chain, callOf(lottery, "many", [4n])).code).toBe("OK");
    expect(readSeed(chain.state)).toMatchObject({ heightFirst: chain.height + 1, heightLast: chain.height + 1 });
  });

  test("of a height that nobody asked for, of the future, or of long ago is nil", () => {
    const { chain, lottery } = asked();
    const height = BigInt(chain.height + 1);
    chain.seed = honest(chain);
    chain.block([]);
    chain.seed = NONE;
    chain.pass(1);
    for (const at of [height - 1n, height + 1n, 0n, -1n, -(1n << 63n), (1n << 63n) - 1n, height + (1n << 20n)]) {
      expect(view(chain, lottery, "seed", [at])).toBe(null);
    }
    expect(view(chain, lottery, "seed", [height])).not.toBe(null);
    chain.height = Number(height) + SEED_HEIGHTS_MAX - 1;
    expect(view(chain, lottery, "seed", [height])).not.toBe(null);
    chain.height++;
    expect(view(chain, lottery, "seed", [height])).toBe(null);
  });
});

test("a question waits for more proposers than can be faulty", () => {
  expect([1, 3, 4, 7, 99].map(seedHeights)).toEqual([1, 2, 2, 3, 34]);
});

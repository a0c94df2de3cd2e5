// Lanes and references that run out, on a real state.

import { describe, expect, test } from "vitest";
import { bytesKey } from "../../src/base/bytes.js";
import { EXPIRED_LEAVES_PER_BLOCK_MAX, executeBlock } from "../../src/execution/executeBlock.js";
import { encodeLaneLeaf, laneKey } from "../../src/protocol/stateLeaves.js";
import { State } from "../../src/state/state.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { MemoryStore } from "../support/memoryStore.js";
import { alice, bob, GENESIS, GENESIS_HASH, LedgerChain, PARAMETERS, transfer, type Wish } from "./ledgerChain.js";

const pay: Wish = { operations: [transfer(bob, 1n)] };
const window = PARAMETERS.validUntilHeightsMax;
const lane0 = laneKey(alice.address, 0);

describe("an idle lane", () => {
  test("begins again at 0 when its time is over, and not before", () => {
    const chain = new LedgerChain();
    chain.run(pay);
    chain.pass(window - 1);
    expect(chain.height).toBe(window);
    expect(chain.copy().outcome({ ...pay, sequence: 0 })).toBe("SEQUENCE_USED");
    expect(chain.copy().outcome({ ...pay, sequence: 1 })).toBe("OK");
    chain.pass(1);
    // Height 1 + window was the last at which it counted.
    expect(chain.copy().outcome({ ...pay, sequence: 0 })).toBe("OK");
    expect(chain.copy().outcome({ ...pay, sequence: 1 })).toBe("SEQUENCE_GAP");
    expect(chain.state.get(lane0)).toBeDefined();
    chain.pass(1);
    expect(chain.state.get(lane0)).toBeUndefined();
  });

  test("that is used in the very block that would remove it stays", () => {
    const chain = new LedgerChain();
    chain.run(pay);
    chain.pass(window);
    expect(chain.outcome({ ...pay, sequence: 0 })).toBe("OK");
    expect(chain.sequence(alice)).toBe(1);
    expect([...chain.result.changes].filter(({ value }) => value === undefined)).toEqual([]);
  });

  test("is kept by every use, failed ones too", () => {
    const chain = new LedgerChain();
    for (let i = 0; i < 3; i++) {
      const wish: Wish = i === 1 ? { operations: [transfer(bob, 1n, "TTM")], feeToken: "TTM" } : pay;
      const failing: Wish = { operations: [transfer(bob, 1n << 62n)] };
      expect(chain.outcome(i === 1 ? failing : wish)).toBe(i === 1 ? "FEE_ABOVE_LIMIT" : "OK");
      chain.pass(window - 1);
    }
    expect(chain.sequence(alice)).toBe(3);
  });

  test("is not cut short when the window shrinks", () => {
    const chain = new LedgerChain();
    chain.run(pay);
    chain.setParameters({ validUntilHeightsMax: 10 });
    chain.run({ ...pay, validUntil: 5 });
    chain.pass(50);
    expect(chain.sequence(alice)).toBe(2);
  });
});

describe("removals", () => {
  test("beyond a block's limit wait for the next, in order, and count as absent meanwhile", () => {
    const chain = new LedgerChain();
    const state = State.open(new MemoryStore(), { pageCacheBytes: 64 << 20, historyHeights: 2 });
    const count = EXPIRED_LEAVES_PER_BLOCK_MAX + 500;
    const lanes = Array.from({ length: count }, (_, i) => ({
      key: sha256(Uint8Array.of(i & 255, i >> 8)),
      value: encodeLaneLeaf({ sequenceNext: 5, heightExpires: 1 + (i % 2) }),
    }));
    const expired = { key: lane0, value: encodeLaneLeaf({ sequenceNext: 9, heightExpires: 2 }) };
    const genesis = [...chain.state.leaves].map(([key, value]) => ({
      key: Uint8Array.from(key, (letter) => letter.charCodeAt(0)),
      value,
    }));
    state.commit(3, state.prepare([...genesis, ...lanes, expired]));
    const context = { height: 4, timeMs: GENESIS.timeMs, genesisHash: GENESIS_HASH };
    const transaction = chain.ask({ ...pay, sequence: 0 });
    const first = executeBlock(state, context, [transaction]);
    const removed = [...first.changes].filter(({ value }) => value === undefined).map(({ key }) => bytesKey(key));
    expect(removed.length).toBe(EXPIRED_LEAVES_PER_BLOCK_MAX);
    const early = lanes.filter((_, i) => i % 2 === 0);
    const gone = new Set(removed);
    expect(early.every(({ key }) => gone.has(bytesKey(key)))).toBe(true);
    expect(gone.has(bytesKey(lane0))).toBe(false);
    state.commit(4, state.prepare(first.changes));
    const second = executeBlock(state, { ...context, height: 5 }, []);
    expect([...second.changes].length).toBe(500);
    state.commit(5, state.prepare(second.changes));
    expect(executeBlock(state, { ...context, height: 6 }, []).changes).toEqual([]);
    expect(state.get(lane0)).toBeDefined();
  });
});

import { describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import { COUNTED_KEYS_MAX, FrequentKeys, TABLE_USES } from "../../src/pool/frequentKeys.js";
import { TABLES_PER_SECOND_MAX, TableEarner } from "../../src/pool/tableEarner.js";
import { FakeClock } from "../support/fakeClock.js";

const random = new SeededRandom(3);
const SECOND_MS = 1_000;

/** An earner whose built keys are listed. */
function listingEarner(clock: FakeClock) {
  const built: string[] = [];
  const earner = new TableEarner(async (key) => {
    built.push(toHex(key));
    return true;
  }, clock);
  return { built, earner };
}

const often = (key: Uint8Array): Uint8Array[] => Array.from({ length: TABLE_USES }, () => key);

describe("keys that sign often", () => {
  test("earn a table by so many uses, and again only by as many", () => {
    const keys = new FrequentKeys();
    const [key] = [random.bytes(32)];
    for (let round = 0; round < 3; round++) {
      expect(often(key).map((use) => keys.count(use))).toEqual(often(key).map((_, i) => i === TABLE_USES - 1));
    }
  });

  test("keep half their uses through a flood of keys that sign once, which earns nothing and is forgotten", () => {
    const keys = new FrequentKeys();
    const frequent = random.bytes(32);
    for (let i = 1; i < TABLE_USES; i++) {
      keys.count(frequent);
    }
    const stranger = new Uint8Array(32);
    const view = new DataView(stranger.buffer);
    for (let i = 0; i < COUNTED_KEYS_MAX + 10; i++) {
      view.setUint32(28, i);
      expect(keys.count(stranger)).toBe(false);
      expect(keys.countedKeys).toBeLessThanOrEqual(COUNTED_KEYS_MAX);
    }
    expect(keys.countedKeys).toBeLessThan(100);
    const left = TABLE_USES - ((TABLE_USES - 1) >> 1);
    expect(Array.from({ length: left }, () => keys.count(frequent)).indexOf(true)).toBe(left - 1);
  });

  test("get their tables in order, under a budget a second however many earn one", async () => {
    const clock = new FakeClock();
    const { built, earner } = listingEarner(clock);
    const keys = Array.from({ length: 3 * TABLES_PER_SECOND_MAX }, () => random.bytes(32));
    earner.countCommitted(keys.flatMap(often));
    await clock.advance(SECOND_MS - 1);
    expect(built).toEqual(keys.slice(0, TABLES_PER_SECOND_MAX).map(toHex));
    await clock.advance(SECOND_MS);
    expect(built.length).toBe(2 * TABLES_PER_SECOND_MAX);
    expect(earner.builtTables).toBe(built.length);
    await earner.stop();
    await clock.advance(SECOND_MS);
    expect(built.length).toBe(2 * TABLES_PER_SECOND_MAX);
  });

  test("wait for a table that takes longer than its share, and for none that failed", async () => {
    const clock = new FakeClock();
    let finish: (built: boolean) => void = () => {};
    let begun = 0;
    const earner = new TableEarner(() => {
      begun++;
      return begun === 1 ? new Promise((resolve) => (finish = resolve)) : Promise.reject(new Error("a worker ended"));
    }, clock);
    earner.countCommitted([random.bytes(32), random.bytes(32), random.bytes(32)].flatMap(often));
    await clock.advance(SECOND_MS);
    expect(begun).toBe(1);
    finish(true);
    await clock.advance(0);
    await clock.advance(SECOND_MS);
    expect([begun, earner.builtTables]).toEqual([3, 1]);
  });
});

// Sequence numbers: each handed out once, no gap left, and the node asked no more than needed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LaneSequencer } from "../../src/client/laneSequencer.js";
import { SEQUENCE_MAX } from "../../src/protocol/limits.js";

class CountingSource {
  asked = 0;
  pending = 5;
  failNext = false;

  async lane(): Promise<{ sequencePending: number }> {
    this.asked++;
    if (this.failNext) {
      this.failNext = false;
      throw new Error("away");
    }
    return { sequencePending: this.pending };
  }
}

const address = new Uint8Array(32);

describe("the sequencer", () => {
  test("asks once a lane, even when many ask at once", async () => {
    const source = new CountingSource();
    const sequencer = new LaneSequencer(source, address);
    expect(await Promise.all([1, 1, 1, 2].map((lane) => sequencer.next(lane)))).toEqual([5, 6, 7, 5]);
    expect(source.asked).toBe(2);
  });

  test("hands a number that was given back out again, lowest first", async () => {
    const sequencer = new LaneSequencer(new CountingSource(), address);
    for (let i = 0; i < 5; i++) {
      await sequencer.next(0);
    }
    await sequencer.release(0, 7);
    await sequencer.release(0, 6);
    await sequencer.release(0, 6);
    expect([await sequencer.next(0), await sequencer.next(0), await sequencer.next(0)]).toEqual([6, 7, 10]);
  });

  test("asks again after a resync and after a failed read", async () => {
    const source = new CountingSource();
    const sequencer = new LaneSequencer(source, address);
    await sequencer.next(0);
    source.pending = 20;
    sequencer.resync(0);
    expect(await sequencer.next(0)).toBe(20);
    source.failNext = true;
    await expect(sequencer.next(1)).rejects.toThrow("away");
    expect(await sequencer.next(1)).toBe(20);
  });

  test("stops at the last number of a lane", async () => {
    const source = new CountingSource();
    source.pending = SEQUENCE_MAX;
    const sequencer = new LaneSequencer(source, address);
    expect(await sequencer.next(0)).toBe(SEQUENCE_MAX);
    await expect(sequencer.next(0)).rejects.toMatchObject({ code: "AMOUNT_OUT_OF_RANGE" });
  });

  test("never has a number out twice, and leaves no gap below what is out", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.nat(20), { nil: undefined }), { maxLength: 60 }), async (steps) => {
        const sequencer = new LaneSequencer(new CountingSource(), address);
        const out = new Set<number>();
        for (const step of steps) {
          const held = [...out];
          if (step === undefined || held.length === 0) {
            const sequence = await sequencer.next(0);
            expect(out.has(sequence)).toBe(false);
            const lowestFree = Array.from({ length: 100 }, (_, i) => 5 + i).find((number) => !out.has(number));
            expect(sequence).toBe(lowestFree);
            out.add(sequence);
          } else {
            const sequence = held[step % held.length];
            out.delete(sequence);
            await sequencer.release(0, sequence);
          }
        }
      }),
    );
  });
});

import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import type { BlockLog } from "../../src/storage/blockLog.js";
import { RECORD_HEADER_BYTES } from "../../src/storage/logRecord.js";
import { SEGMENT_HEADER_BYTES, segmentName } from "../../src/storage/logSegment.js";
import { CorruptLogError } from "../../src/storage/storageErrors.js";
import { appendHeights, DIRECTORY, failureOf, openLog, payloadOf } from "./blockLogHelpers.js";
import { SimulatedCrash, SimulatedDisk } from "./simulatedDisk.js";

const FIRST_SEGMENT = `${DIRECTORY}/${segmentName(1)}`;

/** A closed log of the heights 1 to `last`; where each record starts, and where the last ends. */
async function writtenLog(last: number, payloadBytesMax: number): Promise<{ disk: SimulatedDisk; offsets: number[] }> {
  const disk = new SimulatedDisk(new SeededRandom(1));
  const log = await openLog(disk);
  await appendHeights(log, 1, last, payloadBytesMax);
  await log.close();
  const offsets = [SEGMENT_HEADER_BYTES];
  for (let height = 1; height <= last; height++) {
    offsets.push(offsets[height - 1] + RECORD_HEADER_BYTES + payloadOf(height, payloadBytesMax).length);
  }
  expect(disk.bytes(FIRST_SEGMENT)).toHaveLength(offsets[last]);
  return { disk, offsets };
}

async function expectHeights(log: BlockLog, first: number, last: number, payloadBytesMax?: number): Promise<void> {
  expect([log.firstHeight, log.lastHeight]).toEqual([first, last]);
  for (let height = first; height <= last; height++) {
    const payload = await log.read(height);
    expect(payload !== undefined && Buffer.compare(payload, payloadOf(height, payloadBytesMax)) === 0).toBe(true);
  }
}

describe("a torn tail", () => {
  test("is cut off at whatever byte of the last record the file ends, and the log goes on", async () => {
    const { disk, offsets } = await writtenLog(4, 1500);
    const whole = disk.bytes(FIRST_SEGMENT);
    for (let size = offsets[3]; size < offsets[4]; size++) {
      disk.replace(FIRST_SEGMENT, whole.subarray(0, size));
      const log = await openLog(disk);
      expect([log.lastHeight, log.tornBytes]).toEqual([3, size - offsets[3]]);
      await log.append(4, [payloadOf(4, 1500)]);
      await log.close();
      expect(Buffer.compare(disk.bytes(FIRST_SEGMENT), whole)).toBe(0);
    }
  });

  test("is cut off where any sector of the last record never arrived", async () => {
    const { disk, offsets } = await writtenLog(6, 4000);
    const whole = disk.bytes(FIRST_SEGMENT);
    let cut = 0;
    for (let start = offsets[5] - (offsets[5] % 512); start < offsets[6]; start += 512) {
      const torn = whole.slice();
      torn.fill(0, Math.max(start, offsets[5]), Math.min(start + 512, offsets[6]));
      disk.replace(FIRST_SEGMENT, torn);
      const log = await openLog(disk);
      // A sector that is all zeros by right lost nothing.
      expect(log.lastHeight).toBe(Buffer.compare(torn, whole) === 0 ? 6 : 5);
      cut += log.tornBytes > 0 ? 1 : 0;
      await log.close();
    }
    expect(cut).toBeGreaterThan(3);
  });

  test("takes the rest of its batch with it, though later records of the batch did arrive", async () => {
    const disk = new SimulatedDisk(new SeededRandom(1));
    const log = await openLog(disk);
    await appendHeights(log, 1, 1, 1500);
    // The first of these is written alone, the others together.
    await Promise.all([2, 3, 4, 5].map((height) => log.append(height, [payloadOf(height, 1500)])));
    await log.close();
    const torn = disk.bytes(FIRST_SEGMENT);
    const third =
      SEGMENT_HEADER_BYTES + 2 * RECORD_HEADER_BYTES + payloadOf(1, 1500).length + payloadOf(2, 1500).length;
    torn.fill(0, third, third - (third % 512) + 512);
    disk.replace(FIRST_SEGMENT, torn);
    const again = await openLog(disk);
    await expectHeights(again, 1, 2, 1500);
  });
});

describe("damage", () => {
  test("of any single bit is named with file, offset and height, and never served or cut off", async () => {
    const { disk, offsets } = await writtenLog(4, 300);
    const bits = 8 * offsets[4];
    for (let bit = 0; bit < bits; bit += 1) {
      disk.flipBit(FIRST_SEGMENT, bit);
      const error = await failureOf(openLog(disk));
      const byte = bit >> 3;
      const record = offsets.findLastIndex((offset) => offset <= byte);
      expect(error).toBeInstanceOf(CorruptLogError);
      expect(error).toMatchObject({
        code: "CORRUPT_LOG",
        file: FIRST_SEGMENT,
        offset: record < 0 ? 0 : offsets[record],
        height: record < 0 ? 1 : record + 1,
      });
      disk.flipBit(FIRST_SEGMENT, bit);
    }
    await expectHeights(await openLog(disk), 1, 4, 300);
  });

  test("in the middle is named even where it looks like a torn write", async () => {
    const { disk, offsets } = await writtenLog(6, 3000);
    const whole = disk.bytes(FIRST_SEGMENT);
    for (let height = 1; height <= 5; height++) {
      const damaged = whole.slice();
      damaged.fill(0, offsets[height - 1], offsets[height]);
      disk.replace(FIRST_SEGMENT, damaged);
      expect(await failureOf(openLog(disk))).toMatchObject({
        code: "CORRUPT_LOG",
        height,
        offset: offsets[height - 1],
      });
    }
  });

  test("by swapped, doubled or missing records is named", async () => {
    const { disk, offsets } = await writtenLog(5, 500);
    const whole = disk.bytes(FIRST_SEGMENT);
    const record = (height: number) => whole.subarray(offsets[height - 1], offsets[height]);
    const header = whole.subarray(0, SEGMENT_HEADER_BYTES);
    const orders = [
      [1, 3, 2, 4, 5],
      [1, 2, 2, 3, 4, 5],
      [1, 2, 4, 5],
      [2, 3, 4, 5],
      [1, 2, 3, 5],
      [1, 2, 3, 4, 5, 5],
    ];
    for (const order of orders) {
      disk.replace(FIRST_SEGMENT, Buffer.concat([header, ...order.map(record)]));
      expect(await failureOf(openLog(disk))).toMatchObject({ code: "CORRUPT_LOG" });
    }
  });

  test("by a record of another log with the same height is named", async () => {
    const { disk, offsets } = await writtenLog(3, 100);
    const other = new SimulatedDisk(new SeededRandom(1));
    const log = await openLog(other);
    await log.append(1, [payloadOf(4, 100)]);
    await appendHeights(log, 2, 3, 100);
    await log.close();
    const mixed = disk.bytes(FIRST_SEGMENT);
    const foreign = other.bytes(FIRST_SEGMENT);
    mixed.set(foreign.subarray(foreign.length - (offsets[3] - offsets[2])), offsets[2]);
    disk.replace(FIRST_SEGMENT, mixed);
    expect(await failureOf(openLog(disk))).toMatchObject({ code: "CORRUPT_LOG", height: 3 });
  });

  test("of an earlier segment is found when it is read, walked or opened without its index", async () => {
    const disk = new SimulatedDisk(new SeededRandom(1));
    const log = await openLog(disk, 4096);
    await appendHeights(log, 1, 30, 1000);
    await log.close();
    const [first] = disk.paths().filter((path) => path.endsWith(".log"));
    disk.flipBit(first, 8 * (SEGMENT_HEADER_BYTES + RECORD_HEADER_BYTES));
    const damaged = await openLog(disk, 4096);
    const named = { code: "CORRUPT_LOG", file: first, offset: SEGMENT_HEADER_BYTES, height: 1 };
    expect(await failureOf(damaged.read(1))).toMatchObject(named);
    expect(await failureOf(damaged.recordsFrom(1).next())).toMatchObject(named);
    expect(await damaged.read(2)).toEqual(payloadOf(2, 1000));
    await damaged.close();
    await disk.remove(first.replace(".log", ".index"));
    expect(await failureOf(openLog(disk, 4096))).toMatchObject(named);
  });

  test("by a missing or shortened segment is named", async () => {
    const disk = new SimulatedDisk(new SeededRandom(1));
    const log = await openLog(disk, 4096);
    await appendHeights(log, 1, 40, 1000);
    await log.close();
    const segments = disk.paths().filter((path) => path.endsWith(".log"));
    const second = disk.bytes(segments[1]);
    await disk.remove(segments[1]);
    expect(await failureOf(openLog(disk, 4096))).toMatchObject({ code: "CORRUPT_LOG", file: segments[0] });
    disk.replace(segments[1], second.subarray(0, second.length - 1));
    expect(await failureOf(openLog(disk, 4096))).toMatchObject({ code: "CORRUPT_LOG", file: segments[1] });
    disk.replace(segments[1], second);
    await expectHeights(await openLog(disk, 4096), 1, 40, 1000);
  });
});

describe("a disk that fails", () => {
  test("ends the log's appends at the first failed sync, though a second would succeed", async () => {
    const disk = new SimulatedDisk(new SeededRandom(1));
    const log = await openLog(disk);
    await appendHeights(log, 1, 3);
    disk.failingSyncs = 1;
    const appends = [4, 5, 6].map((height) => log.append(height, [payloadOf(height)]));
    for (const append of appends) {
      expect(await failureOf(append)).toMatchObject({ code: "LOG_FAILED", message: expect.stringContaining("EIO") });
    }
    expect(await failureOf(log.append(7, []))).toMatchObject({ code: "LOG_FAILED" });
    expect(log.failure).toMatchObject({ code: "LOG_FAILED" });
    await expectHeights(log, 1, 3);
    await log.close();
  });

  test("that is full ends them too; with room again, a new opening goes on behind what was acknowledged", async () => {
    const disk = new SimulatedDisk(new SeededRandom(1), { capacityBytes: 20_000 });
    const log = await openLog(disk, 4096);
    let height = 0;
    let failed: Error | undefined;
    while (failed === undefined) {
      height += 1;
      failed = await log.append(height, [payloadOf(height)]).then(
        () => undefined,
        (error: Error) => error,
      );
    }
    expect(failed).toMatchObject({ code: "LOG_FAILED", message: expect.stringContaining("ENOSPC") });
    await expectHeights(log, 1, height - 1);
    await log.close();
    disk.capacityBytes = 1_000_000;
    const again = await openLog(disk, 4096);
    await expectHeights(again, 1, height - 1);
    await appendHeights(again, height, height + 20);
    await expectHeights(again, 1, height + 20);
  });
});

describe("a crash", () => {
  /** Appends, prunes and reads until the machine fails; returns the highest height acknowledged. */
  async function workUntilCrash(disk: SimulatedDisk, random: SeededRandom): Promise<number> {
    let acknowledged = 0;
    try {
      const log = await openLog(disk, 4096);
      acknowledged = log.lastHeight ?? 0;
      let next = acknowledged + 1;
      for (;;) {
        const burst = Array.from({ length: random.below(4) + 1 }, () => {
          const height = next++;
          return log.append(height, [payloadOf(height)]).then(() => {
            acknowledged = Math.max(acknowledged, height);
          });
        });
        await Promise.all(burst);
        if (random.chance(1, 8)) {
          await log.dropBelow(acknowledged - 6);
        }
      }
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      if (!(cause instanceof SimulatedCrash)) {
        throw error;
      }
    }
    return acknowledged;
  }

  test.each(["power", "kill"] as const)("(%s) within any operation loses nothing acknowledged", async (cause) => {
    for (let seed = 1; seed <= 150; seed++) {
      const random = new SeededRandom(seed);
      const disk = new SimulatedDisk(random);
      let acknowledged = 0;
      for (let crash = 0; crash < 6; crash++) {
        disk.crashAt = disk.operations + 1 + random.below(80);
        acknowledged = Math.max(acknowledged, await workUntilCrash(disk, random));
        disk.restart(cause);
        const log = await openLog(disk, 4096).catch((error: unknown) => {
          throw new Error(`seed ${seed}, crash ${crash}: ${error}`);
        });
        const last = log.lastHeight ?? 0;
        expect(last, `seed ${seed}, crash ${crash}`).toBeGreaterThanOrEqual(acknowledged);
        if (log.firstHeight !== undefined) {
          await expectHeights(log, log.firstHeight, last);
          expect(log.firstHeight).toBeLessThanOrEqual(Math.max(1, last));
        }
        acknowledged = last;
        await log.close();
      }
    }
  });

  test("of the process, and one of the machine soon after it, lose nothing acknowledged", async () => {
    for (let seed = 1; seed <= 4; seed++) {
      for (let crashAt = 1; crashAt <= 70; crashAt++) {
        const random = new SeededRandom(seed);
        const disk = new SimulatedDisk(random);
        disk.crashAt = crashAt;
        await workUntilCrash(disk, random);
        // What the killed process wrote and did not sync is there, and not safe yet.
        disk.restart("exit");
        const log = await openLog(disk, 65_536);
        const next = (log.lastHeight ?? 0) + 1;
        await log.append(next, [payloadOf(next)]);
        disk.crash();
        disk.restart("power");
        const after = await openLog(disk, 65_536);
        expect(after.lastHeight, `seed ${seed}, crash in operation ${crashAt}`).toBe(next);
        await after.close();
      }
    }
  });
});

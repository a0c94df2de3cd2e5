import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { BlockLog } from "../../src/storage/blockLog.js";
import { appendHeights, DIRECTORY, failureOf, GENESIS_HASH, openLog, payloadOf } from "./blockLogHelpers.js";
import { SimulatedDisk } from "./simulatedDisk.js";

function newDisk(): SimulatedDisk {
  return new SimulatedDisk(new SeededRandom(1));
}

describe("a block log", () => {
  test("is empty at first and begins at any height", async () => {
    const disk = newDisk();
    const log = await openLog(disk);
    expect([log.firstHeight, log.lastHeight]).toEqual([undefined, undefined]);
    expect(await log.read(1)).toBeUndefined();
    await log.append(500, [payloadOf(500)]);
    expect([log.firstHeight, log.lastHeight]).toEqual([500, 500]);
    await log.close();
  });

  test("gives back what was appended, parts joined, across segments and openings", async () => {
    const disk = newDisk();
    let log = await openLog(disk, 8192);
    await appendHeights(log, 1, 40);
    await log.append(41, [payloadOf(41).subarray(0, 5), new Uint8Array(0), payloadOf(41).subarray(5)]);
    await log.append(42, []);
    for (let opening = 0; opening < 2; opening++) {
      for (let height = 1; height <= 41; height++) {
        expect(await log.read(height)).toEqual(payloadOf(height));
      }
      expect(await log.read(42)).toEqual(new Uint8Array(0));
      expect(await log.read(43)).toBeUndefined();
      expect(await log.read(0)).toBeUndefined();
      expect([log.firstHeight, log.lastHeight, log.tornBytes]).toEqual([1, 42, 0]);
      await log.close();
      log = await openLog(disk, 8192);
    }
    await log.append(43, [payloadOf(43)]);
    expect(disk.paths().filter((path) => path.endsWith(".log")).length).toBeGreaterThan(5);
    await log.close();
  });

  test("copies what it is given before append returns", async () => {
    const log = await openLog(newDisk());
    const bytes = payloadOf(1);
    const appended = log.append(1, [bytes]);
    bytes.fill(0xff);
    await appended;
    expect(await log.read(1)).toEqual(payloadOf(1));
  });

  test("walks the records in order from any height, up to those appended meanwhile", async () => {
    const log = await openLog(newDisk(), 8192);
    await appendHeights(log, 1, 20);
    const heights: number[] = [];
    for await (const { height, payload } of log.recordsFrom(7)) {
      expect(payload).toEqual(payloadOf(height));
      heights.push(height);
      if (height === 20) {
        await log.append(21, [payloadOf(21)]);
      }
    }
    expect(heights).toEqual(Array.from({ length: 15 }, (_, i) => i + 7));
  });

  test("puts appends that wait into one write and sync, and resolves them in order", async () => {
    const disk = newDisk();
    const log = await openLog(disk);
    await log.append(1, [payloadOf(1)]);
    const syncsBefore = disk.syncs;
    const resolved: number[] = [];
    const appends = Array.from({ length: 50 }, (_, i) => log.append(i + 2, [payloadOf(i + 2)]));
    await Promise.all(appends.map((append, i) => append.then(() => resolved.push(i + 2))));
    expect(resolved).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
    // The first is under way when the others come in.
    expect(disk.syncs - syncsBefore).toBeLessThanOrEqual(2);
  });

  test("says durable only after the sync: lastHeight and reads follow it", async () => {
    const log = await openLog(newDisk());
    await log.append(1, [payloadOf(1)]);
    const append = log.append(2, [payloadOf(2)]);
    expect(log.lastHeight).toBe(1);
    expect(await log.read(2)).toBeUndefined();
    await append;
    expect(log.lastHeight).toBe(2);
  });

  test("takes heights only one after another", async () => {
    const log = await openLog(newDisk());
    await log.append(5, [payloadOf(5)]);
    expect(() => log.append(7, [payloadOf(7)])).toThrow("expected 6, got 7");
    expect(() => log.append(5, [payloadOf(5)])).toThrow("expected 6, got 5");
  });

  test("gives a record larger than a segment a segment of its own", async () => {
    const disk = newDisk();
    const log = await openLog(disk, 1000);
    const large = new SeededRandom(3).bytes(5000);
    await appendHeights(log, 1, 2, 100);
    await log.append(3, [large]);
    await log.append(4, [payloadOf(4, 100)]);
    await log.close();
    const again = await openLog(disk, 1000);
    expect(await again.read(3)).toEqual(large);
    expect(await again.read(4)).toEqual(payloadOf(4, 100));
    expect(disk.paths().filter((path) => path.endsWith(".log"))).toHaveLength(3);
  });

  test("refuses a log of another chain", async () => {
    const disk = newDisk();
    const log = await openLog(disk);
    await log.append(1, [payloadOf(1)]);
    await log.close();
    const genesisHash = GENESIS_HASH.map((byte) => byte ^ 1);
    expect(await failureOf(BlockLog.open(disk, DIRECTORY, { genesisHash }))).toMatchObject({ code: "FOREIGN_LOG" });
  });

  test("refuses appends once closed, and closes after those under way", async () => {
    const log = await openLog(newDisk());
    const append = log.append(1, [payloadOf(1)]);
    await log.close();
    await append;
    expect(await failureOf(log.append(2, []))).toMatchObject({ code: "LOG_CLOSED" });
    await log.close();
  });
});

describe("pruning", () => {
  test("removes whole segments below a height and keeps the rest readable", async () => {
    const disk = newDisk();
    let log = await openLog(disk, 8192);
    await appendHeights(log, 1, 60);
    await log.dropBelow(30);
    const first = log.firstHeight!;
    expect(first).toBeGreaterThan(20);
    expect(first).toBeLessThanOrEqual(30);
    expect(await log.read(first - 1)).toBeUndefined();
    await log.close();
    log = await openLog(disk, 8192);
    expect([log.firstHeight, log.lastHeight]).toEqual([first, 60]);
    for (let height = first; height <= 60; height++) {
      expect(await log.read(height)).toEqual(payloadOf(height));
    }
    expect(await failureOf(log.recordsFrom(1).next())).toMatchObject({ code: "HEIGHT_PRUNED" });
  });

  test("always keeps the last record", async () => {
    const log = await openLog(newDisk(), 4096);
    await appendHeights(log, 1, 20);
    await log.dropBelow(1000);
    expect(log.lastHeight).toBe(20);
    expect(await log.read(20)).toEqual(payloadOf(20));
    await log.append(21, [payloadOf(21)]);
  });

  test("may run beside appends and reads", async () => {
    const log = await openLog(newDisk(), 4096);
    await appendHeights(log, 1, 40);
    const drops = [log.dropBelow(10), log.dropBelow(30), log.dropBelow(20)];
    const reads = Array.from({ length: 10 }, (_, i) => log.read(31 + i));
    await log.append(41, [payloadOf(41)]);
    await Promise.all(drops);
    expect(await Promise.all(reads)).toEqual(Array.from({ length: 10 }, (_, i) => payloadOf(31 + i)));
  });
});

describe("the indexes of sealed segments", () => {
  test("are made again where they are missing or damaged", async () => {
    const disk = newDisk();
    let log = await openLog(disk, 4096);
    await appendHeights(log, 1, 40);
    await log.close();
    const indexes = disk.paths().filter((path) => path.endsWith(".index"));
    expect(indexes.length).toBeGreaterThan(5);
    await disk.remove(indexes[0]);
    for (const [i, path] of indexes.slice(1).entries()) {
      disk.flipBit(path, (i * 37) % (8 * disk.bytes(path).length));
    }
    log = await openLog(disk, 4096);
    for (let height = 1; height <= 40; height++) {
      expect(await log.read(height)).toEqual(payloadOf(height));
    }
    expect(disk.paths().filter((path) => path.endsWith(".index"))).toEqual(indexes);
  });

  test("are held for a few segments only, whatever is read", async () => {
    const log = await openLog(newDisk(), 2048);
    await appendHeights(log, 1, 80);
    const heights = Array.from({ length: 200 }, (_, i) => ((i * 53) % 80) + 1);
    const payloads = await Promise.all(heights.map((height) => log.read(height)));
    expect(payloads).toEqual(heights.map((height) => payloadOf(height)));
    await log.close();
  });
});

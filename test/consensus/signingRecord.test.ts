// The record of what was signed: over crashes, torn writes, flipped bits and restored backups it never lets two messages be
// signed at one place.

import { expect, test } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import { SeededRandom } from "../../src/base/random.js";
import {
  SIGNING_RECORD_FILE,
  type SigningPlace,
  SigningRecord,
  type SigningRecordOptions,
  SigningRefusedError,
} from "../../src/consensus/signingRecord.js";
import { DamageError } from "../../src/storage/storageErrors.js";
import { SimulatedCrash, SimulatedDisk } from "../storage/simulatedDisk.js";

const DIRECTORY = "/chain";
const PATH = `${DIRECTORY}/${SIGNING_RECORD_FILE}`;
const GENESIS_HASH = new Uint8Array(32).fill(7);

function open(disk: SimulatedDisk, options: Partial<SigningRecordOptions> = {}): Promise<SigningRecord> {
  return SigningRecord.open(disk, {
    directory: DIRECTORY,
    belongsTo: GENESIS_HASH,
    heightOfLog: 0,
    mayHaveSigned: false,
    ...options,
  });
}

const at = (height: number, round = 0, step = 2): SigningPlace => ({ height, round, step });
const message = (text: string): Uint8Array => utf8Bytes(text);

test("one message a place, none at a place before, the same one again", async () => {
  const record = await open(new SimulatedDisk(new SeededRandom(1)));
  await record.claim(at(5), message("a"));
  await record.claim(at(5), message("a"));
  await expect(record.claim(at(5), message("b"))).rejects.toThrow(SigningRefusedError);
  await expect(record.claim(at(5, 0, 1), message("a"))).rejects.toThrow(/expected to sign above/);
  await expect(record.claim(at(4, 9, 2), message("a"))).rejects.toThrow(SigningRefusedError);
  expect(record.roundAfter(5)).toBe(1);
  expect(record.roundAfter(6)).toBe(0);
  await record.claim(at(5, 1, 1), message("b"));
  await record.claim(at(6), message("c"));
  expect(record.last).toEqual(at(6));
});

test("a claim is durable before it resolves, wherever the power fails", async () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new SeededRandom(seed);
    const disk = new SimulatedDisk(random);
    let record = await open(disk);
    const signed = new Map<number, string>();
    let last = 0;
    for (let crash = 0; crash < 3; crash++) {
      disk.crashAt = disk.operations + 1 + random.below(40);
      try {
        for (;;) {
          last++;
          await record.claim(at(last), message(`${seed}.${crash}.${last}`));
          signed.set(last, `${seed}.${crash}.${last}`);
        }
      } catch (error) {
        expect(error).toBeInstanceOf(SimulatedCrash);
      }
      disk.restart(random.chance(1, 2) ? "power" : "kill");
      record = await open(disk, { mayHaveSigned: true });
      // The one that the crash came into may stand or not: its signature never left.
      expect([last - 1, last]).toContain(record.last.height);
      for (const [height, text] of [...signed].slice(-3)) {
        await expect(record.claim(at(height), message(`not ${text}`))).rejects.toThrow(SigningRefusedError);
      }
      last = record.last.height;
    }
  }
});

test("what processes that ended left unsynced is durable once the record is open again", async () => {
  for (let seed = 0; seed < 50; seed++) {
    const disk = new SimulatedDisk(new SeededRandom(seed));
    let record = await open(disk);
    for (let height = 1; height <= 3; height++) {
      // The second operation of a claim is its sync.
      disk.crashAt = disk.operations + 2;
      await expect(record.claim(at(height), message("m"))).rejects.toThrow(SimulatedCrash);
      disk.restart("exit");
      record = await open(disk, { mayHaveSigned: true });
      // The same message may be signed now: the disk must know of it.
      expect(record.last).toEqual(at(height));
    }
    disk.restart("power");
    record = await open(disk, { mayHaveSigned: true });
    expect(record.last).toEqual(at(3));
  }
});

test("the file stays short, and a crash while it is begun anew loses nothing", async () => {
  for (let seed = 0; seed < 12; seed++) {
    const disk = new SimulatedDisk(new SeededRandom(seed));
    let record = await open(disk);
    for (let height = 1; height < 505; height++) {
      await record.claim(at(height), message("m"));
    }
    disk.crashAt = disk.operations + 10 + 2 * seed;
    let last = 504;
    await expect(
      (async () => {
        for (;;) {
          await record.claim(at(last + 1), message("m"));
          last++;
        }
      })(),
    ).rejects.toThrow();
    disk.restart("power");
    record = await open(disk, { mayHaveSigned: true });
    expect(record.last.height).toBeGreaterThanOrEqual(last);
    expect(disk.bytes(PATH).length).toBeLessThanOrEqual(65_536);
    await record.claim(at(last + 2), message("m"));
  }
});

test("a flipped bit takes no claim back, and a damaged record is not signed with", async () => {
  const disk = new SimulatedDisk(new SeededRandom(3));
  const record = await open(disk);
  for (let height = 1; height <= 3; height++) {
    await record.claim(at(height), message("m"));
  }
  const bytes = disk.bytes(PATH);
  for (let bit = 0; bit < 8 * bytes.length; bit += 5) {
    disk.replace(PATH, bytes);
    disk.flipBit(PATH, bit);
    expect((await open(disk, { mayHaveSigned: true })).last.height).toBe(3);
  }
  const damaged = bytes.slice();
  damaged.fill(1, 128, 256);
  disk.replace(PATH, damaged);
  await expect(open(disk, { mayHaveSigned: true })).rejects.toThrow(DamageError);
  disk.replace(PATH, bytes);
  await expect(open(disk, { belongsTo: new Uint8Array(32), mayHaveSigned: true })).rejects.toThrow(DamageError);
});

test("a failed sync lets nothing more be signed", async () => {
  const disk = new SimulatedDisk(new SeededRandom(4));
  const record = await open(disk);
  disk.failingSyncs = 1;
  await expect(record.claim(at(1), message("a"))).rejects.toThrow("EIO");
  await expect(record.claim(at(1), message("b"))).rejects.toThrow("EIO");
});

test("after a restore it signs only above the height that the network shows", async () => {
  const disk = new SimulatedDisk(new SeededRandom(5));
  await expect(open(disk, { heightOfLog: 70 })).rejects.toThrow(/--signing-above/);
  await expect(open(disk, { mayHaveSigned: true })).rejects.toThrow(/--signing-above/);
  const record = await open(disk, { heightOfLog: 70, signingAbove: 90 });
  await expect(record.claim(at(90), message("a"))).rejects.toThrow(SigningRefusedError);
  await record.claim(at(91), message("a"));
  await record.close();
  await expect(open(disk, { heightOfLog: 70, signingAbove: 80 })).rejects.toThrow(/signed at height 91/);
});

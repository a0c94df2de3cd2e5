// What this process has signed last, on the disk before a signature leaves it: at one (height, round, step) one message, and
// never one at a place before. The record is not part of backups: a restored directory has none, or one that is ahead of its
// blocks, and the node then signs nothing until its operator names the height that the network shows.
//
// A claim is one entry, written twice so that a flipped bit can't take it back: height u64, round u32, step u32, SHA-256 of the
// message, a note of 12 bytes, CRC-32 seeded with whom the record belongs to. The file grows by claims and is begun anew when it is
// long. The note is what the first try signed besides, such as its time: whoever tries again signs the same.

import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { concatBytes, equalBytes } from "../base/bytes.js";
import type { Disk, DiskFile } from "../base/disk.js";
import { DamageError } from "../storage/storageErrors.js";
import { sha256 } from "../wasm/sha256.js";

/** Where in the agreement on a block something is signed, in this order. */
export interface SigningPlace {
  height: number;
  round: number;
  /** One of SIGNING_STEPS. */
  step: number;
}

/** The proposer's result record, and a delegate's signature that makes a block final. */
export const SIGNING_STEPS = { result: 1, commit: 2 } as const;

/** The node would sign what may contradict what it signed before. */
export class SigningRefusedError extends Error {
  override name = "SigningRefusedError";
}

/** Before everything that can be signed. */
const BEGINNING: SigningPlace = { height: 0, round: 0, step: 0 };

export const SIGNING_RECORD_FILE = "signing-record";
/** Where in a home the record of a key lies by which the node signs for its engine. */
export const SIGNER_DIRECTORY = "signer";

const ENTRY_BYTES = 64;
const CLAIM_BYTES = 2 * ENTRY_BYTES;
const HASH_OFFSET = 16;
const HASH_END = 48;
const NOTE_BYTES = 12;
const CHECKSUM_OFFSET = 60;
const FILE_BYTES_MAX = 512 * CLAIM_BYTES;
const LARGEST_U32 = 0xffff_ffff;
const NO_MESSAGE = new Uint8Array(32);
const NO_NOTE = new Uint8Array(NOTE_BYTES);

interface Claim {
  place: SigningPlace;
  messageHash: Uint8Array;
  note: Uint8Array;
}

/** What a key signed last, and its note, as `claim` takes them. Without a message nothing is signed again at this place. */
export interface LastSigned {
  place: SigningPlace;
  message?: Uint8Array;
  note?: Uint8Array;
}

export interface SigningRecordOptions {
  directory: string;
  /** The chain's genesis hash, or the key that signs: another's record is not taken for this one. */
  belongsTo: Uint8Array;
  /** The height that the chain's own log ends at. */
  heightOfLog: number;
  /** Whether the chain's keys may have signed before: not for a chain that is begun just now. */
  mayHaveSigned: boolean;
  /** The highest height that the network shows, named by the operator of a restored node. */
  signingAbove?: number | undefined;
}

export function comparePlaces(a: SigningPlace, b: SigningPlace): number {
  return a.height - b.height || a.round - b.round || a.step - b.step;
}

function placeText({ height, round, step }: SigningPlace): string {
  return `height ${height}, round ${round}, step ${step}`;
}

function encodeClaim({ place, messageHash, note }: Claim, seed: number): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES);
  const view = new DataView(entry.buffer);
  view.setBigUint64(0, BigInt(place.height), true);
  view.setUint32(8, place.round, true);
  view.setUint32(12, place.step, true);
  entry.set(messageHash, HASH_OFFSET);
  entry.set(note, HASH_END);
  view.setUint32(CHECKSUM_OFFSET, crc32(entry.subarray(0, CHECKSUM_OFFSET), seed), true);
  return concatBytes(entry, entry);
}

function decodeEntry(entry: Uint8Array, seed: number): Claim | undefined {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  if (
    entry.length < ENTRY_BYTES ||
    view.getUint32(CHECKSUM_OFFSET, true) !== crc32(entry.subarray(0, CHECKSUM_OFFSET), seed)
  ) {
    return undefined;
  }
  const place = {
    height: Number(view.getBigUint64(0, true)),
    round: view.getUint32(8, true),
    step: view.getUint32(12, true),
  };
  return { place, messageHash: entry.slice(HASH_OFFSET, HASH_END), note: entry.slice(HASH_END, HASH_END + NOTE_BYTES) };
}

/** The last claim in the file and where it ends. A last one that is no claim was torn by a crash: nothing signed under it left. */
export function lastClaim(bytes: Uint8Array, seed: number, path: string): { claim: Claim | undefined; end: number } {
  let claim: Claim | undefined;
  let end = 0;
  for (let offset = 0; offset < bytes.length; offset += CLAIM_BYTES) {
    const first = decodeEntry(bytes.subarray(offset, offset + ENTRY_BYTES), seed);
    const found = first ?? decodeEntry(bytes.subarray(offset + ENTRY_BYTES, offset + CLAIM_BYTES), seed);
    if (found === undefined) {
      if (offset + CLAIM_BYTES < bytes.length) {
        throw new DamageError(`${path} is damaged at byte ${offset}, or belongs to another chain`);
      }
      break;
    }
    claim = found;
    end = offset + CLAIM_BYTES;
  }
  return { claim, end };
}

export class SigningRecord {
  private queue: Promise<void> = Promise.resolve();
  private failure: unknown;

  private constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly seed: number,
    private file: DiskFile,
    private latest: Claim,
  ) {}

  /** Makes the record of a chain, or a key, that is begun just now, durably; or of one that `signed` elsewhere last. */
  static async begin(disk: Disk, directory: string, belongsTo: Uint8Array, signed?: LastSigned): Promise<void> {
    const path = join(directory, SIGNING_RECORD_FILE);
    const { place = BEGINNING, message, note = NO_NOTE } = signed ?? {};
    const claim = { place, messageHash: message === undefined ? NO_MESSAGE : sha256(message), note };
    await (await replaceFile(disk, path, encodeClaim(claim, crc32(belongsTo)))).close();
  }

  /**
   * Opens the directory's record. Throws SigningRefusedError where it is missing although the keys may have signed, or where
   * the operator names a height below what it shows.
   */
  static async open(disk: Disk, options: SigningRecordOptions): Promise<SigningRecord> {
    const { directory, belongsTo, heightOfLog, mayHaveSigned, signingAbove } = options;
    const path = join(directory, SIGNING_RECORD_FILE);
    const seed = crc32(belongsTo);
    const isThere = (await disk.list(directory)).includes(SIGNING_RECORD_FILE);
    if (!isThere) {
      if (signingAbove === undefined && (mayHaveSigned || heightOfLog > 0)) {
        throw new SigningRefusedError(
          `${path} is missing, as after a restore: this node's keys may have signed blocks above ${heightOfLog}, where its own end. ` +
            "Name the highest height that the network shows with --signing-above",
        );
      }
      await SigningRecord.begin(disk, directory, belongsTo);
    }
    let file = await disk.open(path, "readWrite");
    try {
      const { claim, end } = lastClaim(await file.readAt(0, file.size), seed, path);
      if (claim === undefined) {
        throw new DamageError(`${path} is damaged or belongs to another chain: it holds no claim`);
      }
      if (end !== file.size) {
        // A crash tore the last claim, and the next one needs its place.
        await file.close();
        file = await replaceFile(disk, path, encodeClaim(claim, seed));
      } else {
        // A process that was killed may have left it unsynced, and it is about to be relied on.
        await file.sync();
      }
      const record = new SigningRecord(disk, path, seed, file, claim);
      if (signingAbove !== undefined) {
        await record.raiseTo(signingAbove);
      }
      return record;
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
  }

  /** The last place that something was signed at; height 0 where nothing was. */
  get last(): SigningPlace {
    return this.latest.place;
  }

  /** The first round of a height in which nothing was signed yet. */
  roundAfter(height: number): number {
    return this.last.height < height ? 0 : this.last.round + 1;
  }

  /** Throws SigningRefusedError where `message` may not be signed at `place`. */
  expectAllowed(place: SigningPlace, message: Uint8Array): void {
    const order = comparePlaces(place, this.last);
    if (order < 0) {
      throw new SigningRefusedError(
        `expected to sign above ${placeText(this.last)}, which was signed already, got ${placeText(place)}`,
      );
    }
    if (order === 0 && !equalBytes(sha256(message), this.latest.messageHash)) {
      throw new SigningRefusedError(`another message was signed already at ${placeText(place)}`);
    }
  }

  /**
   * Resolves when the disk knows that `message` is what is signed at `place`: only then may a signature of it leave the process.
   * Throws SigningRefusedError; the same message at the same place is allowed again. Resolves with the note of the first try.
   */
  claim(place: SigningPlace, message: Uint8Array, note: Uint8Array = NO_NOTE): Promise<Uint8Array> {
    const claimed = this.queue.then(async () => {
      if (this.failure !== undefined) {
        throw this.failure;
      }
      this.expectAllowed(place, message);
      if (comparePlaces(place, this.last) > 0) {
        await this.save({ place: { ...place }, messageHash: sha256(message), note: note.slice() });
      }
      return this.latest.note;
    });
    this.queue = claimed.then(
      () => undefined,
      () => undefined,
    );
    return claimed;
  }

  async close(): Promise<void> {
    await this.queue;
    await this.file.close();
  }

  private async raiseTo(height: number): Promise<void> {
    if (height < this.last.height) {
      throw new SigningRefusedError(
        `this node signed at height ${this.last.height}: expected to sign above that or more, got ${height}`,
      );
    }
    await this.save({
      place: { height, round: LARGEST_U32, step: LARGEST_U32 },
      messageHash: NO_MESSAGE,
      note: NO_NOTE,
    });
  }

  private async save(claim: Claim): Promise<void> {
    try {
      await this.file.append([encodeClaim(claim, this.seed)]);
      await this.file.sync();
      this.latest = claim;
      if (this.file.size >= FILE_BYTES_MAX) {
        const long = this.file;
        this.file = await replaceFile(this.disk, this.path, encodeClaim(claim, this.seed));
        await long.close();
      }
    } catch (error) {
      // What the disk holds is not known any more: nothing is signed until the record is opened again.
      this.failure = error;
      throw error;
    }
  }
}

/** Puts a new file in place of the one at `path`, durably, and leaves it open. */
async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<DiskFile> {
  const temporary = `${path}.new`;
  await disk.remove(temporary);
  const file = await disk.open(temporary, "create");
  await file.append([bytes]);
  await file.sync();
  await disk.rename(temporary, path);
  await disk.syncDirectory(dirname(path));
  return file;
}

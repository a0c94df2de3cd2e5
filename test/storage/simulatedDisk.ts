// A disk in memory that fails as real ones do, from a seed: a crash loses or tears what was not synced (bytes and names
// alike), space runs out, a sync fails, bits flip. One run with one seed is the same as the next.
import { dirname } from "node:path";
import { assert } from "../../src/base/assert.js";
import type { Disk, DiskFile, OpenMode } from "../../src/base/disk.js";
import type { SeededRandom } from "../../src/base/random.js";

const SECTOR_BYTES = 512;

/** What every operation throws from the moment of a crash to `restart`. */
export class SimulatedCrash extends Error {
  override name = "SimulatedCrash";
}

interface Inode {
  /** What reads see. */
  content: Uint8Array;
  /** What a power failure is sure to leave. */
  durable: Uint8Array;
}

interface NameChange {
  directory: string;
  path: string;
  inode: Inode | undefined;
}

export interface SimulatedDiskOptions {
  /** Bytes that all files may hold together. */
  capacityBytes?: number;
  /** Awaited within each operation: a simulator can let its own time pass there. */
  turn?: () => Promise<void>;
}

export class SimulatedDisk implements Disk {
  /** Operations begun so far; `crashAt` counts in them. */
  operations = 0;
  syncs = 0;
  capacityBytes: number;
  /** The operation, counted from 1, within which the machine fails. */
  crashAt = Number.POSITIVE_INFINITY;
  /** How many of the next syncs fail with EIO. */
  failingSyncs = 0;

  readonly #random: SeededRandom;
  readonly #turn: () => Promise<void>;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pending: NameChange[][] = [];
  #epoch = 0;
  #crashed = false;

  constructor(random: SeededRandom, options: SimulatedDiskOptions = {}) {
    this.#random = random;
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY;
    this.#turn = options.turn ?? (() => Promise.resolve());
  }

  get isCrashed(): boolean {
    return this.#crashed;
  }

  /** The machine fails now. */
  crash(): void {
    this.#crashed = true;
  }

  /**
   * Starts again after a crash, or without one. After `power` failed, what was not synced is lost or torn by whole sectors;
   * after the process was `kill`ed, all that it wrote is there, and safe by then; after its `exit` it is there, but a power failure
   * may still take it. Files open before are of no use any more.
   */
  restart(cause: "power" | "kill" | "exit"): void {
    if (cause === "power") {
      this.#losePower();
    }
    if (cause !== "exit") {
      for (const inode of this.#names.values()) {
        inode.durable = inode.content;
      }
      this.#durableNames = new Map(this.#names);
      this.#pending = [];
    }
    this.#crashed = false;
    this.crashAt = Number.POSITIVE_INFINITY;
    this.#epoch += 1;
  }

  /** The paths of all files, sorted. */
  paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** A copy of a file's bytes. */
  bytes(path: string): Uint8Array {
    return this.#inode(path).content.slice();
  }

  /** Replaces a file's bytes durably, behind the back of whoever uses it. */
  replace(path: string, bytes: Uint8Array): void {
    const inode = this.#names.get(path) ?? { content: bytes, durable: bytes };
    inode.content = bytes.slice();
    inode.durable = inode.content;
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  /** Flips one bit of a file, durably. */
  flipBit(path: string, bit: number): void {
    const bytes = this.bytes(path);
    bytes[bit >> 3] ^= 1 << (bit & 7);
    this.replace(path, bytes);
  }

  /** Flips one bit, durably; what is given back undoes it, under whatever name the file is then, unless it was written over. */
  rot(path: string, bit: number): () => void {
    const inode = this.#inode(path);
    const at = bit >> 3;
    const flip = (): void => {
      for (const form of ["content", "durable"] as const) {
        const bytes = inode[form].slice();
        if (at < bytes.length) {
          bytes[at] ^= 1 << (bit & 7);
        }
        inode[form] = bytes;
      }
    };
    const around = (): string => Buffer.from(inode.content.subarray(Math.max(0, at - 8), at + 8)).toString("hex");
    flip();
    const rotten = around();
    return () => {
      // The file may have been cut or have grown; either way the bytes around are the same unless they were written anew.
      const now = around();
      if (rotten.startsWith(now) || now.startsWith(rotten)) {
        flip();
      }
    };
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    await this.operate();
    const known = this.#names.get(path);
    if (mode === "create") {
      if (known !== undefined) {
        throw failure("EEXIST", path);
      }
      const inode = { content: new Uint8Array(0), durable: new Uint8Array(0) };
      this.#change([{ directory: dirname(path), path, inode }]);
      return new SimulatedFile(this, path, inode, this.#epoch);
    }
    return new SimulatedFile(this, path, this.#inode(path), this.#epoch);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.operate();
    const inode = this.#inode(from);
    this.#change([
      { directory: dirname(from), path: from, inode: undefined },
      { directory: dirname(to), path: to, inode },
    ]);
  }

  async remove(path: string): Promise<void> {
    await this.operate();
    if (this.#names.has(path)) {
      this.#change([{ directory: dirname(path), path, inode: undefined }]);
    }
  }

  async list(directory: string): Promise<string[]> {
    await this.operate();
    const prefix = `${directory}/`;
    const inside = this.paths().filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("/"));
    return inside.map((path) => path.slice(prefix.length));
  }

  async makeDirectory(): Promise<void> {
    await this.operate();
  }

  async syncDirectory(path: string): Promise<void> {
    await this.operate();
    this.syncs += 1;
    this.#failSync(path);
    const kept: NameChange[][] = [];
    for (const change of this.#pending) {
      change.every(({ directory }) => directory === path) ? this.#applyDurably(change) : kept.push(change);
    }
    this.#pending = kept;
  }

  /** Begins an operation; throws where the machine has failed or fails in it. `partly` is run where it fails just then. */
  async operate(partly?: () => void): Promise<void> {
    this.operations += 1;
    if (!this.#crashed && this.operations >= this.crashAt) {
      this.#crashed = true;
      partly?.();
    }
    this.expectRunning();
    await this.#turn();
    this.expectRunning();
  }

  expectRunning(): void {
    if (this.#crashed) {
      throw new SimulatedCrash("the simulated machine has failed");
    }
  }

  expectOpenSince(epoch: number): void {
    if (epoch !== this.#epoch) {
      throw new SimulatedCrash("this file was opened before the machine failed");
    }
  }

  /** Appends as much of `bytes` as there is room for; false where that is not all. */
  grow(inode: Inode, bytes: Uint8Array): boolean {
    let used = 0;
    for (const { content } of this.#names.values()) {
      used += content.length;
    }
    const fitting = bytes.subarray(0, Math.max(0, Math.min(bytes.length, this.capacityBytes - used)));
    const content = new Uint8Array(inode.content.length + fitting.length);
    content.set(inode.content);
    content.set(fitting, inode.content.length);
    inode.content = content;
    return fitting.length === bytes.length;
  }

  syncFile(inode: Inode, path: string): void {
    this.syncs += 1;
    this.#failSync(path);
    inode.durable = inode.content;
  }

  /** Part of `bytes`, for a write that the crash comes into. */
  part(bytes: Uint8Array): Uint8Array {
    return bytes.subarray(0, this.#random.below(bytes.length + 1));
  }

  #failSync(path: string): void {
    if (this.failingSyncs > 0) {
      this.failingSyncs -= 1;
      throw failure("EIO", path);
    }
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) {
      throw failure("ENOENT", path);
    }
    return inode;
  }

  #change(changes: NameChange[]): void {
    for (const { path, inode } of changes) {
      inode === undefined ? this.#names.delete(path) : this.#names.set(path, inode);
    }
    this.#pending.push(changes);
  }

  #applyDurably(changes: NameChange[]): void {
    for (const { path, inode } of changes) {
      inode === undefined ? this.#durableNames.delete(path) : this.#durableNames.set(path, inode);
    }
  }

  #losePower(): void {
    // Journals keep the order of names' changes, but no standard says so: any of them may survive.
    for (const change of this.#pending) {
      if (this.#random.chance(1, 2)) {
        this.#applyDurably(change);
      }
    }
    this.#names = new Map(this.#durableNames);
    for (const inode of this.#names.values()) {
      inode.content = this.#tear(inode);
    }
  }

  #tear({ content, durable }: Inode): Uint8Array {
    if (content.length < durable.length) {
      return this.#random.chance(1, 2) ? content : durable;
    }
    const size = durable.length + this.#random.below(content.length - durable.length + 1);
    const torn = content.slice(0, size);
    assert(torn.length >= durable.length, "a crash keeps what was synced");
    const lossPercent = [0, 20, 90][this.#random.below(3)];
    for (let start = durable.length; start < size; ) {
      const end = Math.min(size, start - (start % SECTOR_BYTES) + SECTOR_BYTES);
      if (this.#random.chance(lossPercent, 100)) {
        torn.fill(0, start, end);
      }
      start = end;
    }
    return torn;
  }
}

class SimulatedFile implements DiskFile {
  readonly #disk: SimulatedDisk;
  readonly #path: string;
  readonly #inode: Inode;
  readonly #epoch: number;
  #open = true;

  constructor(disk: SimulatedDisk, path: string, inode: Inode, epoch: number) {
    this.#disk = disk;
    this.#path = path;
    this.#inode = inode;
    this.#epoch = epoch;
  }

  get size(): number {
    return this.#inode.content.length;
  }

  async readAt(offset: number, length: number): Promise<Uint8Array> {
    await this.#operate();
    return this.#inode.content.slice(offset, offset + length);
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(parts);
    await this.#operate(() => this.#disk.grow(this.#inode, this.#disk.part(bytes)));
    if (!this.#disk.grow(this.#inode, bytes)) {
      throw failure("ENOSPC", this.#path);
    }
  }

  async sync(): Promise<void> {
    await this.#operate();
    this.#disk.syncFile(this.#inode, this.#path);
  }

  async truncate(size: number): Promise<void> {
    await this.#operate();
    this.#inode.content = this.#inode.content.slice(0, size);
  }

  async close(): Promise<void> {
    assert(this.#open, `${this.#path} is closed once`);
    this.#open = false;
  }

  #operate(partly?: () => void): Promise<void> {
    assert(this.#open, `${this.#path} is used while it is open`);
    this.#disk.expectOpenSince(this.#epoch);
    return this.#disk.operate(partly);
  }
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

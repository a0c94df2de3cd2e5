// What the node needs of a file system, so that a simulator's disk can stand in: it enters through node.ts. Bytes and names
// are durable only after `sync` and `syncDirectory`; whatever was not synced may be lost or torn when the machine fails.
// Failures are errors with Node's `code` (ENOENT, ENOSPC, EIO and so on).
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";

/** `read`: an existing file; `readWrite`: an existing file; `create`: a new file, which must not exist yet. */
export type OpenMode = "read" | "readWrite" | "create";

export interface DiskFile {
  /** The file's length in bytes, appended ones included. */
  readonly size: number;
  /** Bytes from `offset`, the caller's own; fewer than `length` where the file ends before. */
  readAt(offset: number, length: number): Promise<Uint8Array>;
  /** Writes `parts` at the end, in order. The parts must not change until it resolves; calls must not overlap. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Resolves when all that was appended or cut is durable (fdatasync). */
  sync(): Promise<void>;
  /** Cuts the file off at `size` bytes. */
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** Replaces `to` where it exists, atomically. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; harmless where there is none. */
  remove(path: string): Promise<void>;
  /** Names of the files in a directory, in no particular order. */
  list(directory: string): Promise<string[]>;
  /** Makes a directory and those above it; harmless where it exists. */
  makeDirectory(path: string): Promise<void>;
  /** Resolves when files created, renamed and removed in `path` are durably so. */
  syncDirectory(path: string): Promise<void>;
}

const OPEN_FLAGS: Record<OpenMode, string> = { read: "r", readWrite: "r+", create: "wx+" };

/** The machine's own file system. */
export const nodeDisk: Disk = {
  async open(path, mode) {
    const handle = await open(path, OPEN_FLAGS[mode]);
    try {
      return new NodeDiskFile(handle, (await handle.stat()).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  },
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  list: (directory) => readdir(directory),
  async makeDirectory(path) {
    await mkdir(path, { recursive: true });
  },
  async syncDirectory(path) {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

class NodeDiskFile implements DiskFile {
  readonly #handle: FileHandle;
  #size: number;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  async readAt(offset: number, length: number): Promise<Uint8Array> {
    const available = Math.max(0, Math.min(length, this.#size - offset));
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(available).buffer);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, offset + filled);
      if (bytesRead === 0) {
        return bytes.slice(0, filled);
      }
      filled += bytesRead;
    }
    return bytes;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    let remaining = parts.filter((part) => part.length > 0);
    while (remaining.length > 0) {
      // A signal or a nearly full disk may end a write early: go on behind what it wrote.
      const { bytesWritten } = await this.#handle.writev(remaining, this.#size);
      this.#size += bytesWritten;
      remaining = withoutFirstBytes(remaining, bytesWritten);
    }
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async truncate(size: number): Promise<void> {
    await this.#handle.truncate(size);
    this.#size = size;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function withoutFirstBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = count;
  for (const part of parts) {
    if (skip < part.length) {
      rest.push(skip === 0 ? part : part.subarray(skip));
    }
    skip = Math.max(0, skip - part.length);
  }
  return rest;
}

// A snapshot in one file: the state of one height, and the blocks if wanted, in compressed chunks, then a manifest that names each chunk by
// its hash. Written and read as a stream, a chunk at a time.
//
//    0  magic "TTSNAP01"      then for each chunk its bytes, deflated
//       manifest, JSON        at the end: SHA-256 of the manifest (32), its length (u32, little-endian), magic

import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import { equalBytes, fromHex, toHex, utf8Bytes } from "../../base/bytes.js";
import type { Genesis } from "../../protocol/genesis.js";
import { DamageError } from "../../storage/storageErrors.js";
import { sha256 } from "../../wasm/sha256.js";

/** Content of a chunk before it is compressed, about; a single block may be larger. */
export const CHUNK_CONTENT_BYTES = 8 * 1024 * 1024;
/** What a chunk may hold at most when it is inflated: a block's record and some. */
const CHUNK_CONTENT_BYTES_MAX = 300 * 1024 * 1024;
export const SNAPSHOT_FORMAT = 1;
const MAGIC = utf8Bytes("TTSNAP01");
const TRAILER_BYTES = 32 + 4 + MAGIC.length;
/** Keys are hashes: more effort gains little. */
const DEFLATE_LEVEL = 1;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

export interface SnapshotChunk {
  kind: "state" | "blocks";
  offset: number;
  length: number;
  /** SHA-256 of the chunk's bytes as they stand in the file, hex. */
  hash: string;
}

export interface SnapshotManifest {
  format: typeof SNAPSHOT_FORMAT;
  height: number;
  genesis: Genesis;
  genesisHash: string;
  blockHash: string;
  stateRoot: string;
  leaves: number;
  /** The log's record of the snapshot's block, hex: header, result and certificate. */
  block: string;
  /** The delegates that agreed on that block, encoded, hex. */
  delegates: string;
  /** The first block of those that are in it; undefined where there are none but the snapshot's own. */
  firstBlock?: number;
  chunks: SnapshotChunk[];
}

type ManifestContent = Omit<SnapshotManifest, "format" | "chunks">;

export class SnapshotWriter {
  private readonly chunks: SnapshotChunk[] = [];
  private offset = MAGIC.length;

  private constructor(private readonly file: Awaited<ReturnType<typeof open>>) {}

  /** Begins the file at `path`, which must not exist. */
  static async create(path: string): Promise<SnapshotWriter> {
    const file = await open(path, "wx", 0o600);
    await file.write(MAGIC);
    return new SnapshotWriter(file);
  }

  async addChunk(kind: SnapshotChunk["kind"], content: Uint8Array): Promise<void> {
    const bytes = await deflate(content, { level: DEFLATE_LEVEL });
    await this.file.write(bytes);
    this.chunks.push({ kind, offset: this.offset, length: bytes.length, hash: toHex(sha256(bytes)) });
    this.offset += bytes.length;
  }

  /** Adds a chunk's bytes as they stand in another file of the same snapshot. */
  async addChunkBytes(bytes: Uint8Array): Promise<void> {
    await this.file.write(bytes);
  }

  /** Writes the manifest and syncs; the file is whole only then. */
  async finish(content: ManifestContent): Promise<SnapshotManifest> {
    const manifest: SnapshotManifest = { format: SNAPSHOT_FORMAT, ...content, chunks: this.chunks };
    await this.finishWith(utf8Bytes(JSON.stringify(manifest)));
    return manifest;
  }

  /** The same with the manifest's bytes from another file. */
  async finishWith(bytes: Uint8Array): Promise<void> {
    const trailer = Buffer.alloc(TRAILER_BYTES);
    trailer.set(sha256(bytes), 0);
    trailer.writeUInt32LE(bytes.length, 32);
    trailer.set(MAGIC, 36);
    await this.file.write(bytes);
    await this.file.write(trailer);
    await this.file.sync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

export class SnapshotReader {
  private constructor(
    private readonly path: string,
    private readonly file: Awaited<ReturnType<typeof open>>,
    readonly manifest: SnapshotManifest,
    /** The snapshot's name: SHA-256 of its manifest. */
    readonly hash: Uint8Array,
    /** The manifest as it stands in the file. */
    readonly manifestBytes: Uint8Array,
  ) {}

  /** Opens a snapshot and checks its manifest. Throws DamageError for anything that is not a whole one. */
  static async open(path: string): Promise<SnapshotReader> {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const trailer = await readAt(file, Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES);
      const isWhole = trailer.length === TRAILER_BYTES && equalBytes(trailer.subarray(36), MAGIC);
      const length = isWhole ? trailer.readUInt32LE(32) : 0;
      if (!isWhole || length > size - TRAILER_BYTES - MAGIC.length) {
        throw new DamageError(`${path} is no snapshot, or not a whole one`);
      }
      const bytes = await readAt(file, size - TRAILER_BYTES - length, length);
      const hash = sha256(bytes);
      if (!equalBytes(hash, trailer.subarray(0, 32)) || !equalBytes(await readAt(file, 0, MAGIC.length), MAGIC)) {
        throw new DamageError(`${path} is damaged: its manifest does not match its hash`);
      }
      return new SnapshotReader(path, file, parseManifest(bytes), hash, bytes);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** A chunk's bytes as they stand in the file, checked: what another node can be sent. Throws DamageError. */
  async chunkBytes(index: number): Promise<Uint8Array> {
    const { offset, length, hash } = this.manifest.chunks[index];
    const bytes = await readAt(this.file, offset, length);
    if (!equalBytes(sha256(bytes), fromHex(hash)!)) {
      throw new DamageError(`${this.path} is damaged: chunk ${index} at byte ${offset} does not match its hash`);
    }
    return bytes;
  }

  /** A chunk's content. Throws DamageError. */
  async chunk(index: number): Promise<Uint8Array> {
    return inflate(await this.chunkBytes(index), { maxOutputLength: CHUNK_CONTENT_BYTES_MAX });
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** A manifest of the format that is known here. Throws DamageError for others. */
export function parseManifest(bytes: Uint8Array): SnapshotManifest {
  const manifest = JSON.parse(new TextDecoder().decode(bytes)) as SnapshotManifest;
  if (manifest.format !== SNAPSHOT_FORMAT) {
    throw new DamageError(`expected a snapshot of format ${SNAPSHOT_FORMAT}, got ${manifest.format}`);
  }
  return manifest;
}

async function readAt(file: Awaited<ReturnType<typeof open>>, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  return bytes.subarray(0, bytesRead);
}

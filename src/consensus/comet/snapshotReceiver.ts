// What the engine calls while it brings a snapshot of the state from its peers: chunks are checked one by one and put into a file, which is
// restored when it is whole. The state's root is the one that the engine's light client has verified; nothing else is believed.
// Chunk 0 holds the hashes of the manifest's pieces, and its own hash is the snapshot's name; the manifest names the other chunks by theirs.

import { concatBytes, equalBytes, fromHex, toHex } from "../../base/bytes.js";
import type { Logger } from "../../base/logging.js";
import { decodePieceHashes, SHARED_FORMAT } from "../../state/snapshot/manifestPieces.js";
import { parseManifest, type SnapshotManifest, type SnapshotWriter } from "../../state/snapshot/snapshotFile.js";
import { sha256 } from "../../wasm/sha256.js";
import { type AbciRequest, encodeInfo, encodeNumber } from "./abciMessages.js";
import {
  CHUNK,
  decodeChunk,
  decodeOffer,
  encodeChunkVerdict,
  encodeSnapshotList,
  OFFER,
  type SnapshotName,
} from "./snapshotMessages.js";

const EMPTY = new Uint8Array(0);
/** Hashes of pieces, a piece, and leaves. */
const CHUNKS_LEAST = 3;

export interface ReceiverOptions {
  genesisHash: Uint8Array;
  version: string;
  logger: Logger;
  /** Makes the file anew that chunks are put into. */
  openFile: () => Promise<SnapshotWriter>;
  /** Puts the whole file's chain in place; rejects where the snapshot is wrong. */
  restore: () => Promise<void>;
  /** Told when the engine has what it needs and asks for the first block after the snapshot. */
  onJoined: () => void;
}

/** A snapshot that is under way. */
interface Offered {
  name: SnapshotName;
  /** The root of its state. */
  root: Uint8Array;
  file: SnapshotWriter;
  /** Known from chunk 0 on. */
  pieceHashes: Uint8Array[];
  pieces: Uint8Array[];
  manifest?: SnapshotManifest;
  manifestBytes: Uint8Array;
}

export class SnapshotReceiver {
  private offered: Offered | undefined;
  private restored: { height: number; root: Uint8Array } | undefined;

  constructor(private readonly options: ReceiverOptions) {}

  async handle({ name, body }: AbciRequest): Promise<Uint8Array> {
    switch (name) {
      case "echo":
        return body;
      case "flush":
      case "insertTransaction":
      case "reapTransactions":
        return EMPTY;
      case "info":
        return this.info();
      case "listSnapshots":
        return encodeSnapshotList([]);
      case "offerSnapshot":
        return encodeNumber(await this.offer(decodeOffer(body)));
      case "applySnapshotChunk":
        return this.apply(decodeChunk(body));
      default:
        if (this.restored === undefined) {
          throw new Error(`the engine asked for ${name} before it had a snapshot`);
        }
        // The node that the snapshot makes answers, after the engine was started again.
        this.options.onJoined();
        return new Promise(() => undefined);
    }
  }

  private info(): Uint8Array {
    const { version } = this.options;
    const { height, root } = this.restored ?? { height: 0, root: EMPTY };
    return encodeInfo({ version, height, applicationHash: root });
  }

  private async offer({ snapshot, applicationHash }: ReturnType<typeof decodeOffer>): Promise<number> {
    if (snapshot.format !== SHARED_FORMAT) {
      return OFFER.rejectFormat;
    }
    if (snapshot.chunks < CHUNKS_LEAST) {
      return OFFER.reject;
    }
    await this.offered?.file.close();
    const file = await this.options.openFile();
    this.offered = { name: snapshot, root: applicationHash, file, pieceHashes: [], pieces: [], manifestBytes: EMPTY };
    this.options.logger.info({ height: snapshot.height, chunks: snapshot.chunks }, "a snapshot is being fetched");
    return OFFER.accept;
  }

  private async apply({ index, chunk, sender }: ReturnType<typeof decodeChunk>): Promise<Uint8Array> {
    const { offered } = this;
    if (offered === undefined) {
      throw new Error("the engine brought a chunk of no snapshot");
    }
    const isRight = equalBytes(sha256(chunk), index === 0 ? offered.name.hash : hashOf(offered, index));
    if (!isRight) {
      this.options.logger.warn({ index, sender }, "a chunk of the snapshot was refused: it does not match its hash");
      return encodeChunkVerdict(CHUNK.retry, { refetch: index, sender });
    }
    try {
      if (index === 0) {
        offered.pieceHashes = decodePieceHashes(chunk);
      } else if (index <= offered.pieceHashes.length) {
        this.addPiece(offered, chunk.slice());
      } else {
        await offered.file.addChunkBytes(chunk);
      }
      if (index === offered.name.chunks - 1) {
        await this.finish(offered);
      }
      return encodeChunkVerdict(CHUNK.accept);
    } catch (error) {
      // A hash named it, so that nobody could send another: the snapshot itself is wrong.
      this.options.logger.warn({ height: offered.name.height, err: error }, "a snapshot was refused");
      return encodeChunkVerdict(CHUNK.rejectSnapshot);
    }
  }

  private addPiece(offered: Offered, piece: Uint8Array): void {
    offered.pieces.push(piece);
    if (offered.pieces.length === offered.pieceHashes.length) {
      this.begin(offered, concatBytes(...offered.pieces.splice(0)));
    }
  }

  private begin(offered: Offered, manifestBytes: Uint8Array): void {
    const manifest = parseManifest(manifestBytes);
    const { name, root } = offered;
    const expected = { height: name.height, stateRoot: toHex(root), genesisHash: toHex(this.options.genesisHash) };
    const { height, stateRoot, genesisHash, chunks } = manifest;
    if (
      JSON.stringify({ height, stateRoot, genesisHash }) !== JSON.stringify(expected) ||
      chunks.length !== name.chunks - 1 - offered.pieceHashes.length
    ) {
      throw new Error(`expected a snapshot of ${JSON.stringify(expected)}, got another`);
    }
    Object.assign(offered, { manifest, manifestBytes });
  }

  private async finish({ name, root, file, manifestBytes }: Offered): Promise<void> {
    await file.finishWith(manifestBytes);
    await file.close();
    this.offered = undefined;
    await this.options.restore();
    this.restored = { height: name.height, root };
  }
}

function hashOf({ pieceHashes, manifest }: Offered, index: number): Uint8Array {
  const inFile = index - 1 - pieceHashes.length;
  return pieceHashes[index - 1] ?? fromHex(manifest?.chunks[inFile]?.hash ?? "") ?? EMPTY;
}

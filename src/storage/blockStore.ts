// Committed blocks, read from the block log and kept as their records while they are recent: what subscribers resume from, proofs are
// made of and recovery replays.

import { CERTIFICATE_PENDING, type Certificate } from "../protocol/certificate.js";
import type { BlockLog } from "./blockLog.js";
import type { CertificateStore } from "./certificateStore.js";
import { type CommittedBlock, decodeCommittedBlock, type RecordedBlock, recordOf } from "./committedBlock.js";
import { LRUCache } from "./lruCache.js";

const RECENT_BLOCKS = 64;
/** Of log records; decoded transactions take about ten times as much, so that full blocks must not be as many as empty ones. */
const RECENT_BYTES_MAX = 32 * 1024 * 1024;

export class BlockStore {
  private readonly recent = new LRUCache<number, RecordedBlock>(RECENT_BLOCKS, RECENT_BYTES_MAX);
  private latestBlock: RecordedBlock | undefined;

  private constructor(
    private readonly log: BlockLog,
    private readonly certificates: CertificateStore | undefined,
  ) {}

  /** Takes over an open log, and the certificates that came later than their blocks, and reads the last block. */
  static async open(log: BlockLog, certificates?: CertificateStore): Promise<BlockStore> {
    const store = new BlockStore(log, certificates);
    if (log.lastHeight !== undefined) {
      store.latestBlock = await store.read(log.lastHeight);
    }
    return store;
  }

  /** The lowest height that is kept; undefined where there is no block yet. */
  get firstHeight(): number | undefined {
    return this.log.firstHeight;
  }

  /** The highest durable height; 0 where there is no block yet. */
  get lastHeight(): number {
    return this.log.lastHeight ?? 0;
  }

  /** The last durable block. */
  get latest(): RecordedBlock | undefined {
    return this.latestBlock;
  }

  /** Resolves when the block is durable. */
  async append(block: CommittedBlock): Promise<void> {
    const recorded = recordOf(block);
    await this.log.append(block.height, [recorded.payload]);
    this.recent.set(block.height, recorded, recorded.payload.length);
    this.latestBlock = recorded;
  }

  /** The block of a height; undefined where it isn't kept. Throws where the disk is damaged. */
  async read(height: number): Promise<RecordedBlock | undefined> {
    const known = this.recent.get(height);
    if (known !== undefined) {
      return known;
    }
    const payload = await this.log.read(height);
    if (payload === undefined) {
      return undefined;
    }
    const block = decodeCommittedBlock(payload);
    if (block.certificate.kind === CERTIFICATE_PENDING) {
      block.certificate = this.certificates?.get(height) ?? block.certificate;
    }
    this.recent.set(height, block, payload.length);
    return block;
  }

  /** Lets go of the files that hold no block from `height` on, and of certificates whose blocks are gone. */
  async dropBelow(height: number): Promise<void> {
    await this.log.dropBelow(height);
    const { firstHeight } = this.log;
    if (firstHeight !== undefined) {
      await this.certificates?.dropBelow(firstHeight);
    }
  }

  /** Heights whose blocks are stored without their certificates. */
  pendingCertificates(): number[] {
    return this.certificates === undefined ? [] : [...this.certificates.expected()];
  }

  /** To be called before a block without certificate is appended. */
  async expectCertificate(height: number): Promise<void> {
    await this.certificates?.expect(height);
  }

  /** Stores the certificate of a block that was appended without one. */
  async putCertificate(height: number, certificate: Certificate): Promise<void> {
    await this.certificates?.put(height, certificate);
    this.recent.delete(height);
    if (this.latestBlock?.height === height) {
      this.latestBlock = await this.read(height);
    }
  }

  async close(): Promise<void> {
    await this.certificates?.close();
    await this.log.close();
  }
}

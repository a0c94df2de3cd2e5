// Fetches certificates: a block's own while it is committed, and later those that the engine could not give then, because it
// replayed blocks before it listened.

import type { BlockHeader } from "../../protocol/block.js";
import { CERTIFICATE_PENDING, type Certificate, verifyCertificate } from "../../protocol/certificate.js";
import type { Delegate } from "../../protocol/delegates.js";
import type { BlockStore } from "../../storage/blockStore.js";
import { blockEntries } from "./blockEntries.js";
import { fetchCertificate } from "./engineRpc.js";

/** How long a block's commit waits for its certificate; the engine answers within some milliseconds. */
const COMMIT_WAIT_MS = 1_000;
const LATE_WAIT_MS = 5_000;

export const NO_CERTIFICATE: Certificate = { kind: CERTIFICATE_PENDING, signatures: [] };

export interface CertificateSource {
  rpcPort: number;
  genesisHash: Uint8Array;
  blocks: BlockStore;
  /** The delegates that signed a height. */
  delegatesOf: (height: number) => Delegate[];
  /** Told why a certificate could not be had. */
  onMissing: (height: number, error: unknown) => void;
}

export class LateCertificates {
  private running: Promise<void> | undefined;
  private stopped = false;
  /** Heights whose certificates are still to come. */
  private readonly missing: Set<number>;

  constructor(private readonly source: CertificateSource) {
    this.missing = new Set(source.blocks.pendingCertificates());
  }

  /** The certificate of a block that is being committed, given its entries; pending where the engine does not give it in time. */
  async ofDecided(header: BlockHeader, entries: Uint8Array[]): Promise<Certificate> {
    const { height } = header;
    try {
      return await this.fetch(header, entries, COMMIT_WAIT_MS);
    } catch (error) {
      this.source.onMissing(height, error);
      await this.source.blocks.expectCertificate(height);
      this.missing.add(height);
      return NO_CERTIFICATE;
    }
  }

  private async fetch(header: BlockHeader, entries: Uint8Array[], timeoutMs: number): Promise<Certificate> {
    const { rpcPort, genesisHash, delegatesOf } = this.source;
    const delegates = delegatesOf(header.height);
    const certificate = await fetchCertificate(rpcPort, header.height, entries, delegates, timeoutMs);
    verifyCertificate(certificate, header, genesisHash, delegates);
    return certificate;
  }

  /** Begins to fetch what is missing, where that is not under way. */
  catchUp(): void {
    if (this.missing.size > 0 && !this.stopped) {
      this.running ??= this.fetchMissing().finally(() => {
        this.running = undefined;
      });
    }
  }

  private async fetchMissing(): Promise<void> {
    const { blocks, onMissing } = this.source;
    for (const height of this.missing) {
      try {
        const committed = await blocks.read(height);
        if (committed !== undefined) {
          const { block } = committed;
          const certificate = await this.fetch(block.header, blockEntries(block), LATE_WAIT_MS);
          await blocks.putCertificate(height, certificate);
        }
        this.missing.delete(height);
      } catch (error) {
        onMissing(height, error);
        return;
      }
      if (this.stopped) {
        return;
      }
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }
}

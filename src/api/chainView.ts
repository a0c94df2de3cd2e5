// The chain as the API reads it: the latest block, older blocks by height, and what became of transactions that no block holds.

import { bytesKey } from "../base/bytes.js";
import { CodedError } from "../protocol/errors.js";
import { readLane } from "../state/views.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import type { ApiServices } from "./services.js";

/** Ids of expired transactions that the node remembers, to answer for those that are asked for without their valid-until height. */
const EXPIRED_REMEMBERED_MAX = 65_536;

export class ChainView {
  private readonly expired = new Map<string, number>();

  constructor(private readonly services: ApiServices) {}

  get latest(): CommittedBlock | undefined {
    return this.services.blocks.latest;
  }

  /** The height that a transaction sent now can be committed at, at the earliest. */
  get heightNext(): number {
    return this.services.state.height + 1;
  }

  /** The next sequence of a lane: 0 where it has no leaf that still counts. */
  sequenceNext(address: Uint8Array, lane: number): number {
    const leaf = readLane(this.services.state, address, lane);
    return leaf === undefined || leaf.heightExpires < this.heightNext ? 0 : leaf.sequenceNext;
  }

  /** The block of a height; throws NOT_FOUND, or HEIGHT_NOT_KEPT for one that was removed. */
  async block(height: number): Promise<CommittedBlock> {
    const { blocks } = this.services;
    const block = height >= 1 && height <= blocks.lastHeight ? await blocks.read(height) : undefined;
    if (block === undefined) {
      const first = blocks.firstHeight ?? 1;
      if (height >= 1 && height < first) {
        throw new CodedError("HEIGHT_NOT_KEPT", `expected a height from ${first}, got ${height}`, { oldest: first });
      }
      throw new CodedError("NOT_FOUND", `expected a height from 1 to ${blocks.lastHeight}, got ${height}`);
    }
    return block;
  }

  rememberExpired(ids: Uint8Array[], height: number): void {
    for (const id of ids) {
      this.expired.set(bytesKey(id), height);
    }
    for (const oldest of this.expired.keys()) {
      if (this.expired.size <= EXPIRED_REMEMBERED_MAX) {
        break;
      }
      this.expired.delete(oldest);
    }
  }

  /** The valid-until height of a transaction that this node saw expire. */
  expiredAt(id: Uint8Array): number | undefined {
    return this.expired.get(bytesKey(id));
  }
}

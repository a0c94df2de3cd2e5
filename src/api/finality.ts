// Tells whoever submitted a transaction when it is final: committed, failed in a block, or expired. Between the moment a
// submission begins and the moment its outcome is known, blocks may already hold its transactions: a submission in
// flight therefore collects the blocks that pass it, and nothing is missed.

import { bytesKey } from "../base/bytes.js";
import { errorNumber } from "../protocol/errors.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { receiptCode } from "./json/receiptJson.js";

export interface Final {
  height: number;
  timeMs: number;
  /** 0 for committed, a 3xx for failed in the block, 202 for expired. */
  number: number;
  /** Where it stands; undefined for an expired one. */
  place?: { block: CommittedBlock; index: number };
}

/** Hears of the transactions that it watches, each once. */
export interface FinalListener {
  onFinal(idKey: string, final: Final): void;
  /** Everything about one height has been told. */
  onFinalsTold(): void;
}

/** What happened while a submission was in flight. */
export interface Flight {
  readonly blocks: CommittedBlock[];
  readonly expired: Map<string, Final>;
}

export class FinalityTracker {
  private readonly watchers = new Map<string, FinalListener | FinalListener[]>();
  private readonly flights = new Set<Flight>();
  private readonly indexes = new WeakMap<CommittedBlock, Map<string, number>>();
  /** Listeners that were told something and not yet that it is all. */
  private readonly untold = new Set<FinalListener>();

  /** `height` and `timeMs` of the latest block. */
  constructor(
    private height: number,
    private timeMs: number,
  ) {}

  /** How many transactions are watched. */
  get watchedCount(): number {
    return this.watchers.size;
  }

  /** To be called before a submission goes to the mempool, and `land` with the result after it came back. */
  takeOff(): Flight {
    const flight = { blocks: [], expired: new Map<string, Final>() };
    this.flights.add(flight);
    return flight;
  }

  land(flight: Flight): void {
    this.flights.delete(flight);
  }

  /** What became of a transaction during a flight; undefined where nothing final did. */
  finalDuring(flight: Flight, idKey: string): Final | undefined {
    for (const block of flight.blocks) {
      const index = this.indexOf(block).get(idKey);
      if (index !== undefined) {
        return finalOf(block, index);
      }
    }
    return flight.expired.get(idKey);
  }

  private indexOf(block: CommittedBlock): Map<string, number> {
    let index = this.indexes.get(block);
    if (index === undefined) {
      index = new Map(block.transactions.map((transaction, i) => [bytesKey(transaction.id), i]));
      this.indexes.set(block, index);
    }
    return index;
  }

  /** From now on `listener` hears of the transaction's end, once however often it asked. */
  watch(idKey: string, listener: FinalListener): void {
    const present = this.watchers.get(idKey);
    if (present === undefined) {
      this.watchers.set(idKey, listener);
    } else if (Array.isArray(present)) {
      if (!present.includes(listener)) {
        present.push(listener);
      }
    } else if (present !== listener) {
      this.watchers.set(idKey, [present, listener]);
    }
  }

  unwatch(idKey: string, listener: FinalListener): void {
    const present = this.watchers.get(idKey);
    if (present === listener) {
      this.watchers.delete(idKey);
    } else if (Array.isArray(present)) {
      const left = present.filter((other) => other !== listener);
      if (left.length > 0) {
        this.watchers.set(idKey, left);
      } else {
        this.watchers.delete(idKey);
      }
    }
  }

  /** Tells watchers what the block holds of theirs; `endTelling` follows when everything about its height was told. */
  tellBlock(block: CommittedBlock): void {
    this.height = block.height;
    this.timeMs = block.block.header.timeMs;
    for (const flight of this.flights) {
      flight.blocks.push(block);
    }
    if (this.watchers.size > 0) {
      for (const [index, transaction] of block.transactions.entries()) {
        const idKey = bytesKey(transaction.id);
        if (this.watchers.has(idKey)) {
          this.tell(idKey, finalOf(block, index));
        }
      }
    }
  }

  /** Lets every listener that was told something say that it is all. */
  endTelling(): void {
    const told = [...this.untold];
    this.untold.clear();
    for (const listener of told) {
      listener.onFinalsTold();
    }
  }

  /** The valid-until height of these transactions was reached; the block of that height may be told before or after. */
  onExpired(ids: Uint8Array[], height: number): void {
    const final: Final = { height, timeMs: this.timeMs, number: errorNumber("EXPIRED") };
    for (const id of ids) {
      const idKey = bytesKey(id);
      for (const flight of this.flights) {
        flight.expired.set(idKey, final);
      }
      this.tell(idKey, final);
    }
    // Where the block of this height follows, its own finals belong into the same message.
    if (height <= this.height) {
      this.endTelling();
    }
  }

  private tell(idKey: string, final: Final): void {
    const listeners = this.watchers.get(idKey);
    if (listeners === undefined) {
      return;
    }
    this.watchers.delete(idKey);
    for (const listener of Array.isArray(listeners) ? listeners : [listeners]) {
      listener.onFinal(idKey, final);
      this.untold.add(listener);
    }
  }
}

function finalOf(block: CommittedBlock, index: number): Final {
  return {
    height: block.height,
    timeMs: block.block.header.timeMs,
    number: receiptCode(block.receipts[index]),
    place: { block, index },
  };
}

// Tells whoever submitted a transaction when it is final: committed, failed in a block, expired, or overtaken by another one with its
// sequence. Between the moment a
// submission begins and the moment its outcome is known, blocks may already hold its transactions: a submission in
// flight therefore collects the blocks that pass it, and nothing is missed.

import { bytesKey } from "../base/bytes.js";
import { HeightIndex, type Limited } from "../base/heightIndex.js";
import { type Identified, IdTable } from "../base/idTable.js";
import type { Linked, LinkedList } from "../base/linkedList.js";
import { type ErrorCode, errorNumber } from "../protocol/errors.js";
import { idKeyOf } from "../protocol/readTransaction.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { receiptCode } from "./json/receiptJson.js";

export interface BlockMoment {
  height: number;
  timeMs: number;
}

export interface Final {
  height: number;
  timeMs: number;
  /** 0 for committed, a 3xx for failed in the block, 202 for expired, 204 where another transaction used its sequence. */
  number: number;
  /** Where it stands; undefined for one that no block holds. */
  block: CommittedBlock | undefined;
}

/** Hears of the transactions that it watches. */
export interface FinalListener {
  /** Its watches, which the tracker keeps: they go when it goes. */
  readonly watches: LinkedList<Watch>;
  /** Once for each watch. */
  onFinal(watch: Watch, final: Final): void;
  /** Everything about one height has been told; `latest` is the latest block. */
  onFinalsTold(latest: BlockMoment): void;
}

/** What a listener waits for. */
export class Watch implements Linked<Watch>, Identified<Watch>, Limited {
  next: Watch | undefined;
  heightPlace = 0;
  before: Watch | undefined;
  after: Watch | undefined;

  constructor(
    readonly idKey: string,
    readonly listener: FinalListener,
    readonly request: number,
    readonly index: number,
    /** When the block of this height is committed, the transaction can't be any more. */
    readonly heightOver: number,
  ) {}
}

/** What happened while a submission was in flight. */
export interface Flight {
  readonly blocks: CommittedBlock[];
  /** Ends without a block. */
  readonly others: Map<string, Final>;
}

export class FinalityTracker {
  private readonly watches = new IdTable<Watch>();
  private readonly expiries = new HeightIndex<Watch>();
  private readonly flights = new Set<Flight>();
  /** Made for those blocks only of which somebody asks. */
  private readonly places = new WeakMap<CommittedBlock, Map<string, number>>();
  /** Listeners that were told something and not yet that it is all. */
  private readonly untold = new Set<FinalListener>();

  /** `height` and `timeMs` of the latest block. */
  constructor(
    private height: number,
    private timeMs: number,
  ) {}

  /** The latest block. */
  get latest(): BlockMoment {
    return { height: this.height, timeMs: this.timeMs };
  }

  /** To be called before a submission goes to the mempool, and `land` with the result after it came back. */
  takeOff(): Flight {
    const flight = { blocks: [], others: new Map<string, Final>() };
    this.flights.add(flight);
    return flight;
  }

  land(flight: Flight): void {
    this.flights.delete(flight);
  }

  /** What became of a transaction during a flight; undefined where nothing final did. To be asked of those only that wait no longer. */
  finalDuring(flight: Flight, idKey: string): Final | undefined {
    for (const block of flight.blocks) {
      const index = this.placeIn(block, idKey);
      if (index !== undefined) {
        return finalOf(block, receiptCode(block.receipts[index]));
      }
    }
    return flight.others.get(idKey);
  }

  /** Which of a block's transactions has this id. */
  placeIn(block: CommittedBlock, idKey: string): number | undefined {
    let places = this.places.get(block);
    if (places === undefined) {
      places = new Map();
      for (let index = 0; index < block.transactions.length; index++) {
        places.set(idKeyOf(block.transactions[index]), index);
      }
      this.places.set(block, places);
    }
    return places.get(idKey);
  }

  /** From now on `listener` waits for the transaction's end, which comes with the block of `heightOver` at the latest. */
  watch(idKey: string, listener: FinalListener, request: number, index: number, heightOver: number): void {
    const watch = new Watch(idKey, listener, request, index, heightOver);
    this.watches.add(watch);
    this.expiries.add(watch);
    listener.watches.add(watch);
  }

  /** The listener waits for nothing any more. */
  forget(listener: FinalListener): void {
    // The last first: of many watches of one transaction the table finds that one at once.
    for (let watch = listener.watches.last; watch !== undefined; watch = listener.watches.last) {
      this.remove(watch);
    }
    this.untold.delete(listener);
  }

  /** Tells watchers what the block holds of theirs; `endTelling` follows when everything about its height was told. */
  tellBlock(block: CommittedBlock): void {
    this.height = block.height;
    this.timeMs = block.block.header.timeMs;
    for (const flight of this.flights) {
      flight.blocks.push(block);
    }
    if (this.watches.count > 0) {
      this.tellTransactions(block);
    }
    // What is watched for longer than it can live was dropped by the mempool, and no block will hold it.
    for (const { idKey } of this.expiries.until(block.height)) {
      this.tell(idKey, this.finalWithoutBlock("EXPIRED", block.height));
    }
  }

  private tellTransactions(block: CommittedBlock): void {
    // Most have the same code: one object says it of them all.
    let final: Final | undefined;
    for (let index = 0; index < block.transactions.length; index++) {
      const idKey = idKeyOf(block.transactions[index]);
      if (this.watches.get(idKey) !== undefined) {
        const number = receiptCode(block.receipts[index]);
        if (final === undefined || final.number !== number) {
          final = finalOf(block, number);
        }
        this.tell(idKey, final);
      }
    }
  }

  private finalWithoutBlock(code: ErrorCode, height: number): Final {
    return { height, timeMs: this.timeMs, number: errorNumber(code), block: undefined };
  }

  /** Lets every listener that was told something say that it is all. */
  endTelling(): void {
    const told = [...this.untold];
    this.untold.clear();
    for (const listener of told) {
      listener.onFinalsTold(this.latest);
    }
  }

  /** The valid-until height of these transactions was reached; the block of that height may be told before or after. */
  onExpired(ids: Uint8Array[], height: number): void {
    this.tellWithoutBlock(ids, this.finalWithoutBlock("EXPIRED", height));
  }

  /** Other transactions in the block of `height` used the sequences of these; that block is told before or after. */
  onOvertaken(ids: Uint8Array[], height: number): void {
    this.tellWithoutBlock(ids, this.finalWithoutBlock("SEQUENCE_USED", height));
  }

  private tellWithoutBlock(ids: Uint8Array[], final: Final): void {
    for (const id of ids) {
      const idKey = bytesKey(id);
      for (const flight of this.flights) {
        flight.others.set(idKey, final);
      }
      this.tell(idKey, final);
    }
    // Where the block of this height follows, its own finals belong into the same message.
    if (final.height <= this.height) {
      this.endTelling();
    }
  }

  /** Tells all that watch a transaction. */
  private tell(idKey: string, final: Final): void {
    for (let watch = this.watches.get(idKey); watch !== undefined; watch = this.watches.get(idKey)) {
      this.remove(watch);
      watch.listener.onFinal(watch, final);
      this.untold.add(watch.listener);
    }
  }

  private remove(watch: Watch): void {
    this.watches.remove(watch);
    this.expiries.remove(watch);
    watch.listener.watches.remove(watch);
  }
}

function finalOf(block: CommittedBlock, number: number): Final {
  return { height: block.height, timeMs: block.block.header.timeMs, number, block };
}

// What waits by lane and sequence, of all lanes in one table: most lanes hold one or nothing, and a Map for each would take more memory
// than all else of it.

import { LinkedTable } from "../base/linkedTable.js";

export interface Sequenced<T> {
  /** A number that its lane alone has. */
  readonly laneMark: number;
  readonly sequence: number;
  /** The next item of its bucket, which the table keeps. */
  nextBySequence: T | undefined;
}

export class SequenceTable<T extends Sequenced<T>> extends LinkedTable<T> {
  /** What waits at a lane's sequence. */
  get(laneMark: number, sequence: number): T | undefined {
    let item = this.firstOf(this.hash(laneMark, sequence));
    while (item !== undefined && (item.laneMark !== laneMark || item.sequence !== sequence)) {
      item = item.nextBySequence;
    }
    return item;
  }

  protected override hashOf({ laneMark, sequence }: T): number {
    return this.hash(laneMark, sequence);
  }

  protected override nextOf(item: T): T | undefined {
    return item.nextBySequence;
  }

  protected override setNext(item: T, next: T | undefined): void {
    item.nextBySequence = next;
  }
}

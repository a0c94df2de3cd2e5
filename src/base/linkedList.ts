// Items in order, linked by fields of their own: putting one in and taking it out makes no object. An item is in one list at the most.

export interface Linked<T> {
  before: T | undefined;
  after: T | undefined;
}

export class LinkedList<T extends Linked<T>> {
  first: T | undefined;
  last: T | undefined;
  count = 0;

  /** Puts an item at the end. */
  add(item: T): void {
    this.count++;
    item.before = this.last;
    item.after = undefined;
    if (this.last === undefined) {
      this.first = item;
    } else {
      this.last.after = item;
    }
    this.last = item;
  }

  /** Takes an item out, which is in this list. */
  remove(item: T): void {
    const { before, after } = item;
    this.count--;
    // A dead item that the collector of garbage has not found yet would carry its neighbours along, and those theirs.
    item.before = undefined;
    item.after = undefined;
    if (before === undefined) {
      this.first = after;
    } else {
      before.after = after;
    }
    if (after === undefined) {
      this.last = before;
    } else {
      after.before = before;
    }
  }
}

// Where pages in memory keep their content: blocks of any size in segments of 1 MB, filled one after the other. Space is
// won back by moving the blocks of the emptiest segment into the current one, as a log-structured file system does, so
// that memory stays near what lives in it whatever sizes come and go. A block begins with its page's number and its own
// size in words.

import { GrowingMemory } from "./growingMemory.js";

const SEGMENT_WORDS = 1 << 18;
const SEGMENT_BITS = 18;
/** A segment that is fuller than this isn't worth emptying. */
const CLEAN_WORDS_MAX = (SEGMENT_WORDS * 3) >> 2;

/** Words before a block's content: the page's number, the block's size. */
export const BLOCK_HEADER_WORDS = 2;

/** Who knows where each page's block is. */
export interface BlockOwner {
  blockOf(page: number): number;
  moveBlock(page: number, block: number): void;
}

export class PageArena {
  /** Words in blocks that are in use. */
  liveWords = 0;
  readonly memory = new GrowingMemory();
  private readonly owner: BlockOwner;
  private readonly segmentsWanted: number;
  private readonly liveIn: number[] = [];
  private readonly usedIn: number[] = [];
  private readonly free: number[] = [];
  private current = -1;
  private next = 0;
  private end = 0;

  /** Memory beyond `limitBytes` is only taken when all segments are too full to be emptied. */
  constructor(owner: BlockOwner, limitBytes: number) {
    this.owner = owner;
    this.segmentsWanted = Math.ceil(limitBytes / (4 * SEGMENT_WORDS));
  }

  /** Memory that blocks were ever put into: what the machine has to give, whatever the memory has reserved beyond. */
  get touchedBytes(): number {
    return 4 * SEGMENT_WORDS * this.liveIn.length;
  }

  /**
   * A block for `page` of `words` words, header included; its header is written, its content is whatever was there. May move
   * other blocks and replace the memory's views.
   */
  allocate(page: number, words: number): number {
    while (this.next + words > this.end) {
      this.openSegment();
    }
    const block = this.next;
    this.next += words;
    this.liveIn[this.current] += words;
    this.liveWords += words;
    this.memory.words[block] = page;
    this.memory.words[block + 1] = words;
    return block;
  }

  /** Gives a block back; its owner must not name it any more. */
  release(block: number): void {
    const words = this.memory.words[block + 1];
    this.liveIn[block >>> SEGMENT_BITS] -= words;
    this.liveWords -= words;
  }

  private openSegment(): void {
    if (this.current >= 0) {
      this.usedIn[this.current] = this.next - this.current * SEGMENT_WORDS;
    }
    if (this.free.length === 0) {
      this.addSegment();
    }
    this.current = this.free.pop()!;
    this.next = this.current * SEGMENT_WORDS;
    this.end = this.next + SEGMENT_WORDS;
    if (this.free.length === 0 && this.liveIn.length > this.segmentsWanted) {
      this.cleanSegment();
    }
  }

  private addSegment(): void {
    const segment = this.liveIn.length;
    this.memory.ensureWords((segment + 1) * SEGMENT_WORDS);
    this.liveIn.push(0);
    this.usedIn.push(0);
    this.free.push(segment);
  }

  /** Moves what lives in the emptiest segment into the current one, which has just been opened. */
  private cleanSegment(): void {
    let victim = -1;
    for (let segment = 0; segment < this.liveIn.length; segment++) {
      if (segment !== this.current && (victim < 0 || this.liveIn[segment] < this.liveIn[victim])) {
        victim = segment;
      }
    }
    if (victim < 0 || this.liveIn[victim] > CLEAN_WORDS_MAX) {
      return;
    }
    const { words } = this.memory;
    let block = victim * SEGMENT_WORDS;
    const end = block + this.usedIn[victim];
    while (block < end) {
      const page = words[block];
      const size = words[block + 1];
      if (this.owner.blockOf(page) === block) {
        words.copyWithin(this.next, block, block + size);
        this.owner.moveBlock(page, this.next);
        this.next += size;
        this.liveIn[this.current] += size;
      }
      block += size;
    }
    this.liveIn[victim] = 0;
    this.free.push(victim);
  }
}

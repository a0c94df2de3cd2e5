// Tells whoever listens what was committed. Fan-out is synchronous and in the order of subscription: when `publish` returns,
// every listener has seen the block, so that nothing lies between a block and what is said of it.

import type { CommittedBlock } from "../storage/committedBlock.js";

export interface FeedListener {
  /** A block became part of the chain; durable, and visible in the state. */
  onBlock?(block: CommittedBlock): void;
  /** The ids of waiting transactions whose valid-until height `height` is: they can't be committed any more. */
  onExpired?(ids: Uint8Array[], height: number): void;
  /** The ids of waiting transactions whose sequence another one in block `height` used up: they can't be committed any more. */
  onOvertaken?(ids: Uint8Array[], height: number): void;
}

/** An error that nobody takes reaches the process's last handler, after every listener was told. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

export class BlockFeed {
  private readonly listeners = new Set<FeedListener>();

  /** `onListenerError` is told what a listener threw; the other listeners are told the block all the same. */
  constructor(private readonly onListenerError: (error: unknown) => void = throwLater) {}

  publish(block: CommittedBlock): void {
    this.tell((listener) => listener.onBlock?.(block));
  }

  publishExpired(ids: Uint8Array[], height: number): void {
    this.tell((listener) => listener.onExpired?.(ids, height));
  }

  publishOvertaken(ids: Uint8Array[], height: number): void {
    this.tell((listener) => listener.onOvertaken?.(ids, height));
  }

  /** Listens from the next block on, until the function returned is called. A listener counts once per call. */
  subscribe(listener: FeedListener): () => void {
    const own: FeedListener = {
      onBlock: (block) => listener.onBlock?.(block),
      onExpired: (ids, height) => listener.onExpired?.(ids, height),
      onOvertaken: (ids, height) => listener.onOvertaken?.(ids, height),
    };
    this.listeners.add(own);
    return () => {
      this.listeners.delete(own);
    };
  }

  private tell(say: (listener: FeedListener) => void): void {
    // A copy: whoever joins while a block is told begins with the next one. Whoever left is not told any more.
    for (const listener of [...this.listeners]) {
      if (this.listeners.has(listener)) {
        try {
          say(listener);
        } catch (error) {
          this.onListenerError(error);
        }
      }
    }
  }
}

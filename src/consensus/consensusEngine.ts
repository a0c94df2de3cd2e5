// The one seam between the application and whatever agrees on its blocks. The application doesn't know which engine drives it.

export interface ConsensusEngine {
  /** Begins to make or follow blocks. */
  start(): Promise<void>;
  /** Stops between two blocks; resolves when none is under way. */
  stop(): Promise<void>;
  /** Whether blocks come: what /readyz tells. */
  readonly isFollowing: boolean;
  /** A transaction became ready for a block. */
  notifyReady(): void;
}

/** Milliseconds between blocks while there is work, and between heartbeats while there is none. */
export interface Intervals {
  blockIntervalMs: number;
  heartbeatIntervalMs: number;
}

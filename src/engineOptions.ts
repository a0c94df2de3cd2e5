// How a node is joined to others: where its engine is and lives, or whom it follows without one.

import type { VerifyMode } from "./consensus/follow/verifyMode.js";

/** What an engine trusts that joins by a snapshot. */
export interface StateSyncTrust {
  /** RPC of at least two engines: host:port. */
  servers: string[];
  /** A height and the engine's hash of its block. */
  trustHeight: number;
  trustHash: string;
}

export interface CometNodeOptions {
  /** Unix socket on which the engine calls the application. */
  socketPath: string;
  /** Port of the engine's RPC on this machine. */
  rpcPort: number;
  /** Where evidence against delegates is kept. */
  evidenceDirectory: string;
  /** Whether it hands transactions of one peer on to the others. */
  relays: boolean;
  /** Snapshots for nodes that join; none where undefined. */
  snapshots?: { every: number; keep: number };
  /** How the engine asks this node for signatures; undefined where it holds the key itself. */
  signer?: { socketPath: string; recordDirectory: string };
  /** The engine as a child of this process; undefined where the operator runs it. */
  process?: { binary: string; home: string; logPath: string };
}

export interface FollowNodeOptions {
  /** Base URLs of nodes that it asks for blocks. */
  peers: string[];
  verify: VerifyMode;
  /** Where evidence against delegates is kept. */
  evidenceDirectory: string;
}

// Bugs planted by hand, to see that the simulator finds them. They are put around or into the node's classes from outside, for as
// long as one simulation runs; no path of the product knows of them.

import { FinalityTracker } from "../../src/api/finality.js";
import type { Disk, DiskFile } from "../../src/base/disk.js";
import { decodeAccountLeaf, encodeAccountLeaf, LEAF_KINDS } from "../../src/protocol/stateLeaves.js";
import type { StateChange } from "../../src/protocol/writeSet.js";
import { State } from "../../src/state/state.js";
import { BlockStore } from "../../src/storage/blockStore.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import type { Sabotage } from "./machine.js";

export interface PlantedBug {
  what: string;
  sabotage?: Sabotage;
  /** Puts the bug in; call what it gives back to take it out. */
  plant?: () => () => void;
}

/** Replaces a method for as long as the bug is planted. */
function replaceMethod<T extends object, K extends keyof T>(
  owner: T,
  name: K,
  make: (original: T[K]) => T[K],
): () => void {
  const original = owner[name];
  owner[name] = make(original);
  return () => {
    owner[name] = original;
  };
}

function withLazySync(file: DiskFile, isSkipped: () => boolean): DiskFile {
  return {
    get size() {
      return file.size;
    },
    readAt: (offset, length) => file.readAt(offset, length),
    append: (parts) => file.append(parts),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
    sync: async () => {
      if (!isSkipped()) {
        await file.sync();
      }
    },
  };
}

/** State objects that a start has just opened, and the height they had: what recovery works on. */
const recovering = new WeakMap<object, number>();

function markOpened(): () => void {
  return replaceMethod(State as unknown as { open: typeof State.open }, "open", (original) => (store, options) => {
    const state = original.call(State, store, options);
    recovering.set(state, state.height);
    return state;
  });
}

function doubledCredit(state: State, change: StateChange): StateChange {
  const before = state.get(change.key);
  if (change.value?.[0] !== LEAF_KINDS.account || before === undefined) {
    return change;
  }
  const leaf = decodeAccountLeaf(change.value);
  const [held] = decodeAccountLeaf(before).balances;
  const gained = leaf.balances[0] - held;
  const balances: typeof leaf.balances = [...leaf.balances];
  balances[0] += gained > 0n ? gained : 0n;
  return { key: change.key, value: encodeAccountLeaf({ ...leaf, balances }) };
}

export const PLANTED_BUGS: Record<string, PlantedBug> = {
  skippedSync: {
    what: "every other sync of the block log says that it is done and does nothing",
    sabotage: {
      disk: (disk: Disk, random): Disk => ({
        ...disk,
        open: async (path, mode) =>
          withLazySync(await disk.open(path, mode), () => path.includes("/blocks/") && random.chance(1, 2)),
      }),
    },
  },
  lostReceipt: {
    what: "the last payment of every third block is left out when those who wait for its end are told",
    plant: () =>
      replaceMethod(
        FinalityTracker.prototype,
        "tellBlock",
        (original) =>
          function (this: FinalityTracker, block: CommittedBlock) {
            const told = block.height % 3 === 0 ? { ...block, transactions: block.transactions.slice(0, -1) } : block;
            original.call(this, told);
          },
      ),
  },
  reorderedCommit: {
    what: "a block is made visible and told before its record in the log is synced",
    plant: () =>
      replaceMethod(
        BlockStore.prototype,
        "append",
        (original) =>
          async function (this: BlockStore, block: CommittedBlock) {
            const durable = original.call(this, block);
            durable.catch(() => undefined);
            (this as unknown as { latestBlock: CommittedBlock }).latestBlock = block;
          },
      ),
  },
  doubleCreditOnReplay: {
    what: "recovery credits twice what a block of the log brought an account, and its check of the root looks at the right one",
    plant: () => {
      const undoOpen = markOpened();
      const undoPrepare = replaceMethod(
        State.prototype,
        "prepare",
        (original) =>
          function (this: State, changes) {
            const honest = original.call(this, changes);
            if (!recovering.has(this) || this.height < 1 || !Array.isArray(changes)) {
              return honest;
            }
            const doubled = (changes as StateChange[]).map((change) => doubledCredit(this, change));
            return { ...original.call(this, doubled), root: honest.root };
          },
      );
      // A block's execution looks for what expires: then recovery is over.
      const undoExpired = replaceMethod(
        State.prototype,
        "expiredLeaves",
        (original) =>
          function (this: State, height) {
            recovering.delete(this);
            return original.call(this, height);
          },
      );
      return () => {
        undoOpen();
        undoPrepare();
        undoExpired();
      };
    },
  },
  staleNonceAfterRestart: {
    what: "for two blocks after a restart every lane reads as it was one payment earlier",
    plant: () => {
      const undoOpen = markOpened();
      const undoGet = replaceMethod(
        State.prototype,
        "get",
        (original) =>
          function (this: State, key) {
            const value = original.call(this, key);
            const opened = recovering.get(this) ?? -1;
            if (value?.[0] !== LEAF_KINDS.lane || opened < 1 || this.height > opened + 2) {
              return value;
            }
            const stale = Buffer.from(value);
            stale.writeUInt32LE(Math.max(0, stale.readUInt32LE(9) - 1), 9);
            return Uint8Array.from(stale);
          },
      );
      return () => {
        undoOpen();
        undoGet();
      };
    },
  },
};

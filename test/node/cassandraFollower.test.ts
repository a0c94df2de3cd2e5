import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { type BlockSource, CassandraFollower } from "../../src/cassandraFollower.js";
import type { CassandraRequest } from "../../src/cassandraWorker.js";
import { type CommittedBlock, decodeCommittedBlock } from "../../src/storage/committedBlock.js";
import { makeBlock, named } from "../history/madeBlock.js";

class Chain implements BlockSource {
  firstHeight = 1;
  lastHeight = 0;
  readonly blocks = new Map<number, CommittedBlock>();

  grow(count: number): void {
    for (let i = 0; i < count; i++) {
      this.lastHeight++;
      const block = makeBlock(this.lastHeight, []);
      block.block.header.parentHash = this.blocks.get(this.lastHeight - 1)?.hash ?? new Uint8Array(32);
      this.blocks.set(this.lastHeight, block);
    }
  }

  pruneBelow(height: number): void {
    this.firstHeight = height;
    for (const kept of this.blocks.keys()) {
      if (kept < height) {
        this.blocks.delete(kept);
      }
    }
  }

  async read(height: number): Promise<CommittedBlock | undefined> {
    return this.blocks.get(height);
  }
}

function followed(chain: Chain): { follower: CassandraFollower; given: number[] } {
  const given: number[] = [];
  const post = ({ payload }: CassandraRequest): void => {
    given.push(decodeCommittedBlock(payload).height);
  };
  return { follower: new CassandraFollower(chain, pino({ level: "silent" }), post), given };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const NONE = new Uint8Array(0);

describe("what Cassandra's thread is given", () => {
  test("every block in order, also those that came while the ones before were not written yet", async () => {
    const chain = new Chain();
    const { follower, given } = followed(chain);
    chain.grow(2);
    follower.poke();
    await settled();
    expect(given).toEqual([]);
    follower.onAnswer({ type: "began", height: 0, hash: NONE, epoch: 1 });
    await settled();
    follower.onAnswer({ type: "written", height: 1 });
    follower.onAnswer({ type: "failing", message: "no server answers" });
    expect(follower.status).toMatchObject({ state: "failing", problem: "no server answers", height: 1 });
    for (let i = 0; i < 5; i++) {
      chain.grow(1);
      follower.poke();
      await settled();
    }
    expect(given).toEqual([1, 2, 3, 4, 5, 6, 7]);
    follower.onAnswer({ type: "written", height: 7 });
    expect(follower.status).toEqual({ store: "cassandra", state: "following", height: 7, epoch: 1 });
  });

  test("nothing before the block at the checkpoint was seen to be the one that was written", async () => {
    const chain = new Chain();
    const { follower, given } = followed(chain);
    chain.grow(4);
    follower.onAnswer({ type: "began", height: 6, hash: named("another block"), epoch: 2 });
    await settled();
    expect(given).toEqual([]);
    chain.grow(2);
    follower.poke();
    await settled();
    expect(given).toEqual([]);
    expect(follower.status).toMatchObject({ state: "ended", height: 6 });
    expect(follower.writtenHeight).toBe(0);
    follower.onAnswer({ type: "written", height: 6 });
    follower.onAnswer({ type: "failing", message: "late" });
    chain.grow(2);
    follower.poke();
    await settled();
    expect(follower.status.state).toBe("ended");
    expect(given).toEqual([]);
  });

  test("the last blocks again where the chain is the same", async () => {
    const chain = new Chain();
    const { follower, given } = followed(chain);
    chain.grow(8);
    follower.onAnswer({ type: "began", height: 6, hash: chain.blocks.get(6)!.hash, epoch: 2 });
    await settled();
    expect(given).toEqual([4, 5, 6, 7, 8]);
  });

  test("a pruned chain from its first block where nothing was written, and nothing where a block would be missing", async () => {
    const chain = new Chain();
    chain.grow(8);
    chain.pruneBelow(5);
    const fresh = followed(chain);
    fresh.follower.onAnswer({ type: "began", height: 0, hash: NONE, epoch: 1 });
    await settled();
    expect(fresh.given).toEqual([5, 6, 7, 8]);

    const next = followed(chain);
    next.follower.onAnswer({ type: "began", height: 4, hash: chain.blocks.get(5)!.block.header.parentHash, epoch: 1 });
    await settled();
    expect(next.given).toEqual([5, 6, 7, 8]);
    expect(next.follower.writtenHeight).toBe(4);

    const foreign = followed(chain);
    foreign.follower.onAnswer({ type: "began", height: 4, hash: named("another block"), epoch: 1 });
    await settled();
    expect(foreign.given).toEqual([]);
    expect(foreign.follower.status).toMatchObject({ state: "ended", problem: expect.stringContaining("rebuild") });

    const behind = followed(chain);
    behind.follower.onAnswer({ type: "began", height: 3, hash: named("block 3"), epoch: 1 });
    await settled();
    expect(behind.given).toEqual([]);
    expect(behind.follower.status).toMatchObject({ state: "ended", problem: expect.stringContaining("block 4") });
  });
});

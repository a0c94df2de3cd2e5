// Payments written to a real Cassandra by a thread behind the blocks, and what a fleet does to it: servers that are killed, indexers
// that are, nodes that write at once, and nodes of another course of the chain.

import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeLogger } from "../../src/base/logging.js";
import { CassandraHistory } from "../../src/cassandraHistory.js";
import { blockPayments } from "../../src/history/payments/blockPayments.js";
import type { PaymentIndexStatus } from "../../src/history/payments/paymentIndex.js";
import { type CassandraAddress, parseCassandraAddress } from "../../src/storage/cassandraAddress.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { CassandraServer, hasCassandra } from "../support/cassandraServer.js";
import { paymentBlocks } from "../support/paymentBlocks.js";
import { TestChain } from "../support/testChain.js";
import { allPages } from "./paymentSuite.js";

const LIMIT_MS = 40_000;
const of = { kind: "token", token: "TTC" } as const;

describe.skipIf(!hasCassandra())("payments written behind the blocks", () => {
  const logger = makeLogger({ level: "silent" });
  const started: CassandraHistory[] = [];
  let server: CassandraServer;
  let blocks: CommittedBlock[];
  let genesisHash: Uint8Array;
  let number = 0;

  beforeAll(async () => {
    const made = await TestChain.start();
    genesisHash = made.genesisHash;
    [server, blocks] = await Promise.all([CassandraServer.start(), paymentBlocks(made, 60)]);
  }, 90_000);

  afterEach(async () => {
    await Promise.all(started.splice(0).map((history) => history.close()));
  });

  afterAll(() => server?.stop());

  /** The log of a node that has committed so many blocks so far. */
  class Log {
    readonly firstHeight = 1;

    constructor(public lastHeight = 0) {}

    async read(height: number): Promise<CommittedBlock | undefined> {
      return height <= this.lastHeight ? blocks[height - 1] : undefined;
    }
  }

  function freshAddress(): CassandraAddress {
    return parseCassandraAddress(server.address(`thread${number++}`));
  }

  function start(address: CassandraAddress, log: Log): CassandraHistory {
    const history = CassandraHistory.start({ address, genesisHash, blocks: log, logger });
    started.push(history);
    return history;
  }

  function commit(history: CassandraHistory, log: Log, height: number): void {
    log.lastHeight = height;
    history.poke();
  }

  async function until(history: CassandraHistory, wanted: (status: PaymentIndexStatus) => boolean): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    while (!wanted(history.index.status())) {
      expect(performance.now(), JSON.stringify(history.index.status())).toBeLessThan(deadline);
      await setTimeout(20);
    }
  }

  async function expectEverythingOnce(history: CassandraHistory): Promise<void> {
    const expected = blocks.flatMap((block) => blockPayments(block)).reverse();
    expect(await allPages(history.payments, { of, limit: 50 })).toEqual(expected);
  }

  test("a server that is killed in the middle loses nothing and has nothing twice", async () => {
    const log = new Log(20);
    const history = start(freshAddress(), log);
    await until(history, ({ height }) => height === 20);
    await server.kill();
    for (let height = 21; height <= 40; height++) {
      commit(history, log, height);
      await setTimeout(5);
    }
    await until(history, ({ state }) => state === "failing");
    await expect(history.payments.payments({ of, limit: 1 })).rejects.toMatchObject({ code: "HISTORY_UNREACHABLE" });
    await server.launch();
    commit(history, log, blocks.length);
    await until(history, ({ height }) => height === blocks.length);
    expect(history.index.status()).toMatchObject({ store: "cassandra", state: "following", epoch: 1 });
    await expectEverythingOnce(history);
  }, 120_000);

  test("indexers that are killed at any moment lose nothing and write nothing twice", async () => {
    const address = freshAddress();
    const log = new Log();
    for (const pauseMs of [0, 30, 120, 300]) {
      log.lastHeight += 12;
      const history = start(address, log);
      await until(history, ({ epoch }) => (epoch ?? 0) > 0);
      await setTimeout(pauseMs);
      await history.close();
    }
    log.lastHeight = blocks.length;
    const last = start(address, log);
    await until(last, ({ height }) => height === blocks.length);
    expect(last.index.status().epoch).toBe(5);
    await expectEverythingOnce(last);
  }, 120_000);

  test("a second node that begins to write ends the first one's writing, not its answers", async () => {
    const address = freshAddress();
    const [one, two] = [new Log(10), new Log()];
    const first = start(address, one);
    await until(first, ({ height }) => height === 10);
    const second = start(address, two);
    await until(second, ({ state }) => state === "following");
    commit(first, one, 20);
    await until(first, ({ state }) => state === "ended");
    expect(first.index.status().problem).toContain("another indexer");
    commit(second, two, blocks.length);
    await until(second, ({ height }) => height === blocks.length);
    await expectEverythingOnce(first);
  }, 90_000);

  test("a node whose chain took another course does not write", async () => {
    const address = freshAddress();
    const first = start(address, new Log(5));
    await until(first, ({ height }) => height === 5);
    await first.close();
    const forked = new Log(9);
    forked.read = async (height) => blocks[height];
    const second = start(address, forked);
    await until(second, ({ state }) => state === "ended");
    expect(second.index.status().problem).toContain("rebuild");
    const rows = await allPages(second.payments, { of, limit: 50 });
    const written = blocks.slice(0, 5);
    expect(rows).toEqual(written.flatMap((block) => blockPayments(block)).reverse());
  }, 90_000);
});

// Payments in Cassandra: the suite of every store against a real server, and what a fleet does to it: servers that are killed, indexers
// that are, and two that write at once.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CassandraIndexer } from "../../src/history/cassandra/cassandraIndexer.js";
import { CassandraPayments } from "../../src/history/cassandra/cassandraPayments.js";
import { CassandraSession } from "../../src/history/cassandra/cassandraSession.js";
import { parseCassandraAddress } from "../../src/storage/cassandraAddress.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { CassandraServer, hasCassandra } from "../support/cassandraServer.js";
import { makeBlock, named } from "./madeBlock.js";
import { allPages, people, testPayments } from "./paymentSuite.js";

const chain = named("chain");

describe.skipIf(!hasCassandra())("payments in Cassandra", () => {
  let server: CassandraServer;
  let session: CassandraSession;

  beforeAll(async () => {
    server = await CassandraServer.start();
    session = await CassandraSession.connect(parseCassandraAddress(server.address("suite")));
  }, 90_000);

  afterAll(async () => {
    await session?.close();
    await server?.stop();
  });

  testPayments(async () => {
    const indexer = await CassandraIndexer.begin(session, chain);
    await indexer.clear();
    return { history: new CassandraPayments(session, chain), add: (blocks) => indexer.write(blocks) };
  }, 6);

  function paying(height: number): CommittedBlock {
    const operations = [{ kind: "transfer" as const, account: 0, to: people[0], token: "TTC", amount: BigInt(height) }];
    return makeBlock(
      height,
      Array.from({ length: 20 }, () => ({ signers: [people[1]], operations })),
    );
  }

  test("a new indexer ends the one before it, and rows written twice are there once", async () => {
    const first = await CassandraIndexer.begin(session, chain);
    await first.clear();
    await first.write([paying(1), paying(2)]);
    const second = await CassandraIndexer.begin(session, chain);
    expect(second.epoch).toBe(first.epoch + 1);
    expect(second.height).toBe(2);
    await expect(first.write([paying(3)])).rejects.toMatchObject({ code: "HISTORY_FENCED" });
    await second.write([paying(1), paying(2), paying(3)]);
    const history = new CassandraPayments(session, chain);
    expect(await history.height()).toBe(3);
    const paid = await allPages(history, { of: { kind: "account", account: people[0] }, limit: 7 });
    expect(paid.map(({ amount }) => Number(amount))).toEqual([3, 2, 1].flatMap((height) => Array(20).fill(height)));
  });

  test("rows above the checkpoint are not shown", async () => {
    const old = await CassandraIndexer.begin(session, chain);
    await old.clear();
    await old.write([paying(1)]);
    await CassandraIndexer.begin(session, chain);
    await old.write([paying(2)]).catch(() => undefined);
    const history = new CassandraPayments(session, chain);
    for (const limit of [1, 15, 100]) {
      const paid = await allPages(history, { of: { kind: "token", token: "TTC" }, limit });
      expect(paid.map(({ height }) => height)).toEqual(Array(20).fill(1));
    }
  });

  test("the rows of another chain are refused", async () => {
    const indexer = await CassandraIndexer.begin(session, chain);
    await indexer.clear();
    await indexer.write([paying(1)]);
    await expect(CassandraIndexer.begin(session, named("other"))).rejects.toMatchObject({ code: "HISTORY_FOREIGN" });
    await expect(new CassandraPayments(session, named("other")).height()).rejects.toMatchObject({
      code: "HISTORY_FOREIGN",
    });
  });
});

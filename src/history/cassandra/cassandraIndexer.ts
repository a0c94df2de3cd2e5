// Writes the payments of committed blocks into Cassandra. Rows are functions of their block and carry its time as their timestamp, so
// that writing them again changes nothing; the checkpoint moves only after every row below it was acknowledged.

import { bytesKey } from "../../base/bytes.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import { blockPayments } from "../payments/blockPayments.js";
import type { Payment, PaymentSubject } from "../payments/payment.js";
import { accountsOf, otherSubjectsOf, SubjectKeys, stateOf } from "../payments/subjects.js";
import { CassandraCheckpoint } from "./cassandraCheckpoint.js";
import { bucketOf, PAYMENT_COLUMNS, paymentValues } from "./cassandraRows.js";
import { BUCKETS_TABLE, PAYMENTS_TABLE, ROW_TABLES } from "./cassandraSchema.js";
import type { CassandraSession, Insert } from "./cassandraSession.js";

/** Writes under way at once. */
const WRITES_MAX = 192;
/** Rows that go as one write at most: a server refuses batches above 50 KB. */
const BATCH_ROWS = 64;
const KEYS_KNOWN_MAX = 100_000;
/** Partitions whose place in the list was written: the list needs each once. */
const LISTED_KNOWN_MAX = 200_000;

interface Partition {
  key: Buffer;
  bucket: number;
  rows: unknown[][];
}

export class CassandraIndexer {
  private readonly keys = new SubjectKeys(KEYS_KNOWN_MAX);
  private listed = new Set<string>();
  private readonly insertPayment: string;
  private readonly insertBucket: string;

  private constructor(
    private readonly session: CassandraSession,
    private readonly checkpoint: CassandraCheckpoint,
  ) {
    const { keyspace } = session;
    const marks = PAYMENT_COLUMNS.map(() => "?").join(", ");
    this.insertPayment = `INSERT INTO ${keyspace}.${PAYMENTS_TABLE} (${PAYMENT_COLUMNS.join(", ")}) VALUES (${marks}) USING TIMESTAMP ?`;
    this.insertBucket = `INSERT INTO ${keyspace}.${BUCKETS_TABLE} (subject, bucket) VALUES (?, ?) USING TIMESTAMP ?`;
  }

  /** Begins to write as the only one: every indexer that began before is told HISTORY_FENCED at its next checkpoint. */
  static async begin(session: CassandraSession, genesisHash: Uint8Array): Promise<CassandraIndexer> {
    return new CassandraIndexer(session, await CassandraCheckpoint.take(session, genesisHash));
  }

  /** The latest block whose rows are all there. */
  get height(): number {
    return this.checkpoint.height;
  }

  /** The hash of that block; empty at 0. */
  get hash(): Uint8Array {
    return this.checkpoint.hash;
  }

  get epoch(): number {
    return this.checkpoint.epoch;
  }

  /** Empties the tables and begins from nothing. */
  async clear(): Promise<void> {
    // The checkpoint first: a crash in between leaves rows that the next run writes again.
    await this.checkpoint.move(0, new Uint8Array(0));
    for (const table of ROW_TABLES) {
      await this.session.execute(`TRUNCATE ${this.session.keyspace}.${table}`, [], { prepare: false });
    }
    this.listed = new Set();
  }

  /** Writes consecutive blocks, and resolves when all rows and the checkpoint are. Blocks at or below the checkpoint are written again. */
  async write(blocks: readonly CommittedBlock[]): Promise<void> {
    const partitions = new Map<string, Partition>();
    for (const block of blocks) {
      for (const payment of blockPayments(block)) {
        this.collect(partitions, payment);
      }
    }
    await this.writePartitions([...partitions.values()]);
    const last = blocks.at(-1);
    if (last !== undefined && last.height > this.height) {
      await this.checkpoint.move(last.height, last.hash);
    }
  }

  private collect(partitions: Map<string, Partition>, payment: Payment): void {
    const state = stateOf(payment);
    const values = paymentValues(payment, this.session.unset);
    const timestamp = BigInt(payment.timeMs) * 1_000n;
    const subjects: PaymentSubject[] = otherSubjectsOf(payment);
    for (const account of accountsOf(payment)) {
      subjects.push({ kind: "account", account });
    }
    for (const subject of subjects) {
      const key = this.keys.of(subject, state);
      const bucket = bucketOf(subject.kind, payment.timeMs);
      const name = `${bytesKey(key)}${bucket}`;
      let partition = partitions.get(name);
      if (partition === undefined) {
        partition = { key: Buffer.from(key), bucket, rows: [] };
        partitions.set(name, partition);
      }
      partition.rows.push([partition.key, BigInt(bucket), ...values, timestamp]);
    }
  }

  private async writePartitions(partitions: Partition[]): Promise<void> {
    const writes = this.writesOf(partitions);
    const worker = async (): Promise<void> => {
      for (const write of writes) {
        await write();
      }
    };
    await Promise.all(Array.from({ length: WRITES_MAX }, worker));
    if (this.listed.size > LISTED_KNOWN_MAX) {
      this.listed = new Set();
    }
    for (const { key, bucket } of partitions) {
      this.listed.add(`${bytesKey(key)}${bucket}`);
    }
  }

  /** Rows of one partition go as one write; single ones go together where one server has all of them, else each on its own. */
  private *writesOf(partitions: Partition[]): Generator<() => Promise<unknown>> {
    const { session, insertPayment, insertBucket } = this;
    const together = session.isOneServer ? BATCH_ROWS : 1;
    let singles: Insert[] = [];
    for (const { key, bucket, rows } of partitions) {
      if (!this.listed.has(`${bytesKey(key)}${bucket}`)) {
        const timestamp = rows[0][rows[0].length - 1];
        singles.push({ query: insertBucket, params: [key, BigInt(bucket), timestamp] });
      }
      if (rows.length === 1) {
        singles.push({ query: insertPayment, params: rows[0] });
      } else {
        for (let from = 0; from < rows.length; from += BATCH_ROWS) {
          const inserts = rows.slice(from, from + BATCH_ROWS).map((params) => ({ query: insertPayment, params }));
          yield () => session.insert(inserts);
        }
      }
      while (singles.length >= together) {
        const inserts = singles.slice(0, together);
        singles = singles.slice(together);
        yield () => session.insert(inserts);
      }
    }
    if (singles.length > 0) {
      yield () => session.insert(singles);
    }
  }
}

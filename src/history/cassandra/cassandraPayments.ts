// Payments out of Cassandra. Rows above the checkpoint may be there in part and are passed over: an answer is whole up to the height
// that it names.

import type { Payment, PaymentState, PaymentSubject } from "../payments/payment.js";
import { PaymentQueries, type PaymentRange } from "../payments/paymentQueries.js";
import { subjectKey } from "../payments/subjects.js";
import { expectChain, readCheckpoint } from "./cassandraCheckpoint.js";
import { bucketOf, PAYMENT_COLUMNS, paymentOfRow } from "./cassandraRows.js";
import { BUCKETS_TABLE, PAYMENTS_TABLE } from "./cassandraSchema.js";
import type { CassandraSession } from "./cassandraSession.js";

/** Partitions asked at once, after the first did not hold enough. */
const PARTITIONS_AT_ONCE = 8;
const LISTED_AT_ONCE = 64;

/** What is above `from` and below `before` in one partition. */
interface Span {
  from: bigint;
  before: [bigint, number, number];
}

export class CassandraPayments extends PaymentQueries {
  private readonly selectRows: string;
  private readonly selectBuckets: string;

  constructor(
    private readonly session: CassandraSession,
    private readonly genesisHash: Uint8Array,
  ) {
    super();
    const { keyspace } = session;
    const columns = PAYMENT_COLUMNS.slice(2).join(", ");
    this.selectRows = `SELECT ${columns} FROM ${keyspace}.${PAYMENTS_TABLE} WHERE subject = ? AND bucket = ?
      AND (time_ms, idx, part) >= (?, 0, 0) AND (time_ms, idx, part) < (?, ?, ?) LIMIT ?`;
    this.selectBuckets = `SELECT bucket FROM ${keyspace}.${BUCKETS_TABLE}
      WHERE subject = ? AND bucket >= ? AND bucket <= ? LIMIT ?`;
  }

  override async height(): Promise<number> {
    const stored = await readCheckpoint(this.session);
    if (stored === undefined) {
      return 0;
    }
    expectChain(stored, this.genesisHash, this.session.keyspace);
    return stored.height;
  }

  protected override async read(
    of: PaymentSubject,
    state: PaymentState,
    { fromMs, toMs, before }: PaymentRange,
    limit: number,
    height: number,
  ): Promise<Payment[]> {
    const key = Buffer.from(subjectKey(of, state));
    const place: Span["before"] =
      before !== undefined && before.timeMs < toMs
        ? [BigInt(before.timeMs), before.index, before.part]
        : [BigInt(toMs), 0, 0];
    const span: Span = { from: BigInt(fromMs), before: place };
    const payments: Payment[] = [];
    const least = bucketOf(of.kind, fromMs);
    for (let most = bucketOf(of.kind, Number(place[0])), atOnce = 1; ; ) {
      const listed = await this.session.execute(this.selectBuckets, [key, BigInt(least), BigInt(most), LISTED_AT_ONCE]);
      const buckets = listed.rows.map((row) => row.bucket as bigint);
      for (let at = 0; at < buckets.length; ) {
        const asked = buckets.slice(at, at + atOnce);
        at += atOnce;
        atOnce = PARTITIONS_AT_ONCE;
        const found = await Promise.all(asked.map((bucket) => this.readBucket(key, bucket, span, limit, height)));
        payments.push(...found.flat());
        if (payments.length >= limit) {
          return payments.slice(0, limit);
        }
      }
      if (buckets.length < LISTED_AT_ONCE) {
        return payments;
      }
      most = Number(buckets[buckets.length - 1]) - 1;
    }
  }

  private async readBucket(key: Buffer, bucket: bigint, span: Span, limit: number, height: number): Promise<Payment[]> {
    const payments: Payment[] = [];
    for (let [timeMs, index, part] = span.before; ; ) {
      const { rows } = await this.session.execute(this.selectRows, [
        key,
        bucket,
        span.from,
        timeMs,
        index,
        part,
        limit,
      ]);
      for (const row of rows) {
        if (Number(row.height) <= height) {
          payments.push(paymentOfRow(row));
        }
      }
      if (payments.length >= limit || rows.length < limit) {
        return payments.slice(0, limit);
      }
      const last = rows[rows.length - 1];
      [timeMs, index, part] = [last.time_ms, last.idx, last.part];
    }
  }
}

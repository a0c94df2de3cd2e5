// The tables of a payment history in Cassandra. A payment stands once under each of its subjects, so that a page is one read of
// one partition; partitions are cut by time, and a list says which of them hold anything.

import type { CassandraAddress } from "../../storage/cassandraAddress.js";

export const PAYMENTS_TABLE = "payments";
export const BUCKETS_TABLE = "payment_buckets";
export const CHECKPOINT_TABLE = "payment_checkpoints";
/** What a rebuild empties. */
export const ROW_TABLES = [PAYMENTS_TABLE, BUCKETS_TABLE];

export function keyspaceStatement({ keyspace, datacenter, replication }: CassandraAddress): string {
  return `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${datacenter}': ${replication}}`;
}

export function tableStatements(keyspace: string): string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${keyspace}.${PAYMENTS_TABLE} (
      subject blob, bucket bigint, time_ms bigint, idx int, part int, height bigint, id blob, code int, kind tinyint,
      payer blob, payee blob, token_id text, amount bigint, reference blob, memo blob, lane bigint,
      fee bigint, fee_token text, fee_payer blob,
      PRIMARY KEY ((subject, bucket), time_ms, idx, part))
      WITH CLUSTERING ORDER BY (time_ms DESC, idx DESC, part DESC) AND compression = {'class': 'LZ4Compressor'}`,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.${BUCKETS_TABLE} (
      subject blob, bucket bigint, PRIMARY KEY ((subject), bucket)) WITH CLUSTERING ORDER BY (bucket DESC)`,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.${CHECKPOINT_TABLE} (
      name text PRIMARY KEY, chain blob, epoch bigint, height bigint, hash blob)`,
  ];
}

// A connection to Cassandra with the tables made. Rows are written and read at a quorum of the local datacenter, so that what one
// program has written, every other reads.

import cassandra from "cassandra-driver";
import type { CassandraAddress } from "../../storage/cassandraAddress.js";
import { keyspaceStatement, tableStatements } from "./cassandraSchema.js";

const CONNECT_TIMEOUT_MS = 5_000;
const READ_TIMEOUT_MS = 12_000;
/** How often a server that went away is tried. The driver's own waits double up to ten minutes: so long after a server came back would nothing be written. */
const RECONNECT_MS = 1_000;
/** Requests under way at once over one connection. */
const REQUESTS_MAX = 2_048;

export interface Insert {
  query: string;
  params: unknown[];
}

export class CassandraSession {
  private constructor(
    private readonly client: cassandra.Client,
    readonly keyspace: string,
  ) {}

  /** Connects, and makes keyspace and tables where they are missing. Rejects where no server answers. */
  static async connect(address: CassandraAddress): Promise<CassandraSession> {
    const { contactPoints, datacenter, keyspace, tls, credentials } = address;
    const { consistencies } = cassandra.types;
    const client = new cassandra.Client({
      contactPoints,
      localDataCenter: datacenter,
      encoding: { useBigIntAsLong: true },
      pooling: { maxRequestsPerConnection: REQUESTS_MAX },
      policies: { reconnection: new cassandra.policies.reconnection.ConstantReconnectionPolicy(RECONNECT_MS) },
      socketOptions: { connectTimeout: CONNECT_TIMEOUT_MS, readTimeout: READ_TIMEOUT_MS },
      queryOptions: {
        prepare: true,
        isIdempotent: true,
        consistency: consistencies.localQuorum,
        serialConsistency: consistencies.localSerial,
      },
      ...(tls ? { sslOptions: {} } : {}),
      ...(credentials === undefined ? {} : { credentials }),
    });
    try {
      await client.connect();
      const statements = [keyspaceStatement(address), ...tableStatements(keyspace)];
      for (const statement of statements) {
        await client.execute(statement, [], { prepare: false });
      }
      return new CassandraSession(client, keyspace);
    } catch (error) {
      await client.shutdown().catch(() => undefined);
      throw error;
    }
  }

  /** What a value is that leaves its column alone. */
  get unset(): object {
    return cassandra.types.unset;
  }

  async execute(
    statement: string,
    values: unknown[],
    options: cassandra.QueryOptions = {},
  ): Promise<cassandra.types.ResultSet> {
    return this.client.execute(statement, values, options);
  }

  /** Whether one server has every row: then rows of many partitions in one write cost it less than each on its own. */
  get isOneServer(): boolean {
    return this.client.hosts.length === 1;
  }

  /** Writes rows, several as one batch without a log: each is as safe to repeat as all. */
  async insert(inserts: Insert[]): Promise<void> {
    if (inserts.length === 1) {
      await this.client.execute(inserts[0].query, inserts[0].params);
    } else {
      await this.client.batch(inserts, { prepare: true, logged: false });
    }
  }

  async close(): Promise<void> {
    await this.client.shutdown();
  }
}

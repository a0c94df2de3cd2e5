// How far the rows in Cassandra reach, and who may write them. Who begins to write takes the next epoch; every move of the checkpoint
// asks for its own epoch, so that an older writer, however late it wakes, moves nothing any more.

import { equalBytes, toHex } from "../../base/bytes.js";
import { CodedError } from "../../protocol/errors.js";
import { CHECKPOINT_TABLE } from "./cassandraSchema.js";
import type { CassandraSession } from "./cassandraSession.js";

const NAME = "payments";
/** The protocol's number of the consistency LOCAL_SERIAL. */
const LOCAL_SERIAL = 9;

export interface StoredCheckpoint {
  chain: Uint8Array;
  epoch: number;
  height: number;
  /** Of the block at that height; empty at 0. */
  hash: Uint8Array;
}

function applied(result: { first(): Record<string, unknown> | null }): boolean {
  return result.first()?.["[applied]"] === true;
}

/** The checkpoint as any reader sees it; undefined where nobody has written yet. */
export async function readCheckpoint(session: CassandraSession, serial = false): Promise<StoredCheckpoint | undefined> {
  const statement = `SELECT chain, epoch, height, hash FROM ${session.keyspace}.${CHECKPOINT_TABLE} WHERE name = ?`;
  // A serial read finishes a move that was under way: only then is an epoch what everybody agrees on.
  const result = await session.execute(statement, [NAME], serial ? { consistency: LOCAL_SERIAL } : {});
  const row = result.first();
  return row === null || row.chain === null
    ? undefined
    : {
        chain: new Uint8Array(row.chain),
        epoch: Number(row.epoch),
        height: Number(row.height),
        hash: new Uint8Array(row.hash),
      };
}

export function expectChain(stored: StoredCheckpoint, genesisHash: Uint8Array, keyspace: string): void {
  if (!equalBytes(stored.chain, genesisHash)) {
    throw new CodedError(
      "HISTORY_FOREIGN",
      `expected rows of chain ${toHex(genesisHash)} in the keyspace "${keyspace}", got those of ${toHex(stored.chain)}`,
    );
  }
}

export class CassandraCheckpoint {
  private constructor(
    private readonly session: CassandraSession,
    readonly epoch: number,
    private reached: { height: number; hash: Uint8Array },
  ) {}

  /** Takes the next epoch, which ends every other writer's. Throws HISTORY_FOREIGN for the rows of another chain. */
  static async take(session: CassandraSession, genesisHash: Uint8Array): Promise<CassandraCheckpoint> {
    const table = `${session.keyspace}.${CHECKPOINT_TABLE}`;
    for (;;) {
      const stored = await readCheckpoint(session, true);
      if (stored === undefined) {
        const statement = `INSERT INTO ${table} (name, chain, epoch, height, hash) VALUES (?, ?, ?, ?, ?) IF NOT EXISTS`;
        const values = [NAME, Buffer.from(genesisHash), 1n, 0n, Buffer.alloc(0)];
        if (applied(await session.execute(statement, values, { isIdempotent: false }))) {
          return new CassandraCheckpoint(session, 1, { height: 0, hash: new Uint8Array(0) });
        }
      } else {
        expectChain(stored, genesisHash, session.keyspace);
        const epoch = stored.epoch + 1;
        const statement = `UPDATE ${table} SET epoch = ? WHERE name = ? IF epoch = ?`;
        const values = [BigInt(epoch), NAME, BigInt(stored.epoch)];
        if (applied(await session.execute(statement, values, { isIdempotent: false }))) {
          // The writer before may have moved it between the look and the taking.
          const taken = await readCheckpoint(session, true);
          if (taken?.epoch === epoch) {
            return new CassandraCheckpoint(session, epoch, taken);
          }
        }
      }
    }
  }

  get height(): number {
    return this.reached.height;
  }

  get hash(): Uint8Array {
    return this.reached.hash;
  }

  /** Moves it to a block whose rows are all acknowledged. Throws HISTORY_FENCED where another writer has begun since. */
  async move(height: number, hash: Uint8Array): Promise<void> {
    const table = `${this.session.keyspace}.${CHECKPOINT_TABLE}`;
    const statement = `UPDATE ${table} SET height = ?, hash = ? WHERE name = ? IF epoch = ?`;
    // Safe to repeat: the same height and hash under the same epoch.
    const result = await this.session.execute(statement, [BigInt(height), Buffer.from(hash), NAME, BigInt(this.epoch)]);
    if (!applied(result)) {
      const found = result.first()?.epoch;
      throw new CodedError(
        "HISTORY_FENCED",
        `expected to write as epoch ${this.epoch}, got ${found}: another indexer has begun`,
      );
    }
    this.reached = { height, hash };
  }
}

// Makes a history anew from the blocks of a stopped node. Rows are functions of blocks, so that what comes out is what was there,
// whatever had been lost. What is there goes only when all blocks were read: an embedded history is made beside it and put in its
// place, a shared one is emptied after a walk over the log.

import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { nodeDisk } from "./base/disk.js";
import { type ChainData, HISTORY, openChainData } from "./chainData.js";
import { CassandraIndexer } from "./history/cassandra/cassandraIndexer.js";
import { CassandraSession } from "./history/cassandra/cassandraSession.js";
import { KeyValueHistory } from "./history/keyValueHistory.js";
import type { CassandraAddress } from "./storage/cassandraAddress.js";
import type { CommittedBlock } from "./storage/committedBlock.js";

/** Transactions that are written in one go. */
const GROUP_TRANSACTIONS = 10_000;
const TELL_EVERY_BLOCKS = 10_000;
/** What is being made, and what it replaces until that is gone. */
const MAKING = `${HISTORY}.making`;
const REPLACED = `${HISTORY}.replaced`;

export interface RebuildRequest {
  dataDirectory: string;
  /** Which history; the node's own where undefined. */
  paymentStore: CassandraAddress | undefined;
  /** Told how far it is. */
  tell: (line: string) => void;
}

export interface Rebuilt {
  store: "lmdb" | "cassandra";
  blocks: number;
  firstHeight: number;
  height: number;
  transactions: number;
}

/** Hands all blocks to `write`, some thousand transactions at a time. */
async function replay(
  { blocks }: ChainData,
  tell: RebuildRequest["tell"],
  write: (group: CommittedBlock[]) => Promise<void>,
): Promise<Omit<Rebuilt, "store">> {
  const firstHeight = blocks.firstHeight ?? 1;
  let group: CommittedBlock[] = [];
  let [inGroup, transactions] = [0, 0];
  for (let height = firstHeight; height <= blocks.lastHeight; height++) {
    const block = await blocks.read(height);
    if (block === undefined) {
      throw new Error(`expected block ${height} in the log, got none: see ttchain verify`);
    }
    group.push(block);
    inGroup += block.block.transactions.length;
    if (inGroup >= GROUP_TRANSACTIONS || height === blocks.lastHeight || group.length >= TELL_EVERY_BLOCKS) {
      await write(group);
      transactions += inGroup;
      [group, inGroup] = [[], 0];
    }
    if (height % TELL_EVERY_BLOCKS === 0) {
      tell(`block ${height} of ${blocks.lastHeight}`);
    }
  }
  return { blocks: blocks.lastHeight - firstHeight + 1, firstHeight, height: blocks.lastHeight, transactions };
}

async function rebuildEmbedded(data: ChainData, tell: RebuildRequest["tell"]): Promise<Rebuilt> {
  const [place, making, replaced] = [HISTORY, MAKING, REPLACED].map((name) => join(data.directory, name));
  // What a rebuild left that was ended.
  await rm(making, { recursive: true, force: true });
  const store = data.openHistory(MAKING);
  const history = KeyValueHistory.open(store);
  await history.skipTo((data.blocks.firstHeight ?? 1) - 1);
  const done = await replay(data, tell, async (group) => {
    for (const block of group) {
      history.add(block);
    }
    await history.flush();
  });
  await store.close();
  await rm(replaced, { recursive: true, force: true });
  await rename(place, replaced).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") {
      throw error;
    }
  });
  // A node that starts after an end right here has none, and makes it from its blocks too.
  await rename(making, place);
  await nodeDisk.syncDirectory(data.directory);
  await rm(replaced, { recursive: true, force: true });
  return { store: "lmdb", ...done };
}

async function rebuildCassandra(
  data: ChainData,
  address: CassandraAddress,
  tell: RebuildRequest["tell"],
): Promise<Rebuilt> {
  const session = await CassandraSession.connect(address);
  try {
    const indexer = await CassandraIndexer.begin(session, data.genesisHash);
    await replay(
      data,
      () => undefined,
      () => Promise.resolve(),
    );
    await indexer.clear();
    return { store: "cassandra", ...(await replay(data, tell, (group) => indexer.write(group))) };
  } finally {
    await session.close();
  }
}

/** Throws, and leaves what is there, where a node runs on the directory, where it holds no chain, and where a block is damaged. */
export async function rebuildHistory({ dataDirectory, paymentStore, tell }: RebuildRequest): Promise<Rebuilt> {
  const data = await openChainData(dataDirectory);
  try {
    return await (paymentStore === undefined
      ? rebuildEmbedded(data, tell)
      : rebuildCassandra(data, paymentStore, tell));
  } finally {
    await data.close();
  }
}

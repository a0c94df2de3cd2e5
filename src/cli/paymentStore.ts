// The option --history: where payments are looked up. Name and password for Cassandra come from the environment.

import type { NodeOptions } from "../nodeParts.js";
import { UsageError } from "./failures.js";

/** What the option's text comes to; nothing for lmdb, the node's own store. */
export async function paymentStoreOption(text: string): Promise<Pick<NodeOptions, "paymentStore">> {
  if (text === "lmdb") {
    return {};
  }
  if (!text.startsWith("cassandra://")) {
    throw new UsageError(`expected --history lmdb or cassandra://host:port/keyspace, got "${text}"`);
  }
  // Loaded here: a wallet's commands need nothing of a store.
  const { parseCassandraAddress } = await import("../storage/cassandraAddress.js");
  const address = parseCassandraAddress(text);
  const [username, password] = [process.env.TTCHAIN_CASSANDRA_USER, process.env.TTCHAIN_CASSANDRA_PASSWORD];
  return {
    paymentStore:
      username === undefined || password === undefined ? address : { ...address, credentials: { username, password } },
  };
}

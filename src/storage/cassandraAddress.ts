// Where a Cassandra cluster is: cassandra://host[:port][,host...]/keyspace?datacenter=…&replication=… . Name and password come from the
// environment, for a command line can be read by others.

import { CodedError } from "../protocol/errors.js";

const PORT = 9042;
const DATACENTER = "datacenter1";

export interface CassandraAddress {
  /** As "127.0.0.1:9042". */
  contactPoints: string[];
  keyspace: string;
  datacenter: string;
  /** Copies of each row that a keyspace made anew has. */
  replication: number;
  tls: boolean;
  credentials?: { username: string; password: string };
}

function bad(expected: string, text: string): CodedError {
  return new CodedError("BAD_REQUEST", `expected ${expected}, got "${text.slice(0, 120)}"`);
}

/** Parses the text; throws BAD_REQUEST for any other. */
export function parseCassandraAddress(text: string): CassandraAddress {
  const match = /^cassandra:\/\/([^/?@]+)\/([a-z][a-z0-9_]{0,47})(?:\?(.*))?$/.exec(text);
  if (match === null) {
    throw bad("cassandra://host:port/keyspace", text);
  }
  const contactPoints = match[1].split(",").map((host) => {
    if (!/^([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/.test(host)) {
      throw bad("hosts as name:port", host);
    }
    return /:\d+$/.test(host) ? host : `${host}:${PORT}`;
  });
  const options = new URLSearchParams(match[3] ?? "");
  for (const name of options.keys()) {
    if (!["datacenter", "replication", "tls"].includes(name)) {
      throw bad("datacenter, replication or tls", name);
    }
  }
  const datacenter = options.get("datacenter") ?? DATACENTER;
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(datacenter)) {
    throw bad("the name of a datacenter", datacenter);
  }
  const replication = Number(options.get("replication") ?? 1);
  if (!Number.isInteger(replication) || replication < 1 || replication > 9) {
    throw bad("a replication of 1 to 9", options.get("replication") ?? "");
  }
  return { contactPoints, keyspace: match[2], datacenter, replication, tls: options.get("tls") === "true" };
}

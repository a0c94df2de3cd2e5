// The limits of the API, by name. An operator may set each; the defaults hold memory and work per client bounded.

import type { ApiKeyScope } from "../storage/apiKeyFile.js";
import type { Uws } from "./loadUws.js";

export interface ApiOptions {
  host: string;
  /** 0 takes any free port; the server tells which. */
  port: number;
  /** Origins whose pages may submit; "*" for all. Pages of the node's own origin always may. */
  originsAllowed?: string[];
  /** Whether /metrics tells of the process itself too (memory, event loop, garbage collection). */
  processMetrics?: boolean;
  limits?: Partial<ApiLimits>;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  trustedProxies?: string[];
  /** Files of a certificate and its key, in PEM: the API then speaks HTTPS and WSS. */
  tls?: { certificateFile: string; keyFile: string };
  /** The API keys that were given out; none where undefined. */
  apiKeys?: ApiKeySource;
  /** The network server; uWebSockets.js where nothing stands in for it. */
  uws?: Uws;
}

/** What the API asks of the API keys' file. */
export interface ApiKeySource {
  /** Whether no key was given out. */
  readonly isEmpty: boolean;
  find(key: string): { scopes: readonly ApiKeyScope[] } | undefined;
}

export interface ApiLimits {
  /** Largest WebSocket message and binary body. */
  frameBytesMax: number;
  /** Largest JSON body: two hex digits a byte, and some room. */
  jsonBytesMax: number;
  /** Longest that wait=committed may take. */
  waitMsMax: number;
  /** HTTP requests that wait for a commit at once. */
  waitersMax: number;
  connectionsMax: number;
  /** Network connections beside the WebSockets: requests, and those that say nothing yet. */
  plainConnectionsMax: number;
  connectionSubscriptionsMax: number;
  /** Transactions of one connection whose admission is not decided yet. */
  connectionUnansweredMax: number;
  /** Transactions of one connection that it wants to hear the end of. */
  connectionWatchedMax: number;
  /** Frames that are none (64), transactions that are none (1) or that no key signed (64), before a connection is cut off; good ones make up for bad. */
  connectionWastedMax: number;
  /** Bytes that may still wait for a subscriber when the next block comes. */
  subscriberBytesMax: number;
  /** Bytes that may wait for any one connection. */
  connectionBytesMax: number;
  /** Bytes that may wait for all connections together; beyond it those with the most are cut off. */
  allConnectionsBytesMax: number;
  /** Subscribers to every transaction, who take far the most bytes. */
  transactionSubscribersMax: number;
  /** HTTP requests and WebSocket frames of one address: so many a second, and so many at once. */
  addressRequestsPerSecond: number;
  addressRequestsBurst: number;
  /** Bytes that one address may send. */
  addressBytesPerSecond: number;
  addressBytesBurst: number;
  /** New network connections of one address; those that ask for nothing are closed after 12 s. */
  addressConnectsPerSecond: number;
  addressConnectsBurst: number;
  /** WebSockets of one address. */
  addressConnectionsMax: number;
  /** What one address may waste at once and over time, in the units of connectionWastedMax, and how long it is then cut off. */
  addressWastedMax: number;
  addressWastedPerSecond: number;
  addressCutOffMs: number;
  /** Addresses that are remembered. */
  addressesMax: number;
  /** Transactions under way, over all addresses that have not proved themselves. */
  newcomersUnderWayMax: number;
  /** A connection that says nothing and answers no ping for this long is closed. */
  idleTimeoutSeconds: number;
  /** Subscriptions that read old blocks at once; others wait their turn. */
  replaysMax: number;
  /** How long a closing server waits for requests under way. */
  closeGraceMs: number;
}

export const API_LIMITS: ApiLimits = {
  frameBytesMax: 1_048_576,
  jsonBytesMax: 2_200_000,
  waitMsMax: 60_000,
  waitersMax: 4_096,
  connectionsMax: 20_000,
  plainConnectionsMax: 4_096,
  connectionSubscriptionsMax: 256,
  connectionUnansweredMax: 16_384,
  connectionWatchedMax: 131_072,
  connectionWastedMax: 2_048,
  subscriberBytesMax: 1_048_576,
  connectionBytesMax: 16_777_216,
  allConnectionsBytesMax: 536_870_912,
  transactionSubscribersMax: 256,
  addressRequestsPerSecond: 500,
  addressRequestsBurst: 2_000,
  addressBytesPerSecond: 8_388_608,
  addressBytesBurst: 33_554_432,
  addressConnectsPerSecond: 50,
  addressConnectsBurst: 500,
  addressConnectionsMax: 1_000,
  addressWastedMax: 8_192,
  addressWastedPerSecond: 32,
  addressCutOffMs: 60_000,
  addressesMax: 65_536,
  newcomersUnderWayMax: 2_048,
  idleTimeoutSeconds: 60,
  replaysMax: 8,
  closeGraceMs: 5_000,
};

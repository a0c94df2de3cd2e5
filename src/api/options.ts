// The limits of the API, by name. An operator may set each; the defaults hold memory and work per client bounded.

import type { TemplatedApp } from "uWebSockets.js";
import type { Door } from "../http/door/door.js";
import type { ApiKeySource } from "../http/door/keyring.js";
import { SERVER_LIMITS, type ServerLimits } from "../http/limits.js";
import type { Uws } from "../http/loadUws.js";

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
  /** Puts the routes of another part on the same port and behind the same door. */
  mount?: (app: TemplatedApp, door: Door) => void;
  /** The network server; uWebSockets.js where nothing stands in for it. */
  uws?: Uws;
}

export interface ApiLimits extends ServerLimits {
  /** Largest WebSocket message and binary body. */
  frameBytesMax: number;
  /** Largest JSON body: two hex digits a byte, and some room. */
  jsonBytesMax: number;
  /** Longest that wait=committed may take. */
  waitMsMax: number;
  /** HTTP requests that wait for a commit at once. */
  waitersMax: number;
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
  /** A connection that says nothing and answers no ping for this long is closed. */
  idleTimeoutSeconds: number;
  /** Subscriptions that read old blocks at once; others wait their turn. */
  replaysMax: number;
}

export const API_LIMITS: ApiLimits = {
  ...SERVER_LIMITS,
  frameBytesMax: 1_048_576,
  jsonBytesMax: 2_200_000,
  waitMsMax: 60_000,
  waitersMax: 4_096,
  connectionSubscriptionsMax: 256,
  connectionUnansweredMax: 16_384,
  connectionWatchedMax: 131_072,
  connectionWastedMax: 2_048,
  subscriberBytesMax: 1_048_576,
  connectionBytesMax: 16_777_216,
  allConnectionsBytesMax: 536_870_912,
  transactionSubscribersMax: 256,
  idleTimeoutSeconds: 60,
  replaysMax: 8,
};

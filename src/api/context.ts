// What the routes and the WebSocket share while one server runs.

import type { HttpContext } from "../http/context.js";
import type { ChainView } from "./chainView.js";
import type { FinalityTracker } from "./finality.js";
import type { ApiMetrics } from "./metrics.js";
import type { ApiLimits } from "./options.js";
import type { ApiServices } from "./services.js";
import type { Submitter } from "./submitter.js";

export interface ApiContext extends HttpContext {
  services: ApiServices;
  limits: ApiLimits;
  chain: ChainView;
  finality: FinalityTracker;
  submitter: Submitter;
  metrics: ApiMetrics;
  /** Requests that wait for a commit. */
  waiters: { count: number };
  /** Aborted when the server begins to close: whoever waits answers with what is known. */
  closing: AbortSignal;
}

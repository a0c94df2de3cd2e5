// What the gateway's rooms share while it runs: rows, chain, time, chance, and who is told of what.

import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logging.js";
import type { Random } from "../base/random.js";
import type { ChainSource } from "./chain/chainSource.js";
import type { EventLog } from "./events/eventLog.js";
import type { References } from "./invoices/references.js";
import type { QuoteSource } from "./quotes/quoteSource.js";
import type { MerchantRows } from "./rows/merchantRows.js";
import type { StoreRegistry } from "./stores/storeRegistry.js";

export interface GatewayParts {
  rows: MerchantRows;
  chain: ChainSource;
  quotes: QuoteSource;
  stores: StoreRegistry;
  references: References;
  events: EventLog;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** The height up to which blocks have been applied. */
  cursor(): number;
}

// Puts the gateway's routes and WebSocket on a server, behind that server's door.

import type { TemplatedApp } from "uWebSockets.js";
import type { Door } from "../http/door/door.js";
import { RouteServer } from "../http/serveRoutes.js";
import type { Gateway } from "./gateway.js";
import { eventPage } from "./routes/eventPage.js";
import { EventSocket, type NextEvents } from "./routes/eventSocket.js";
import type { MerchantContext } from "./routes/merchantRoute.js";
import { MERCHANT_ROUTES, MERCHANT_SOCKET_PATH } from "./routes/merchantRoutes.js";
import { WAIT_MS_MAX } from "./routes/pageParameters.js";

export interface MountOptions {
  version: string;
  /** Origins whose pages may change something. */
  originsAllowed: readonly string[];
  isSecure: boolean;
}

export interface MountedMerchant {
  /** Serves the answer for what is no route, and counts requests under way. */
  routes: RouteServer<MerchantContext>;
  /** Lets long polls answer and WebSockets go; resolves when every request is answered. */
  close(): Promise<void>;
}

export function mountMerchant(
  app: TemplatedApp,
  door: Door,
  gateway: Gateway,
  { version, originsAllowed, isSecure }: MountOptions,
): MountedMerchant {
  const { clock, logger } = gateway.parts;
  const closing = new AbortController();
  const context: MerchantContext = {
    door,
    keyring: gateway.keyring,
    clock,
    logger,
    onRequest: () => undefined,
    onFailure: () => undefined,
    gateway,
    version,
    closing: closing.signal,
  };
  const routes = new RouteServer(context, originsAllowed, isSecure);
  const next: NextEvents = (query, aborted) =>
    eventPage(gateway, query, { clock, waitMs: WAIT_MS_MAX, aborted, closing: closing.signal });
  const sockets = new EventSocket(next, door, logger);
  sockets.serve(app, MERCHANT_SOCKET_PATH);
  routes.serve(app, MERCHANT_ROUTES);
  return {
    routes,
    async close() {
      closing.abort();
      sockets.close();
      await routes.inFlight.idle();
    },
  };
}

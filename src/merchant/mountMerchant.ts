// Puts the gateway's routes and WebSocket on a server, behind that server's door.

import type { TemplatedApp } from "uWebSockets.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logging.js";
import type { Door } from "../http/door/door.js";
import { RouteServer } from "../http/serveRoutes.js";
import { Dispatch, type GatewayPlace } from "./instances/dispatch.js";
import { EventSocket } from "./routes/eventSocket.js";
import type { InstanceContext } from "./routes/merchantRoute.js";
import { MERCHANT_ROUTES, MERCHANT_SOCKET_PATH } from "./routes/merchantRoutes.js";

export interface MountOptions {
  clock: Clock;
  logger: Logger;
  version: string;
  /** Origins whose pages may change something. */
  originsAllowed: readonly string[];
  isSecure: boolean;
}

export interface MountedMerchant {
  /** Serves the answer for what is no route, and counts requests under way. */
  routes: RouteServer<InstanceContext>;
  /** Lets long polls answer and WebSockets go; resolves when every request is answered. */
  close(): Promise<void>;
}

export function mountMerchant(
  app: TemplatedApp,
  door: Door,
  place: GatewayPlace,
  { clock, logger, version, originsAllowed, isSecure }: MountOptions,
): MountedMerchant {
  const closing = new AbortController();
  const dispatch = new Dispatch(place, clock, closing.signal);
  const context = {
    door,
    keyring: dispatch.keyring,
    clock,
    logger,
    onRequest: () => undefined,
    onFailure: () => undefined,
    version,
    closing: closing.signal,
  };
  const routes = new RouteServer<InstanceContext>(context, originsAllowed, isSecure);
  const sockets = new EventSocket((query, aborted) => dispatch.nextEvents(query, aborted), door, logger);
  sockets.serve(app, MERCHANT_SOCKET_PATH);
  routes.serve(
    app,
    MERCHANT_ROUTES.map((route) => dispatch.route(route, context)),
  );
  return {
    routes,
    async close() {
      closing.abort();
      sockets.close();
      await routes.inFlight.idle();
    },
  };
}

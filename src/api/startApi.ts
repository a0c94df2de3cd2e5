// Starts and stops the node's API: HTTP under /v1 and the WebSocket, on one port.

import { setMaxListeners } from "node:events";
import { addressList } from "../http/door/addressGroup.js";
import { Door, type Visitor } from "../http/door/door.js";
import { Keyring } from "../http/door/keyring.js";
import { RouteServer } from "../http/serveRoutes.js";
import { type Server, startServer } from "../http/startServer.js";
import { serveStaticFiles } from "../http/staticFiles.js";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { ChainView } from "./chainView.js";
import type { ApiContext } from "./context.js";
import { FinalityTracker } from "./finality.js";
import { ApiMetrics } from "./metrics.js";
import { API_LIMITS, type ApiOptions } from "./options.js";
import { ROUTES, SOCKET_PATH } from "./routeTable.js";
import type { ApiServices } from "./services.js";
import { SocketServer } from "./sockets/socketServer.js";
import { Submitter } from "./submitter.js";

function makeContext(
  services: ApiServices,
  options: ApiOptions,
  closing: AbortSignal,
  onCutOff: (visitor: Visitor) => void,
): ApiContext {
  const { latest } = services.blocks;
  const limits = { ...API_LIMITS, ...options.limits };
  const door = new Door({
    limits,
    clock: services.clock,
    isProxy: addressList(options.trustedProxies ?? []),
    onCutOff(visitor) {
      services.logger.warn({ address: visitor.group }, "an address is cut off: too much from it was for nothing");
      metrics.addressesCutOff.inc();
      onCutOff(visitor);
    },
  });
  const metrics = new ApiMetrics(services, options.processMetrics ?? true);
  const finality = new FinalityTracker(latest?.height ?? 0, latest?.block.header.timeMs ?? services.genesis.timeMs);
  return {
    clock: services.clock,
    logger: services.logger,
    onRequest: metrics.onRequest.bind(metrics),
    onFailure: (error) => services.onFailure?.(error),
    services,
    limits,
    door,
    keyring: new Keyring(options.apiKeys),
    chain: new ChainView(services),
    finality,
    submitter: new Submitter(services, finality, door),
    metrics,
    waiters: { count: 0 },
    closing,
  };
}

/** Listens for clients. Rejects where the port is taken or no binary of uWebSockets.js fits the running Node. */
export async function startApi(services: ApiServices, options: ApiOptions): Promise<Server> {
  const closing = new AbortController();
  // Every request that waits for a commit listens; their number has a limit of its own.
  setMaxListeners(0, closing.signal);
  const context = makeContext(services, options, closing.signal, (visitor) => sockets.cutOff(visitor));
  const originsAllowed = options.originsAllowed ?? [];
  const sockets = new SocketServer(context, originsAllowed);
  const routes = new RouteServer(context, originsAllowed, options.tls !== undefined);
  const server = await startServer({
    ...options,
    door: context.door,
    limits: context.limits,
    clock: services.clock,
    serve(app) {
      sockets.serve(app, SOCKET_PATH);
      routes.serve(app, ROUTES);
      options.mount?.(app, context.door);
      routes.serveNothingElse(app);
      serveStaticFiles(app, (response, request) => routes.mayAsk(response, request));
    },
    settle() {
      unsubscribe();
      closing.abort();
      sockets.close();
      return routes.inFlight.idle();
    },
  });
  const unsubscribe = services.feed.subscribe({
    onBlock(block: CommittedBlock) {
      context.finality.tellBlock(block);
      sockets.onBlock(block);
      context.finality.endTelling();
      context.metrics.onBlock(block);
    },
    onExpired(ids, height) {
      context.chain.rememberExpired(ids, height);
      context.finality.onExpired(ids, height);
    },
    onOvertaken(ids, height) {
      context.finality.onOvertaken(ids, height);
    },
  });
  return server;
}

// Starts and stops the node's API: HTTP under /v1 and the WebSocket, on one port.

import type { HttpResponse, TemplatedApp, us_listen_socket } from "uWebSockets.js";
import { setMaxListeners } from "node:events";
import type { CommittedBlock } from "../storage/committedBlock.js";
import { ChainView } from "./chainView.js";
import type { ApiContext } from "./context.js";
import { addressList } from "./door/addressGroup.js";
import { Door, type Visitor } from "./door/door.js";
import { Keyring } from "./door/keyring.js";
import { openApp } from "./door/openApp.js";
import { FinalityTracker } from "./finality.js";
import { RouteServer } from "./http/serveRoutes.js";
import { loadUws, type Uws } from "./loadUws.js";
import { ApiMetrics } from "./metrics.js";
import { API_LIMITS, type ApiOptions } from "./options.js";
import { ROUTES, SOCKET_PATH } from "./routeTable.js";
import type { ApiServices } from "./services.js";
import { SocketServer } from "./sockets/socketServer.js";
import { serveStaticFiles } from "./staticFiles.js";
import { Submitter } from "./submitter.js";

/** Refuses a port that another process listens on: by default Linux would let both share it. */
const LISTEN_EXCLUSIVELY = 1;

export interface ApiServer {
  /** The port that it listens on. */
  readonly port: number;
  /** Takes no more connections, closes WebSockets with 1001 and resolves when requests under way are answered. */
  close(): Promise<void>;
}

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

/** Refuses connections of addresses that make too many, and those beyond what the node can hold, before they say a word. */
function watchConnections(app: TemplatedApp, { door, limits }: ApiContext): void {
  let open = 0;
  const onConnected = (response: HttpResponse): void => {
    const connected = new TextDecoder().decode(response.getRemoteAddressAsText());
    const isWelcome = door.isProxy(connected) || door.visitor(connected).mayConnect();
    if (!isWelcome || open > limits.connectionsMax + limits.plainConnectionsMax) {
      response.close();
    }
  };
  app.filter((response, change) => {
    open += Number(change);
    return Number(change) > 0 ? onConnected(response) : undefined;
  });
}

type Listen = (
  host: string,
  port: number,
  options: number,
  callback: (socket: us_listen_socket | false) => void,
) => void;

function listen(app: ReturnType<Uws["App"]>, host: string, port: number): Promise<us_listen_socket> {
  return new Promise((resolve, reject) => {
    // The module takes options after a host; its types know that only in later releases.
    (app.listen as unknown as Listen).call(app, host, port, LISTEN_EXCLUSIVELY, (socket) => {
      if (socket === false) {
        reject(new Error(`can't listen on ${host} port ${port}: it is in use, or not this machine's`));
      } else {
        resolve(socket);
      }
    });
  });
}

/** Listens for clients. Rejects where the port is taken or no binary of uWebSockets.js fits the running Node. */
export async function startApi(services: ApiServices, options: ApiOptions): Promise<ApiServer> {
  const uws = options.uws ?? loadUws();
  const app = await openApp(uws, options.tls);
  const closing = new AbortController();
  // Every request that waits for a commit listens; their number has a limit of its own.
  setMaxListeners(0, closing.signal);
  const context = makeContext(services, options, closing.signal, (visitor) => sockets.cutOff(visitor));
  const originsAllowed = options.originsAllowed ?? [];
  const sockets = new SocketServer(app, context, originsAllowed);
  const routes = new RouteServer(context, originsAllowed, options.tls !== undefined);
  if (options.uws === undefined) {
    watchConnections(app, context);
  }
  sockets.serve(SOCKET_PATH);
  routes.serve(app, ROUTES);
  serveStaticFiles(app, (response, request) => routes.mayAsk(response, request));
  const socket = await listen(app, options.host, options.port);
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
  });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    uws.us_listen_socket_close(socket);
    unsubscribe();
    closing.abort();
    sockets.close();
    // Closing the app aborts what is still under way, which is then idle too.
    const grace = services.clock.setTimer(context.limits.closeGraceMs, () => app.close());
    await routes.inFlight.idle();
    grace.cancel();
    app.close();
  };
  return {
    port: uws.us_socket_local_port(socket),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

// A server's life, the same for every one here: behind its door, on a port of its own, over TLS where the operator names a certificate;
// and its end, which waits for requests under way, but not for ever.

import type { TemplatedApp } from "uWebSockets.js";
import type { Clock } from "../base/clock.js";
import type { Door } from "./door/door.js";
import { openApp } from "./door/openApp.js";
import type { ServerLimits } from "./limits.js";
import { listen, watchConnections } from "./listen.js";
import { loadUws, type Uws } from "./loadUws.js";

export interface ServerOptions {
  host: string;
  /** 0 takes any free port; the server tells which. */
  port: number;
  tls?: { certificateFile: string; keyFile: string } | undefined;
  door: Door;
  limits: ServerLimits;
  clock: Clock;
  /** uWebSockets.js where nothing stands in for it. */
  uws?: Uws | undefined;
  /** Puts what is served on the app. */
  serve(app: TemplatedApp): void;
  /** Called when the server closes: lets waiting requests answer, and resolves when all are answered. */
  settle(): Promise<void>;
}

export interface Server {
  readonly url: string;
  readonly port: number;
  /** Takes no more connections and resolves when requests under way are answered, or were given their time. */
  close(): Promise<void>;
}

/** Listens for clients. Rejects where the port is taken or no binary of uWebSockets.js fits the running Node. */
export async function startServer({ host, tls, door, limits, clock, ...options }: ServerOptions): Promise<Server> {
  const uws = options.uws ?? loadUws();
  const app = await openApp(uws, tls);
  if (options.uws === undefined) {
    watchConnections(app, door, limits);
  }
  options.serve(app);
  const socket = await listen(app, host, options.port);
  const port = uws.us_socket_local_port(socket);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    uws.us_listen_socket_close(socket);
    // Closing the app aborts what is still under way, which is then settled too.
    const grace = clock.setTimer(limits.closeGraceMs, () => app.close());
    await options.settle();
    grace.cancel();
    app.close();
  };
  return {
    url: `${tls === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    close() {
      closed ??= close();
      return closed;
    },
  };
}

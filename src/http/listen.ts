// Begins to listen on a port of its own, and refuses connections of addresses that make too many before they say a word.

import type { HttpResponse, TemplatedApp, us_listen_socket } from "uWebSockets.js";
import type { Door } from "./door/door.js";
import type { ServerLimits } from "./limits.js";

/** Refuses a port that another process listens on: by default Linux would let both share it. */
const LISTEN_EXCLUSIVELY = 1;

/** Refuses connections of addresses that make too many, and those beyond what the process can hold. */
export function watchConnections(app: TemplatedApp, door: Door, limits: ServerLimits): void {
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

export function listen(app: TemplatedApp, host: string, port: number): Promise<us_listen_socket> {
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

// The holder's door for the other instances of its store: the same routes, on a socket that only the store's owner may open. They have
// looked after their clients' limits and name the address that each request came from, so what they say of it is believed.

import type { TemplatedApp, us_listen_socket } from "uWebSockets.js";
import { Door } from "../../http/door/door.js";
import { SERVER_LIMITS } from "../../http/limits.js";
import { loadUws } from "../../http/loadUws.js";
import type { Gateway } from "../gateway.js";
import { mountMerchant } from "../mountMerchant.js";
import { announceHolder, socketPlaces, withdrawHolder } from "./holderFile.js";

function listenAt(app: TemplatedApp, path: string): Promise<us_listen_socket | undefined> {
  return new Promise((resolve) => {
    app.listen_unix((socket) => resolve(socket || undefined), path);
  });
}

/** Answers the other instances until the function returned is called; what is under way then is lost to them, and they ask again. */
export async function serveInstances(
  gateway: Gateway,
  directory: string,
  version: string,
): Promise<() => Promise<void>> {
  const { clock, logger } = gateway.parts;
  const uws = loadUws();
  const app = uws.App();
  const door = new Door({ limits: SERVER_LIMITS, clock, isProxy: () => true, onCutOff: () => undefined });
  const options = { clock, logger, version, originsAllowed: [], isSecure: false };
  const mounted = mountMerchant(app, door, { gateway }, options);
  mounted.routes.serveNothingElse(app);
  for await (const path of socketPlaces(directory)) {
    const socket = await listenAt(app, path);
    if (socket !== undefined) {
      await announceHolder(directory, path);
      return async () => {
        uws.us_listen_socket_close(socket);
        app.close();
        await withdrawHolder(directory, path);
        await mounted.close();
      };
    }
  }
  app.close();
  throw new Error(`can't listen for other instances in ${directory}, nor in a temporary directory`);
}

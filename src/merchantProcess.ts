// The merchant gateway as a process of its own, beside any node: the chain by that node's API, the gateway's routes and the pages
// on a port of its own.

import type { Clock } from "./base/clock.js";
import type { Logger } from "./base/logging.js";
import type { Random } from "./base/random.js";
import type { FeedConfig } from "./feeds/feedConfig.js";
import { FeedValues } from "./feeds/feedValues.js";
import { addressList } from "./http/door/addressGroup.js";
import { Door } from "./http/door/door.js";
import { Keyring } from "./http/door/keyring.js";
import { openApp } from "./http/door/openApp.js";
import { SERVER_LIMITS } from "./http/limits.js";
import { listen, watchConnections } from "./http/listen.js";
import { loadUws } from "./http/loadUws.js";
import { serveStaticFiles } from "./http/staticFiles.js";
import { RemoteChain } from "./merchant/chain/remoteChain.js";
import { Gateway } from "./merchant/gateway.js";
import { mountMerchant } from "./merchant/mountMerchant.js";
import { ApiKeys } from "./storage/apiKeyFile.js";

export interface MerchantProcessOptions {
  /** The node's URL. */
  node: string;
  /** Where the gateway's rows, its secret and the operator's API keys are. */
  dataDirectory: string;
  host: string;
  port: number;
  originsAllowed: string[];
  trustedProxies: string[];
  tls?: { certificateFile: string; keyFile: string };
  allowPrivateWebhooks: boolean;
  /** Where the worth of tokens in won comes from, by the feed's name. */
  feeds?: ReadonlyMap<string, FeedConfig>;
  version: string;
}

export interface MerchantEnvironment {
  clock: Clock;
  random: Random;
  logger: Logger;
  onFailure(error: unknown): void;
}

export interface MerchantProcess {
  readonly url: string;
  readonly height: number;
  /** Answers what is under way and lets go of the directory. */
  stop(): Promise<void>;
}

export async function startMerchantProcess(
  options: MerchantProcessOptions,
  environment: MerchantEnvironment,
): Promise<MerchantProcess> {
  const { dataDirectory, host, port, originsAllowed, tls, version } = options;
  const { clock, random, logger, onFailure } = environment;
  const chain = await RemoteChain.open(options.node, clock, logger);
  const feeds = options.feeds && new FeedValues(options.feeds, clock, logger);
  let gateway: Gateway | undefined;
  try {
    await feeds?.start();
    gateway = await Gateway.start({
      directory: dataDirectory,
      chain,
      clock,
      random,
      logger,
      operators: new Keyring(new ApiKeys(dataDirectory, (error) => logger.error({ err: error }, "API keys unusable"))),
      allowPrivateWebhooks: options.allowPrivateWebhooks,
      ...(feeds === undefined ? {} : { feeds }),
      onFailure,
    });
    const uws = loadUws();
    const app = await openApp(uws, tls);
    const door = new Door({
      limits: SERVER_LIMITS,
      clock,
      isProxy: addressList(options.trustedProxies),
      onCutOff: ({ group }) => logger.warn({ address: group }, "an address is cut off"),
    });
    watchConnections(app, door, SERVER_LIMITS);
    const mounted = mountMerchant(app, door, gateway, { version, originsAllowed, isSecure: tls !== undefined });
    mounted.routes.serveNothingElse(app);
    serveStaticFiles(app, (response, request) => mounted.routes.mayAsk(response, request));
    const socket = await listen(app, host, port);
    const opened = gateway;
    return {
      url: `${tls === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${uws.us_socket_local_port(socket)}`,
      height: gateway.height,
      async stop() {
        uws.us_listen_socket_close(socket);
        const grace = clock.setTimer(SERVER_LIMITS.closeGraceMs, () => app.close());
        await mounted.close();
        grace.cancel();
        app.close();
        await feeds?.stop();
        await opened.stop();
        chain.close();
      },
    };
  } catch (error) {
    await feeds?.stop();
    await gateway?.stop();
    chain.close();
    throw error;
  }
}

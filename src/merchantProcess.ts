// The merchant gateway as a process of its own, beside any node: the chain by that node's API, the gateway's routes and the pages
// on a port of its own. Several of them serve one directory: one holds it, the others pass on to that one and take its place.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./base/clock.js";
import type { Logger } from "./base/logging.js";
import type { Random } from "./base/random.js";
import { Releases } from "./base/releases.js";
import type { FeedConfig } from "./feeds/feedConfig.js";
import { FeedValues } from "./feeds/feedValues.js";
import { addressList } from "./http/door/addressGroup.js";
import { Door } from "./http/door/door.js";
import { Keyring } from "./http/door/keyring.js";
import { SERVER_LIMITS } from "./http/limits.js";
import { startServer } from "./http/startServer.js";
import { serveStaticFiles } from "./http/staticFiles.js";
import { RemoteChain } from "./merchant/chain/remoteChain.js";
import { Gateway, type Rebuilt } from "./merchant/gateway.js";
import { MerchantInstance } from "./merchant/instances/instance.js";
import { HttpMileageDesk, type MileageDeskOptions } from "./merchant/mileage/mileageDesk.js";
import { type MountedMerchant, mountMerchant } from "./merchant/mountMerchant.js";
import { CodedError } from "./protocol/errors.js";
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
  /** Signs for a store's mileage. */
  mileageDesk?: MileageDeskOptions;
  /** Waits for the store's holder to end before it listens, and takes its place. */
  standby: boolean;
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
  /** Whether it held the store when it began; else it passes requests on to who does, and takes its place when that ends. */
  readonly holds: boolean;
  /** Answers what is under way and lets go of the directory. */
  stop(): Promise<void>;
}

export async function startMerchantProcess(
  options: MerchantProcessOptions,
  { clock, random, logger, onFailure }: MerchantEnvironment,
): Promise<MerchantProcess> {
  const { dataDirectory, host, port, originsAllowed, tls, version } = options;
  const releases = new Releases();
  try {
    const chain = await RemoteChain.open(options.node, clock, logger);
    releases.add(() => chain.close());
    const feeds = options.feeds && new FeedValues(options.feeds, clock, logger);
    releases.add(() => feeds?.stop());
    await feeds?.start();
    const operators = new Keyring(
      new ApiKeys(dataDirectory, (error) => logger.error({ err: error }, "API keys unusable")),
    );
    const instance = new MerchantInstance({
      directory: dataDirectory,
      clock,
      random,
      logger,
      version,
      open: (lock) =>
        Gateway.start({
          directory: dataDirectory,
          lock,
          chain,
          clock,
          random,
          logger,
          operators,
          allowPrivateWebhooks: options.allowPrivateWebhooks,
          ...(feeds === undefined ? {} : { feeds }),
          ...(options.mileageDesk === undefined ? {} : { mileageDesk: new HttpMileageDesk(options.mileageDesk) }),
          onFailure,
        }),
    });
    releases.add(() => instance.stop());
    await (options.standby ? instance.standBy() : instance.join());
    const door = new Door({
      limits: SERVER_LIMITS,
      clock,
      isProxy: addressList(options.trustedProxies),
      onCutOff: ({ group }) => logger.warn({ address: group }, "an address is cut off"),
    });
    let mounted: MountedMerchant | undefined;
    const server = await startServer({
      host,
      port,
      tls,
      door,
      limits: SERVER_LIMITS,
      clock,
      serve(app) {
        const parts = { clock, logger, version, originsAllowed, isSecure: tls !== undefined };
        mounted = mountMerchant(app, door, instance, parts);
        const { routes } = mounted;
        routes.serveNothingElse(app);
        serveStaticFiles(app, (response, request) => routes.mayAsk(response, request));
      },
      settle: async () => mounted?.close(),
    });
    releases.add(() => server.close());
    return {
      url: server.url,
      height: instance.gateway?.height ?? chain.height,
      holds: instance.gateway !== undefined,
      stop: () => releases.run(),
    };
  } catch (error) {
    await releases.run().catch(() => undefined);
    throw error;
  }
}

/** Derives again from the node's blocks what they did to a stopped gateway's invoices. */
export async function rebuildMerchant(
  { node, dataDirectory }: Pick<MerchantProcessOptions, "node" | "dataDirectory">,
  { clock, random, logger, onFailure }: MerchantEnvironment,
): Promise<Rebuilt> {
  if (!existsSync(join(dataDirectory, "rows"))) {
    throw new CodedError("NOT_FOUND", `expected a gateway's directory, got ${dataDirectory}`);
  }
  const chain = await RemoteChain.open(node, clock, logger);
  try {
    return await Gateway.rebuild({ directory: dataDirectory, chain, clock, random, logger, onFailure });
  } finally {
    chain.close();
  }
}

// The merchant gateway inside the node's process: its rows beside the node's own, its routes on the node's port, the chain from the
// node itself. Should it fail, it says so and takes no more invoices; the node goes on.

import type { TemplatedApp } from "uWebSockets.js";
import { join } from "node:path";
import { FeedValues } from "./feeds/feedValues.js";
import type { Door } from "./http/door/door.js";
import { type ApiKeySource, Keyring } from "./http/door/keyring.js";
import { Gateway } from "./merchant/gateway.js";
import { HttpMileageDesk } from "./merchant/mileage/mileageDesk.js";
import { type MountedMerchant, mountMerchant } from "./merchant/mountMerchant.js";
import { type NodeChain, NodeChainSource } from "./nodeChainSource.js";
import type { NodeEnvironment, NodeOptions } from "./nodeParts.js";

export interface MerchantInNode {
  mount(app: TemplatedApp, door: Door): void;
  /** Answers what is under way. */
  closeRoutes(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMerchantInNode(
  chain: NodeChain & { isDevelopment: boolean },
  { dataDirectory, merchant, originsAllowed, tls, version }: NodeOptions,
  { clock, random, logger, openStore }: NodeEnvironment,
  apiKeys: ApiKeySource | undefined,
): Promise<MerchantInNode | undefined> {
  if (merchant === undefined) {
    return undefined;
  }
  const common = { clock, logger };
  const feeds = merchant.feeds && new FeedValues(merchant.feeds, clock, logger);
  await feeds?.start();
  const gateway = await Gateway.start({
    ...common,
    directory: join(dataDirectory, "merchant"),
    chain: new NodeChainSource(chain),
    random,
    ...(feeds === undefined ? {} : { feeds }),
    ...(merchant.mileageDesk === undefined ? {} : { mileageDesk: new HttpMileageDesk(merchant.mileageDesk) }),
    operators: new Keyring(apiKeys),
    // Whoever tries things out has the receiver on the same machine.
    allowPrivateWebhooks: merchant.allowPrivateWebhooks || chain.isDevelopment,
    onFailure: (error) => logger.error({ err: error }, "the merchant gateway can't go on"),
    ...(openStore === undefined ? {} : { openStore }),
  }).catch(async (error: unknown) => {
    await feeds?.stop();
    throw error;
  });
  let mounted: MountedMerchant | undefined;
  return {
    mount(app, door) {
      mounted = mountMerchant(
        app,
        door,
        { gateway },
        { ...common, version, originsAllowed, isSecure: tls !== undefined },
      );
    },
    closeRoutes: async () => mounted?.close(),
    async stop() {
      await feeds?.stop();
      await gateway.stop();
    },
  };
}

// The exchange desk as a process of its own: it holds the keys of purses, so it lives apart from what the public reaches, and talks
// to a node as any client does.

import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Clock } from "./base/clock.js";
import type { Logger } from "./base/logging.js";
import { Releases } from "./base/releases.js";
import { readPassphraseFile, readSecretFile } from "./base/secretFile.js";
import { TTChainClient } from "./client/client.js";
import { accountOfSecret, decryptKeyFile, parseKeyFile } from "./client/keyFile.js";
import { parseFeedsConfig } from "./feeds/feedConfig.js";
import { FeedValues } from "./feeds/feedValues.js";
import { addressList } from "./http/door/addressGroup.js";
import { Door } from "./http/door/door.js";
import { Keyring } from "./http/door/keyring.js";
import { SERVER_LIMITS } from "./http/limits.js";
import { RouteServer } from "./http/serveRoutes.js";
import { startServer } from "./http/startServer.js";
import { readCallbackSecret } from "./merchant/desk/bank/callback.js";
import type { Purse } from "./merchant/desk/chainDesk.js";
import type { CoinLedger } from "./merchant/desk/coins/coinLedger.js";
import type { CoinConfig, DeskConfig, HttpLedgerConfig } from "./merchant/desk/deskConfig.js";
import { readDeskConfig } from "./merchant/desk/deskConfig.js";
import { DESK_ROUTES, type DeskContext } from "./merchant/desk/deskRoutes.js";
import { DeskService } from "./merchant/desk/deskService.js";
import { HttpLedger } from "./merchant/desk/httpLedger.js";
import { MerchantRows } from "./merchant/rows/merchantRows.js";
import { ApiKeys } from "./storage/apiKeyFile.js";
import { openLmdbStore } from "./storage/lmdbStore.js";
import { lockDirectory } from "./storage/lockDirectory.js";

/** A node that restarts is asked again this long. */
const PATIENCE_MS = 10_000;

export interface DeskProcessOptions {
  node: string;
  /** Path of the configuration; files that it names are looked up beside it. */
  configFile: string;
  dataDirectory: string;
  host: string;
  port: number;
  version: string;
}

export interface DeskEnvironment {
  clock: Clock;
  logger: Logger;
  /** Told once when the desk can't go on. */
  onFailure(error: unknown): void;
}

export interface DeskProcess {
  readonly url: string;
  /** Finishes the steps under way and lets go of the directory. */
  stop(): Promise<void>;
}

type Beside = (path: string) => string;

async function openPurses(config: DeskConfig, beside: Beside): Promise<Map<string, Purse>> {
  const purses = new Map<string, Purse>();
  for (const [name, { wallet, passphraseFile }] of Object.entries(config.purses)) {
    const file = parseKeyFile(JSON.parse(await readFile(beside(wallet), "utf8")));
    const passphrase = await readPassphraseFile(beside(passphraseFile));
    const secret = await decryptKeyFile(file, new TextDecoder().decode(passphrase));
    passphrase.fill(0);
    purses.set(name, { account: accountOfSecret(secret) });
  }
  return purses;
}

async function openHttpLedger(
  name: string,
  { url, secretFile }: HttpLedgerConfig,
  beside: Beside,
): Promise<HttpLedger> {
  return new HttpLedger({ name, url, secret: new TextDecoder().decode(await readPassphraseFile(beside(secretFile))) });
}

async function callbackSecret(file: string | undefined, beside: Beside): Promise<{ callbackSecret?: string }> {
  return file === undefined
    ? {}
    : { callbackSecret: readCallbackSecret(new TextDecoder().decode(await readPassphraseFile(beside(file)))) };
}

async function openCoin(coin: CoinConfig, beside: Beside, rows: MerchantRows): Promise<CoinLedger> {
  const { name, rpcUrl, seedFile, confirmations, startBlock } = coin;
  const seed = await readSecretFile(beside(seedFile));
  // Loaded here: viem is installed only where coins of other chains are taken.
  const { EvmLedger } = await import("./merchant/desk/coins/evmLedger.js").catch((error: unknown) => {
    throw new Error(`coin ${name} needs the package viem: npm install viem (${String(error)})`);
  });
  return new EvmLedger({ name, rpcUrl, seed, confirmations, startBlock, rows });
}

export async function startDeskProcess(
  options: DeskProcessOptions,
  environment: DeskEnvironment,
): Promise<DeskProcess> {
  const { node, dataDirectory, host, port } = options;
  const { clock, logger, onFailure } = environment;
  const beside: Beside = (path) => resolve(dirname(options.configFile), path);
  const config = readDeskConfig(await readFile(options.configFile, "utf8"));
  const lock = await lockDirectory(dataDirectory);
  const store = openLmdbStore(join(dataDirectory, "rows"));
  const rows = new MerchantRows(store, onFailure);
  const releases = new Releases();
  releases.add(() => lock.release());
  releases.add(() => store.close());
  try {
    const { bank, partners, coins, feedsFile } = config;
    const feeds =
      feedsFile === undefined
        ? undefined
        : new FeedValues(parseFeedsConfig(JSON.parse(await readFile(beside(feedsFile), "utf8"))).feeds, clock, logger);
    if (feeds !== undefined) {
      releases.add(() => feeds.stop());
      await feeds.start();
    }
    const service = new DeskService({
      config,
      rows,
      client: new TTChainClient({ url: node, patienceMs: PATIENCE_MS }),
      purses: await openPurses(config, beside),
      ledgers: await Promise.all([
        ...(bank === undefined ? [] : [openHttpLedger(bank.name, bank.payouts, beside)]),
        ...partners.map((partner) => openHttpLedger(partner.name, partner, beside)),
      ]),
      ...(await callbackSecret(bank?.callbackSecretFile, beside)),
      coins: await Promise.all(coins.map((coin) => openCoin(coin, beside, rows))),
      ...(feeds === undefined ? {} : { feeds }),
      clock,
      logger,
    });
    const keys = new ApiKeys(dataDirectory, (error) => logger.error({ err: error }, "API keys unusable"));
    const door = new Door({ limits: SERVER_LIMITS, clock, isProxy: addressList([]), onCutOff: () => undefined });
    const context: DeskContext = {
      door,
      keyring: new Keyring(keys),
      clock,
      logger,
      onRequest: () => undefined,
      onFailure: () => undefined,
      service,
      version: options.version,
    };
    const routes = new RouteServer(context, [], false);
    releases.add(() => service.stop());
    service.start();
    const server = await startServer({
      host,
      port,
      door,
      limits: SERVER_LIMITS,
      clock,
      serve(app) {
        routes.serve(app, DESK_ROUTES);
        routes.serveNothingElse(app);
      },
      settle: () => routes.inFlight.idle(),
    });
    releases.add(() => server.close());
    return { url: server.url, stop: () => releases.run() };
  } catch (error) {
    await releases.run();
    throw error;
  }
}

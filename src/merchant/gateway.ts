// The gateway: follows the chain, keeps stores and invoices, tells what happened. Everything that it knows stands in one ordered
// store that it alone writes; killed at any instant, it goes on from the rows that were durable.

import { join } from "node:path";
import { toHex } from "../base/bytes.js";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logging.js";
import type { Random } from "../base/random.js";
import { Releases } from "../base/releases.js";
import type { FeedValues } from "../feeds/feedValues.js";
import type { Keyring } from "../http/door/keyring.js";
import { CodedError } from "../protocol/errors.js";
import type { KeyValueStore } from "../storage/keyValueStore.js";
import { openLmdbStore } from "../storage/lmdbStore.js";
import { type DirectoryLock, lockDirectory } from "../storage/lockDirectory.js";
import { GatewaySecret } from "./access/gatewaySecret.js";
import { MerchantKeyring } from "./access/merchantKeyring.js";
import { ChainFollower } from "./chain/chainFollower.js";
import type { ChainSource } from "./chain/chainSource.js";
import { EventLog } from "./events/eventLog.js";
import type { GatewayParts } from "./gatewayParts.js";
import { AbsenceProofs } from "./invoices/absenceProofs.js";
import { applyBlock, CURSOR_KEY } from "./invoices/applyBlock.js";
import { PresentedCodes } from "./invoices/presentedCodes.js";
import { References } from "./invoices/references.js";
import { ChainQuotes } from "./quotes/chainQuotes.js";
import { FeedQuotes } from "./quotes/feedQuotes.js";
import { MerchantRows } from "./rows/merchantRows.js";
import { StoreRegistry } from "./stores/storeRegistry.js";
import { WebhookSender } from "./webhooks/sendWebhook.js";
import { WebhookDispatcher } from "./webhooks/webhookDispatcher.js";

const CHAIN_KEY = "chain";

export interface GatewayOptions {
  /** Where its rows and its secret are. */
  directory: string;
  chain: ChainSource;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Who may make stores. */
  operators: Keyring;
  /** Whether webhooks may go to private addresses, and without TLS. */
  allowPrivateWebhooks: boolean;
  /** Prices of tokens in won; those that are not among them are quoted by the chain. */
  feeds?: FeedValues;
  /** Told once when it can't go on. */
  onFailure(error: unknown): void;
  /** The directory's lock where the caller has it; the gateway lets go of it when it stops, or does not start. */
  lock?: DirectoryLock;
  /** LMDB where nothing stands in for it. */
  openStore?: (directory: string) => KeyValueStore;
}

export class Gateway {
  private stopped: Promise<void> | undefined;

  private constructor(
    readonly parts: GatewayParts,
    readonly keyring: MerchantKeyring,
    readonly secret: GatewaySecret,
    readonly absences: AbsenceProofs,
    readonly webhooks: WebhookDispatcher,
    readonly codes: PresentedCodes,
    readonly allowPrivateWebhooks: boolean,
    private readonly follower: ChainFollower,
    private readonly releases: Releases,
  ) {}

  /** Opens the directory's gateway, or begins one. Throws DIRECTORY_IN_USE where another runs on it, WRONG_CHAIN for another chain's. */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const { directory, openStore = openLmdbStore } = options;
    const releases = new Releases();
    try {
      const lock = options.lock ?? (await lockDirectory(directory));
      releases.add(() => lock.release());
      const secret = await GatewaySecret.open(directory, options.random);
      const store = openStore(join(directory, "rows"));
      releases.add(() => store.close());
      return Gateway.open(options, secret, store, releases);
    } catch (error) {
      await releases.run();
      throw error;
    }
  }

  private static open(
    options: GatewayOptions,
    secret: GatewaySecret,
    store: KeyValueStore,
    releases: Releases,
  ): Gateway {
    const { chain, clock, random, logger, onFailure, allowPrivateWebhooks } = options;
    const rows = new MerchantRows(store, onFailure);
    expectChain(rows, chain);
    const stores = new StoreRegistry(rows);
    const events = new EventLog(rows, stores);
    const chainQuotes = new ChainQuotes(chain, clock);
    const parts: GatewayParts = {
      rows,
      chain,
      stores,
      events,
      clock,
      random,
      logger,
      quotes: options.feeds === undefined ? chainQuotes : new FeedQuotes(options.feeds, chainQuotes),
      references: new References(rows),
      cursor: () => follower?.height ?? cursor,
    };
    const cursor = rows.get<number>("meta", CURSOR_KEY) ?? 0;
    const absences = new AbsenceProofs(parts);
    const sender = new WebhookSender(allowPrivateWebhooks, clock);
    const webhooks = new WebhookDispatcher(parts, secret, sender.send);
    let follower: ChainFollower | undefined;
    follower = new ChainFollower({
      chain,
      clock,
      cursor,
      apply: (block) => {
        applyBlock(parts, block);
        void absences.run();
      },
      durable: () => rows.durable(),
      onTrouble: (error) => logger.warn({ err: error }, "the chain could not be read; it is tried again"),
      onFailure,
    });
    releases.add(() => sender.close());
    releases.add(() => rows.close());
    releases.add(() => follower?.stop());
    releases.add(() => webhooks.stop());
    const keyring = new MerchantKeyring(stores, options.operators);
    return new Gateway(
      parts,
      keyring,
      secret,
      absences,
      webhooks,
      new PresentedCodes(parts),
      allowPrivateWebhooks,
      follower,
      releases,
    );
  }

  /** Whether it stands where the chain stands: only then does "not paid" mean anything. */
  get isFollowing(): boolean {
    return this.follower.isFollowing;
  }

  /** The latest height applied. */
  get height(): number {
    return this.follower.height;
  }

  stop(): Promise<void> {
    this.stopped ??= this.releases.run();
    return this.stopped;
  }
}

/** A new gateway begins at the chain's height: before it had stores nobody could pay one. */
function expectChain(rows: MerchantRows, chain: ChainSource): void {
  const own = toHex(chain.genesisHash);
  const known = rows.get<string>("meta", CHAIN_KEY);
  if (known !== undefined && known !== own) {
    throw new CodedError("WRONG_CHAIN", `expected the chain ${known} that this gateway was begun with, got ${own}`);
  }
  if (known === undefined) {
    rows.put("meta", CHAIN_KEY, own);
    rows.put("meta", CURSOR_KEY, chain.height);
  }
}

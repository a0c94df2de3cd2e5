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
import { beginRebuild, emptyOfBlocks, fillFromBlocks, isRebuilding } from "./invoices/rebuild.js";
import { References } from "./invoices/references.js";
import type { MileageDesk } from "./mileage/mileageDesk.js";
import { Purchases } from "./mileage/purchases.js";
import { ChainQuotes } from "./quotes/chainQuotes.js";
import { FeedQuotes } from "./quotes/feedQuotes.js";
import { MerchantRows } from "./rows/merchantRows.js";
import { StoreRegistry } from "./stores/storeRegistry.js";
import { WebhookSender } from "./webhooks/sendWebhook.js";
import { WebhookDispatcher } from "./webhooks/webhookDispatcher.js";

const CHAIN_KEY = "chain";

/** What opening a gateway's rows takes. */
export interface RebuildOptions {
  /** Where its rows and its secret are. */
  directory: string;
  chain: ChainSource;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Prices of tokens in won; those that are not among them are quoted by the chain. */
  feeds?: FeedValues;
  /** Told once when it can't go on. */
  onFailure(error: unknown): void;
  /** LMDB where nothing stands in for it. */
  openStore?: (directory: string) => KeyValueStore;
}

export interface GatewayOptions extends RebuildOptions {
  /** Who may make stores. */
  operators: Keyring;
  /** Whether webhooks may go to private addresses, and without TLS. */
  allowPrivateWebhooks: boolean;
  /** Signs for the store's mileage. */
  mileageDesk?: MileageDesk;
  /** The directory's lock where the caller has it; the gateway lets go of it when it stops, or does not start. */
  lock?: DirectoryLock;
}

export interface Rebuilt {
  /** How many blocks were applied again, the last of them this one. */
  blocks: number;
  height: number;
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
    readonly purchases: Purchases,
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
      const rows = openRows(options, openStore(join(directory, "rows")), releases);
      // One that was begun and not ended: until then the rows tell of no block rightly.
      await finishRebuild(options, rows);
      return Gateway.open(options, secret, rows, releases);
    } catch (error) {
      await releases.run();
      throw error;
    }
  }

  /** Derives again from the blocks what they did to the directory's invoices. Throws what `start` does, and HEIGHT_NOT_KEPT. */
  static async rebuild(options: RebuildOptions): Promise<Rebuilt> {
    const { directory, openStore = openLmdbStore } = options;
    const releases = new Releases();
    try {
      const lock = await lockDirectory(directory);
      releases.add(() => lock.release());
      const rows = openRows(options, openStore(join(directory, "rows")), releases);
      await beginRebuild(rows);
      return await finishRebuild(options, rows);
    } finally {
      await releases.run();
    }
  }

  private static open(options: GatewayOptions, secret: GatewaySecret, rows: MerchantRows, releases: Releases): Gateway {
    const { chain, clock, logger, onFailure, allowPrivateWebhooks } = options;
    let follower: ChainFollower | undefined;
    const parts = makeParts(options, rows, () => follower?.height ?? cursor);
    const cursor = rows.get<number>("meta", CURSOR_KEY) ?? 0;
    const absences = new AbsenceProofs(parts);
    const sender = new WebhookSender(allowPrivateWebhooks, clock);
    const webhooks = new WebhookDispatcher(parts, secret, sender.send);
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
    releases.add(async () => {
      // What is under way then counts as not done, and is sent again.
      await rows.close();
      sender.close();
    });
    releases.add(() => follower?.stop());
    releases.add(() => webhooks.stop());
    const keyring = new MerchantKeyring(parts.stores, options.operators);
    return new Gateway(
      parts,
      keyring,
      secret,
      absences,
      webhooks,
      new PresentedCodes(parts),
      new Purchases(parts, options.mileageDesk),
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

function openRows({ chain, onFailure }: RebuildOptions, store: KeyValueStore, releases: Releases): MerchantRows {
  const rows = new MerchantRows(store, onFailure);
  releases.add(() => store.close());
  releases.add(() => rows.close());
  expectChain(rows, chain);
  return rows;
}

function makeParts(options: RebuildOptions, rows: MerchantRows, cursor: () => number): GatewayParts {
  const { chain, clock, random, logger, feeds } = options;
  const stores = new StoreRegistry(rows);
  const chainQuotes = new ChainQuotes(chain, clock);
  return {
    rows,
    chain,
    stores,
    events: new EventLog(rows, stores),
    clock,
    random,
    logger,
    quotes: feeds === undefined ? chainQuotes : new FeedQuotes(feeds, chainQuotes),
    references: new References(rows),
    cursor,
  };
}

/** Does what is left of a rebuild that was begun. */
async function finishRebuild(options: RebuildOptions, rows: MerchantRows): Promise<Rebuilt> {
  if (!isRebuilding(rows)) {
    return { blocks: 0, height: 0 };
  }
  options.logger.warn("invoices are derived again from the blocks; nothing is served before that is done");
  await emptyOfBlocks(rows, new StoreRegistry(rows));
  let height = rows.get<number>("meta", CURSOR_KEY) ?? 0;
  const first = height;
  await fillFromBlocks(
    makeParts(options, rows, () => height),
    (applied) => {
      height = applied;
    },
  );
  return { blocks: height - first, height };
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

// The desk with everything it needs: purses opened, ledgers connected, deposits read in a loop, and the kinds of order by name.

import { assert } from "../../base/assert.js";
import { toHex } from "../../base/bytes.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logging.js";
import type { TTChainClient } from "../../client/client.js";
import type { WebhookHeaders } from "../../client/verifyWebhook.js";
import type { FeedValues } from "../../feeds/feedValues.js";
import { CodedError } from "../../protocol/errors.js";
import type { ChainParameters } from "../../protocol/parameters.js";
import { decodeTokenLeaf, tokenKey } from "../../protocol/stateLeaves.js";
import { MileageSigner } from "../mileage/mileageSigner.js";
import type { MerchantRows } from "../rows/merchantRows.js";
import { readCallback } from "./bank/callback.js";
import { addressOfMemo, chargeCode } from "./bank/chargeCodes.js";
import { type DailyProof, dailyProof } from "./bank/dailyProof.js";
import { readStatement } from "./bank/statement.js";
import { awaitedReference, ChainDesk, type DeskClient, type Purse } from "./chainDesk.js";
import type { CoinLedger } from "./coins/coinLedger.js";
import { chainRates, convert, type Rate } from "./convert.js";
import { dayOf } from "./dayLimits.js";
import { Deposits } from "./deposits.js";
import { Desk } from "./desk.js";
import type { BankConfig, CoinConfig, DeskConfig, PartnerConfig } from "./deskConfig.js";
import { DeskRefusal, type Order } from "./order.js";
import type { OutsideLedger } from "./outsideLedger.js";
import { chargePlan, type PointsPartner, pointsPlan, redeemPlan, rewardPlan, swapPlan } from "./plans.js";

const COIN_READ_EVERY_MS = 2_000;

export interface DeskServiceOptions {
  config: DeskConfig;
  rows: MerchantRows;
  client: DeskClient & Pick<TTChainClient, "proof">;
  purses: ReadonlyMap<string, Purse>;
  /** Ledgers of the bank's payouts and of the partners, by name. */
  ledgers: readonly OutsideLedger[];
  coins: readonly CoinLedger[];
  /** Signs the bank's callbacks; without one none is taken. */
  callbackSecret?: string;
  /** Prices of coins; where the configuration names none, it may be left out. */
  feeds?: FeedValues;
  clock: Clock;
  logger: Logger;
}

/** A redemption's order and what its holder must pay. */
export interface Redemption {
  order: Order;
  payee: string;
  /** 32 bytes. */
  reference: Uint8Array;
}

function asked(what: object): string {
  return JSON.stringify(what, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

function notFound(what: string, name: string): CodedError {
  return new CodedError("NOT_FOUND", `this desk has no ${what} ${name.slice(0, 40)}`);
}

export class DeskService {
  readonly desk: Desk;
  private readonly chain: ChainDesk;
  private readonly deposits = new Map<string, Deposits>();
  private readonly mileageSigner: MileageSigner | undefined;
  private parameters: ChainParameters | undefined;
  private timer: { cancel(): void } | undefined;
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly options: DeskServiceOptions) {
    const { config, rows, client, purses, ledgers, clock } = options;
    this.chain = new ChainDesk(client, purses, rows);
    const configured = [config.bank, ...config.partners, ...config.coins].flatMap((entry) => entry ?? []);
    const limits = new Map(
      configured.flatMap(({ name, limits }) => (limits === undefined ? [] : [[name, limits] as const])),
    );
    this.desk = new Desk({ rows, chain: this.chain, ledgers, limits, clock });
    this.openDeposits();
    this.mileageSigner = this.openMileage();
  }

  private openDeposits(): void {
    const { config, rows, coins, clock } = this.options;
    const common = { rows, desk: this.desk, nowMs: () => clock.nowMs() };
    const { bank } = config;
    if (bank !== undefined) {
      const deposits = new Deposits({
        ...common,
        ledger: bank.name,
        kind: "charge",
        addressOf: (memo) => addressOfMemo(rows, memo),
        plan: (to, units) => chargePlan(bank.purse, to, units),
      });
      this.deposits.set(bank.name, deposits);
    }
    for (const ledger of coins) {
      const { purse, price } = this.coin(ledger.name);
      const deposits = new Deposits({
        ...common,
        ledger: ledger.name,
        kind: "coin",
        addressOf: (memo) => ledger.accountOf(memo),
        plan: (to, units) => rewardPlan(purse, "TTC", convert(units, this.coinRate(price)), [{ to, weight: 1n }]),
      });
      this.deposits.set(ledger.name, deposits);
    }
  }

  /** What a coin is worth in TTC now. Throws QUOTE_STALE. */
  private coinRate(price: CoinConfig["price"]): Rate {
    if ("rate" in price) {
      return price.rate;
    }
    const won = this.options.feeds?.get(price.feed);
    const quote = this.parameters?.quotes.find(({ token }) => token === "TTM");
    if (won === undefined || quote === undefined) {
      throw new DeskRefusal("QUOTE_STALE", price.feed);
    }
    // A TTM is a won, and the chain says what it is worth in TTC.
    const coinToWon = { from: 10n ** BigInt(price.decimals + won.decimals), to: won.value };
    return chainRates(coinToWon, { from: quote.units, to: quote.ttcUnits });
  }

  private openMileage(): MileageSigner | undefined {
    const { config, rows, client, purses } = this.options;
    if (config.mileage === undefined) {
      return undefined;
    }
    const { purse, ...rules } = config.mileage;
    const store = purses.get(purse)?.account ?? this.refuse("purse", purse);
    return new MileageSigner({ ...rules, store, rows, client });
  }

  /** The signer of purchases with mileage. Throws NOT_FOUND where the configuration has no rules. */
  get mileage(): MileageSigner {
    return this.mileageSigner ?? this.refuse("mileage", "rules");
  }

  /** Goes on with what was under way, and begins to read deposits. */
  start(): void {
    this.desk.start();
    this.readCoinsLater(0);
  }

  async stop(): Promise<void> {
    this.timer?.cancel();
    this.timer = undefined;
    await this.reading;
    await this.desk.stop();
  }

  private readCoinsLater(delayMs: number): void {
    if (this.options.coins.length === 0) {
      return;
    }
    const timer = this.options.clock.setTimer(delayMs, () => {
      this.reading = this.readCoins().finally(() => {
        // Stopped meanwhile: no further timer.
        if (this.timer === timer) {
          this.readCoinsLater(COIN_READ_EVERY_MS);
        }
      });
    });
    this.timer = timer;
  }

  private async readCoins(): Promise<void> {
    for (const ledger of this.options.coins) {
      try {
        ({ parameters: this.parameters } = await this.options.client.chain());
        for (let isAll = false; !isAll && this.timer !== undefined; ) {
          const read = await ledger.readDeposits();
          await this.depositsOf(ledger.name).record(read.deposits);
          await read.done();
          isAll = read.isAll;
        }
      } catch (error) {
        this.options.logger.error({ err: error, ledger: ledger.name }, "deposits can't be read; tried again");
      }
    }
  }

  depositsOf(ledger: string): Deposits {
    return this.deposits.get(ledger) ?? this.refuse("deposits of", ledger);
  }

  private refuse(what: string, name: string): never {
    throw notFound(what, name);
  }

  private bank(): BankConfig {
    return this.options.config.bank ?? this.refuse("bank", "");
  }

  private partner(name: string): PointsPartner & PartnerConfig {
    const config =
      this.options.config.partners.find((partner) => partner.name === name) ?? this.refuse("partner", name);
    return { ...config, ledger: config.name };
  }

  private coin(name: string): CoinConfig {
    return this.options.config.coins.find((coin) => coin.name === name) ?? this.refuse("coin", name);
  }

  /** What somebody writes as the memo of a bank transfer to get TTM at `address`. */
  async chargeCode(address: string): Promise<string> {
    this.bank();
    const code = chargeCode(this.options.rows, address);
    await this.options.rows.durable();
    return code;
  }

  /** Where somebody sends coins of `ledger` to get TTC at `address`. */
  depositAddress(ledger: string, address: string): Promise<string> {
    const coin = this.options.coins.find(({ name }) => name === ledger) ?? this.refuse("coin", ledger);
    return coin.depositAddress(address);
  }

  /** Takes a bank's statement; see Deposits.record. Throws MALFORMED. */
  importStatement(text: string) {
    const { name, columns } = this.bank();
    return this.depositsOf(name).record(readStatement(text, columns));
  }

  /** Takes what the bank itself tells; see Deposits.record. Throws NOT_FOUND, UNAUTHORIZED or MALFORMED. */
  async recordCallback(headers: WebhookHeaders, body: Uint8Array) {
    const { name } = this.bank();
    const { clock, callbackSecret } = this.options;
    const secret = callbackSecret ?? this.refuse("callback of", name);
    return this.depositsOf(name).record([readCallback(secret, headers, body, clock.nowMs())]);
  }

  /** Begins to turn `units` of TTM into won at a bank account; its holder then pays what the answer names. */
  async redeem(key: string, account: string, units: bigint): Promise<Redemption> {
    const { name, purse, awaitBlocks } = this.bank();
    const orderKey = `redeem/${key}`;
    const { height } = await this.options.client.status();
    const steps = redeemPlan(purse, name, { account, units, expiryHeight: height + awaitBlocks });
    const order = await this.desk.submit({
      key: orderKey,
      kind: "redeem",
      asked: asked({ account, units }),
      steps,
      counted: this.counted(name, account, units),
    });
    // One that was made before waits until the height that was told then.
    const [step] = order.steps;
    assert(step.kind === "await", "a redemption begins by waiting for its holder's payment");
    const reference = awaitedReference(`${orderKey}.0`, step.expiryHeight);
    return { order, payee: this.chain.address(step.purse), reference };
  }

  /** Points of a partner, destroyed there, as TTC for an address. */
  convertPoints(key: string, partnerName: string, account: string, points: bigint, to: string): Promise<Order> {
    const partner = this.partner(partnerName);
    const steps = pointsPlan(partner, account, points, to);
    return this.desk.submit({
      key: `points/${key}`,
      kind: "points",
      asked: asked({ partner: partnerName, account, points, to }),
      steps,
      counted: this.counted(partner.name, account, points),
    });
  }

  /** Points of one partner as points of another. */
  swapPoints(
    key: string,
    from: { partner: string; account: string },
    to: { partner: string; account: string },
    points: bigint,
  ): Promise<Order> {
    const [source, target] = [this.partner(from.partner), this.partner(to.partner)];
    const { steps } = swapPlan(
      { ...source, account: from.account },
      { ...target, account: to.account, address: this.chain.address(target.purse) },
      points,
    );
    return this.desk.submit({
      key: `swap/${key}`,
      kind: "swap",
      asked: asked({ from, to, points }),
      steps,
      counted: this.counted(source.name, from.account, points),
    });
  }

  /** One amount out of a purse among several, by weights. */
  reward(
    key: string,
    kind: "reward" | "grant",
    purse: string,
    token: string,
    units: bigint,
    receivers: readonly { to: string; weight: bigint }[],
  ): Promise<Order> {
    if (!this.options.purses.has(purse)) {
      throw notFound("purse", purse);
    }
    return this.desk.submit({ key: `${kind}/${key}`, kind, steps: rewardPlan(purse, token, units, receivers) });
  }

  /** The proof that TTM in circulation stands for won received, as of now. */
  async dailyProof(): Promise<DailyProof> {
    const { name, openingUnits } = this.bank();
    const { client, rows, clock } = this.options;
    const key = tokenKey("TTM");
    // An order that was told to be done counts as done: what waits to be durable is in no range.
    const orders = async (): Promise<Order[]> => {
      await rows.durable();
      return [...rows.range<Order>("deskOrder", {})].map((row) => row.value);
    };
    const ordersBefore = await orders();
    const { value, height } = await client.proof(key);
    const supplyUnits = value === undefined ? 0n : decodeTokenLeaf(value).supply;
    const ordersAfter = await orders();
    return dailyProof({
      day: dayOf(clock.nowMs()),
      height,
      stateKey: toHex(key),
      supplyUnits,
      openingUnits,
      deposits: this.depositsOf(name).all(),
      ordersBefore,
      ordersAfter,
    });
  }

  private counted(ledger: string, account: string, units: bigint) {
    return { ledger, account, units: units.toString(), day: dayOf(this.options.clock.nowMs()) };
  }
}

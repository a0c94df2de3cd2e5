// The desk's configuration: purses, the bank, partners and coins, from one JSON file. Everything is checked when it is read, with the
// field's name in the message; secrets are named by file, never written into it.

import { CodedError } from "../../protocol/errors.js";
import { nativeIndex, type TokenId } from "../../protocol/tokens.js";
import { type MileageRules, verifyMileageRules } from "../mileage/mileageRules.js";
import { STATEMENT_COLUMNS_DEFAULT, type StatementColumns } from "./bank/statement.js";
import type { Rate } from "./convert.js";
import type { LedgerLimits } from "./dayLimits.js";

export interface PurseConfig {
  /** Path of a wallet's key file, as `ttchain wallet new` makes it. */
  wallet: string;
  /** Path of the file with its passphrase. */
  passphraseFile: string;
}

export interface HttpLedgerConfig {
  url: string;
  secretFile: string;
}

export interface BankConfig {
  name: string;
  /** Purse of TTM's issuer. */
  purse: string;
  columns: StatementColumns;
  payouts: HttpLedgerConfig;
  /** Path of the file with the secret that signs the bank's callbacks; without one none is taken. */
  callbackSecretFile?: string;
  limits?: LedgerLimits;
  /** TTM that was in circulation before this desk began. */
  openingUnits: bigint;
  /** How many blocks a redemption waits for its TTM. */
  awaitBlocks: number;
}

export interface PartnerConfig extends HttpLedgerConfig {
  name: string;
  purse: string;
  rate: Rate;
  limits?: LedgerLimits;
}

export interface CoinConfig {
  name: string;
  kind: "evm";
  rpcUrl: string;
  seedFile: string;
  confirmations: number;
  startBlock: bigint;
  purse: string;
  /** A fixed rate, or the feed that says what a whole coin is worth in won and how many of its units a whole coin has. */
  price: { rate: Rate } | { feed: string; decimals: number };
  limits?: LedgerLimits;
}

export interface MileageConfig {
  /** The store's account. */
  purse: string;
  priceToken: TokenId;
  mileageToken: TokenId;
  rules: MileageRules;
}

export interface DeskConfig {
  purses: Record<string, PurseConfig>;
  bank?: BankConfig;
  partners: PartnerConfig[];
  coins: CoinConfig[];
  mileage?: MileageConfig;
  /** Path of the feeds file that prices of coins are in. */
  feedsFile?: string;
}

const CONFIRMATIONS_DEFAULT = 12;
const COIN_DECIMALS_DEFAULT = 18;
const AWAIT_BLOCKS_DEFAULT = 6_000;
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** One object of the file, whose fields are checked as they are read and which must not hold others. */
class Fields {
  private readonly left: Set<string>;

  constructor(
    private readonly place: string,
    private readonly value: Record<string, unknown>,
  ) {
    this.left = new Set(Object.keys(value));
  }

  static of(place: string, value: unknown): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw malformed(place, "an object", value);
    }
    return new Fields(place, value as Record<string, unknown>);
  }

  take(name: string): unknown {
    this.left.delete(name);
    return this.value[name];
  }

  text(name: string): string {
    const value = this.take(name);
    return typeof value === "string" && value !== "" ? value : this.refuse(name, "a text");
  }

  name(name: string): string {
    const value = this.text(name);
    return NAME.test(value) ? value : this.refuse(name, "1 to 32 of a-z, 0-9 and -");
  }

  url(name: string): string {
    const value = this.text(name);
    return /^https?:\/\/\S+$/.test(value) && URL.canParse(value) ? value : this.refuse(name, "an address of the web");
  }

  whole(name: string, otherwise: number): number {
    const value = this.take(name) ?? otherwise;
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.refuse(name, "a whole number");
  }

  units(name: string, otherwise?: bigint): bigint {
    const value = this.take(name);
    if (value === undefined && otherwise !== undefined) {
      return otherwise;
    }
    return typeof value === "string" && /^\d{1,40}$/.test(value)
      ? BigInt(value)
      : this.refuse(name, "decimal digits as text");
  }

  token(name: string): TokenId {
    const value = this.text(name);
    return nativeIndex(value) >= 0 || /^[0-9a-f]{64}$/.test(value) ? value : this.refuse(name, "a token's id");
  }

  flag(name: string): boolean {
    const value = this.take(name);
    return typeof value === "boolean" ? value : this.refuse(name, "true or false");
  }

  /** So many units of the ledger for so many TTC units. */
  rate(name: string): Rate {
    const fields = this.object(name);
    const rate = { from: fields.units("units"), to: fields.units("ttcUnits") };
    fields.expectNoMore();
    return rate.from > 0n && rate.to > 0n ? rate : this.refuse(name, "units and ttcUnits above 0");
  }

  limits(): { limits?: LedgerLimits } {
    if (this.value.limits === undefined) {
      return {};
    }
    const fields = this.object("limits");
    const limits: LedgerLimits = {
      orderUnitsMin: fields.units("orderUnitsMin", 1n),
      orderUnitsMax: fields.units("orderUnitsMax"),
      accountDayUnitsMax: fields.units("accountDayUnitsMax"),
      dayUnitsMax: fields.units("dayUnitsMax"),
    };
    fields.expectNoMore();
    return { limits };
  }

  object(name: string): Fields {
    return Fields.of(`${this.place}.${name}`, this.take(name));
  }

  list(name: string): Fields[] {
    const value = this.take(name) ?? [];
    if (!Array.isArray(value)) {
      return this.refuse(name, "a list");
    }
    return value.map((item, index) => Fields.of(`${this.place}.${name}[${index}]`, item));
  }

  /** Each field's value as an object of its own, by name. */
  entries(): [string, Fields][] {
    return Object.entries(this.value).map(([name]) => [name, this.object(name)]);
  }

  expectNoMore(): void {
    const [name] = this.left;
    if (name !== undefined) {
      throw malformed(`${this.place}.${name}`, "no such field", this.value[name]);
    }
  }

  refuse(name: string, expected: string): never {
    throw malformed(`${this.place}.${name}`, expected, this.value[name]);
  }
}

function malformed(place: string, expected: string, value: unknown): CodedError {
  const got = JSON.stringify(value)?.slice(0, 80) ?? "nothing";
  return new CodedError("MALFORMED", `desk configuration: expected ${expected} as ${place}, got ${got}`);
}

function readColumns(fields: Fields): StatementColumns {
  const columns = { ...STATEMENT_COLUMNS_DEFAULT };
  for (const name of Object.keys(columns) as (keyof StatementColumns)[]) {
    const value = fields.take(name);
    columns[name] = typeof value === "string" ? value : columns[name];
  }
  fields.expectNoMore();
  return columns;
}

function readHttpLedger(fields: Fields): HttpLedgerConfig {
  return { url: fields.url("url"), secretFile: fields.text("secretFile") };
}

function readBank(fields: Fields): BankConfig {
  const payouts = fields.object("payouts");
  const bank: BankConfig = {
    name: fields.name("name"),
    purse: fields.name("purse"),
    columns: fields.take("columns") === undefined ? STATEMENT_COLUMNS_DEFAULT : readColumns(fields.object("columns")),
    payouts: readHttpLedger(payouts),
    ...(fields.take("callbackSecretFile") === undefined
      ? {}
      : { callbackSecretFile: fields.text("callbackSecretFile") }),
    ...fields.limits(),
    openingUnits: fields.units("openingUnits", 0n),
    awaitBlocks: fields.whole("awaitBlocks", AWAIT_BLOCKS_DEFAULT),
  };
  payouts.expectNoMore();
  fields.expectNoMore();
  return bank;
}

function readPartner(fields: Fields): PartnerConfig {
  const partner: PartnerConfig = {
    name: fields.name("name"),
    purse: fields.name("purse"),
    ...readHttpLedger(fields),
    rate: fields.rate("rate"),
    ...fields.limits(),
  };
  fields.expectNoMore();
  return partner;
}

function readPrice(fields: Fields): CoinConfig["price"] {
  if (fields.take("rate") !== undefined) {
    return { rate: fields.rate("rate") };
  }
  const quote = fields.object("quote");
  const price = { feed: quote.text("feed"), decimals: quote.whole("decimals", COIN_DECIMALS_DEFAULT) };
  quote.expectNoMore();
  return price;
}

function readCoin(fields: Fields): CoinConfig {
  const coin: CoinConfig = {
    name: fields.name("name"),
    kind: fields.text("kind") === "evm" ? "evm" : fields.refuse("kind", "evm"),
    rpcUrl: fields.url("rpcUrl"),
    seedFile: fields.text("seedFile"),
    confirmations: fields.whole("confirmations", CONFIRMATIONS_DEFAULT),
    startBlock: BigInt(fields.whole("startBlock", 0)),
    purse: fields.name("purse"),
    price: readPrice(fields),
    ...fields.limits(),
  };
  fields.expectNoMore();
  return coin;
}

function readMileage(fields: Fields): MileageConfig {
  const rules = fields.object("rules");
  const read: MileageRules = {
    grades: rules.list("grades").map((grade) => {
      const entry = {
        name: grade.text("name"),
        spentUnitsMin: grade.units("spentUnitsMin", 0n),
        earnBasisPoints: grade.whole("earnBasisPoints", 0),
      };
      grade.expectNoMore();
      return entry;
    }),
    earnUnitsMax: rules.units("earnUnitsMax"),
    priceUnitsMin: rules.units("priceUnitsMin", 0n),
    spendBasisPoints: rules.whole("spendBasisPoints", 0),
    spendStepUnits: rules.units("spendStepUnits", 1n),
    earnOnSpent: rules.flag("earnOnSpent"),
  };
  rules.expectNoMore();
  try {
    verifyMileageRules(read);
  } catch (error) {
    throw new CodedError("MALFORMED", `desk configuration: ${error instanceof Error ? error.message : String(error)}`);
  }
  const config: MileageConfig = {
    purse: fields.name("purse"),
    priceToken: fields.token("priceToken"),
    mileageToken: fields.token("mileageToken"),
    rules: read,
  };
  fields.expectNoMore();
  return config;
}

/** Throws MALFORMED with the field. */
export function readDeskConfig(text: string): DeskConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CodedError("MALFORMED", `desk configuration: ${error instanceof Error ? error.message : "no JSON"}`);
  }
  const fields = Fields.of("desk", value);
  const purses = fields
    .object("purses")
    .entries()
    .map(([name, purse]): [string, PurseConfig] => {
      const config = { wallet: purse.text("wallet"), passphraseFile: purse.text("passphraseFile") };
      purse.expectNoMore();
      return [name, config];
    });
  const config: DeskConfig = {
    purses: Object.fromEntries(purses),
    ...(fields.take("bank") === undefined ? {} : { bank: readBank(fields.object("bank")) }),
    partners: fields.list("partners").map(readPartner),
    coins: fields.list("coins").map(readCoin),
    ...(fields.take("feedsFile") === undefined ? {} : { feedsFile: fields.text("feedsFile") }),
    ...(fields.take("mileage") === undefined ? {} : { mileage: readMileage(fields.object("mileage")) }),
  };
  fields.expectNoMore();
  const used = [config.bank, ...config.partners, ...config.coins].flatMap((entry) => entry ?? []);
  for (const { name, purse } of [
    ...used,
    ...(config.mileage === undefined ? [] : [{ ...config.mileage, name: "mileage" }]),
  ]) {
    if (config.purses[purse] === undefined) {
      throw malformed(`the purse of ${name}`, `one of ${Object.keys(config.purses).join(", ")}`, purse);
    }
  }
  if (new Set(used.map(({ name }) => name)).size !== used.length) {
    throw malformed(
      "names",
      "different names of bank, partners and coins",
      used.map(({ name }) => name),
    );
  }
  return config;
}

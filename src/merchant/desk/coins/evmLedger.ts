// Coins of an EVM chain through viem. Every account has an address of its own below one seed; deposits count when they lie deep enough
// that the chain will not take them back. What is paid out is signed, kept, and sent as the same bytes until it is deep enough too.
// Only plain transfers count as deposits: what a contract sends along inside another transaction is not seen.

import { createPublicClient, type Hex, http, keccak256, type PublicClient, type Transaction } from "viem";
import { type HDAccount, HDKey, hdKeyToAccount } from "viem/accounts";
import { CodedError } from "../../../protocol/errors.js";
import type { MerchantRows } from "../../rows/merchantRows.js";
import type { DepositRow } from "../deposits.js";
import { DeskRefusal, NotYet } from "../order.js";
import type { CoinLedger } from "./coinLedger.js";

/** The account that pays out; deposit addresses follow it. */
const PAYING_INDEX = 0;
const BLOCKS_A_READ = 50;
const TRANSFER_GAS = 21_000n;
/** Fees are offered at this multiple of the base fee, so that a payment is not stuck when fees rise a little. */
const FEE_FACTOR = 2n;

export interface EvmLedgerOptions {
  name: string;
  rpcUrl: string;
  /** 16 to 64 bytes; whoever has it has the coins. */
  seed: Uint8Array;
  /** Blocks on top of a deposit before it counts. */
  confirmations: number;
  /** The first block to read where nothing was read before. */
  startBlock: bigint;
  rows: MerchantRows;
}

interface SentRow {
  raw: Hex;
  hash: Hex;
}

interface ReadRow {
  next: string;
  /** Hash of the block before `next`: another one there means that the chain went back further than `confirmations`. */
  parentHash: string | undefined;
}

export class EvmLedger implements CoinLedger {
  readonly name: string;
  private readonly client: PublicClient;
  private readonly root: HDKey;
  private paying: Promise<unknown> = Promise.resolve();
  private addressing: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: EvmLedgerOptions) {
    this.name = options.name;
    this.client = createPublicClient({ transport: http(options.rpcUrl) });
    this.root = HDKey.fromMasterSeed(options.seed);
  }

  /** The address that pays out, which the operator fills. */
  get payingAddress(): string {
    return this.accountAt(PAYING_INDEX).address.toLowerCase();
  }

  depositAddress(account: string): Promise<string> {
    const answer = this.addressing.then(() => this.makeAddress(account));
    this.addressing = answer.catch(() => undefined);
    return answer;
  }

  accountOf(address: string): string | undefined {
    return this.options.rows.get<string>("deskCode", `${this.name}/owner/${address.toLowerCase()}`);
  }

  async readDeposits(): Promise<{ deposits: DepositRow[]; isAll: boolean; done: () => Promise<void> }> {
    const { rows, confirmations, startBlock } = this.options;
    const row = rows.get<ReadRow>("deskCode", `${this.name}/read`) ?? {
      next: startBlock.toString(),
      parentHash: undefined,
    };
    const head = await this.client.getBlockNumber({ cacheTime: 0 });
    const last = head - BigInt(confirmations);
    const deposits: DepositRow[] = [];
    let { parentHash } = row;
    let number = BigInt(row.next);
    const end = number + BigInt(BLOCKS_A_READ) - 1n;
    for (; number <= last && number <= end; number++) {
      const block = await this.client.getBlock({ blockNumber: number, includeTransactions: true });
      if (parentHash !== undefined && block.parentHash !== parentHash) {
        throw new CodedError(
          "UNAVAILABLE",
          `${this.name} went back further than ${confirmations} blocks at ${number}: look at its deposits before going on`,
        );
      }
      for (const transaction of block.transactions) {
        const deposit = await this.depositIn(transaction, block.timestamp);
        if (deposit !== undefined) {
          deposits.push(deposit);
        }
      }
      parentHash = block.hash;
    }
    const done = async (): Promise<void> => {
      rows.put("deskCode", `${this.name}/read`, { next: number.toString(), parentHash } satisfies ReadRow);
      await rows.durable();
    };
    return { deposits, isAll: number > last, done };
  }

  async take(): Promise<string> {
    throw new DeskRefusal("OUTSIDE_REFUSED", `${this.name}: coins come by deposit only`);
  }

  giveBack(key: string, account: string, units: bigint): Promise<string> {
    return this.give(`${key} back`, account, units);
  }

  /** Pays `units` to an address of the chain; resolves with the transaction's hash once it is deep enough. */
  async give(key: string, account: string, units: bigint): Promise<string> {
    if (!/^0x[0-9a-fA-F]{40}$/.test(account)) {
      throw new DeskRefusal("OUTSIDE_REFUSED", `${this.name}: ${account} is no address there`);
    }
    const row = this.options.rows.get<SentRow>("deskSent", `${this.name}/${key}`);
    // One at a time: the next nonce is known only once the transaction before is kept.
    const signing = this.paying.then(() => row ?? this.sign(key, account as Hex, units));
    this.paying = signing.catch(() => undefined);
    const sent = await signing;
    return this.follow(sent);
  }

  private accountAt(index: number): HDAccount {
    return hdKeyToAccount(this.root, { addressIndex: index });
  }

  private async makeAddress(account: string): Promise<string> {
    const { rows } = this.options;
    const known = rows.get<string>("deskCode", `${this.name}/address/${account}`);
    if (known !== undefined) {
      return known;
    }
    const index = (rows.get<number>("deskCode", `${this.name}/addresses`) ?? PAYING_INDEX) + 1;
    const address = this.accountAt(index).address.toLowerCase();
    rows.put("deskCode", `${this.name}/addresses`, index);
    rows.put("deskCode", `${this.name}/address/${account}`, address);
    rows.put("deskCode", `${this.name}/owner/${address}`, account);
    await rows.durable();
    return address;
  }

  private async depositIn(transaction: Transaction, timestamp: bigint): Promise<DepositRow | undefined> {
    const { to, from, value, hash } = transaction;
    if (to === null || value === 0n || this.accountOf(to) === undefined) {
      return undefined;
    }
    const { status } = await this.client.getTransactionReceipt({ hash });
    const time = new Date(Number(timestamp) * 1_000).toISOString();
    return status === "success"
      ? { id: hash, units: value, memo: to.toLowerCase(), name: from.toLowerCase(), time }
      : undefined;
  }

  private async sign(key: string, to: Hex, value: bigint): Promise<SentRow> {
    const { rows } = this.options;
    const account = this.accountAt(PAYING_INDEX);
    const [chainId, nonce, balance, block] = await Promise.all([
      this.client.getChainId(),
      this.nextNonce(account.address),
      this.client.getBalance({ address: account.address }),
      this.client.getBlock(),
    ]);
    const maxPriorityFeePerGas = await this.client.estimateMaxPriorityFeePerGas();
    const maxFeePerGas = (block.baseFeePerGas ?? 0n) * FEE_FACTOR + maxPriorityFeePerGas;
    if (balance < value + TRANSFER_GAS * maxFeePerGas) {
      throw new NotYet(`${this.name}: ${account.address} holds ${balance}, which does not cover ${value} and its fee`);
    }
    const fees = { maxFeePerGas, maxPriorityFeePerGas, gas: TRANSFER_GAS };
    const raw = await account.signTransaction({ chainId, nonce, to, value, type: "eip1559", ...fees });
    const row: SentRow = { raw, hash: keccak256(raw) };
    rows.put("deskSent", `${this.name}/${key}`, row);
    rows.put("deskCode", `${this.name}/nonce`, nonce + 1);
    await rows.durable();
    return row;
  }

  /** The chain's count of this account's transactions, or further where some are kept that it has not seen. */
  private async nextNonce(address: Hex): Promise<number> {
    const kept = this.options.rows.get<number>("deskCode", `${this.name}/nonce`) ?? 0;
    return Math.max(kept, await this.client.getTransactionCount({ address }));
  }

  /** Sends the bytes again unless they are in a block; NotYet until that block is deep enough. */
  private async follow({ raw, hash }: SentRow): Promise<string> {
    const receipt = await this.client.getTransactionReceipt({ hash }).catch(() => undefined);
    if (receipt === undefined) {
      // A node that knows the bytes already says so with an error: what counts is the receipt.
      await this.client.sendRawTransaction({ serializedTransaction: raw }).catch(() => undefined);
      throw new NotYet(`${this.name}: ${hash} is on its way`);
    }
    const depth = (await this.client.getBlockNumber({ cacheTime: 0 })) - receipt.blockNumber;
    if (depth < BigInt(this.options.confirmations)) {
      throw new NotYet(`${this.name}: ${hash} is ${depth} of ${this.options.confirmations} blocks deep`);
    }
    if (receipt.status !== "success") {
      throw new DeskRefusal("OUTSIDE_REFUSED", `${this.name}: ${hash} failed there`);
    }
    return hash;
  }
}

// Coins of an EVM chain through viem. Every account has an address of its own below one seed; deposits count when they lie deep enough
// that the chain will not take them back. Only plain transfers count: what a contract sends along inside another transaction is not seen.

import { createPublicClient, http, type PublicClient, type Transaction } from "viem";
import { type HDAccount, HDKey, hdKeyToAccount } from "viem/accounts";
import { CodedError } from "../../../protocol/errors.js";
import type { MerchantRows } from "../../rows/merchantRows.js";
import type { DepositRow } from "../deposits.js";
import type { CoinLedger } from "./coinLedger.js";

const BLOCKS_A_READ = 50;

export interface EvmLedgerOptions {
  name: string;
  rpcUrl: string;
  /** 16 to 64 bytes; whoever has it has the coins: the operator moves them on with any wallet of this seed. */
  seed: Uint8Array;
  /** Blocks on top of a deposit before it counts. */
  confirmations: number;
  /** The first block to read where nothing was read before. */
  startBlock: bigint;
  rows: MerchantRows;
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
  private addressing: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: EvmLedgerOptions) {
    this.name = options.name;
    this.client = createPublicClient({ transport: http(options.rpcUrl) });
    this.root = HDKey.fromMasterSeed(options.seed);
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

  private accountAt(index: number): HDAccount {
    return hdKeyToAccount(this.root, { addressIndex: index });
  }

  private async makeAddress(account: string): Promise<string> {
    const { rows } = this.options;
    const known = rows.get<string>("deskCode", `${this.name}/address/${account}`);
    if (known !== undefined) {
      return known;
    }
    const index = (rows.get<number>("deskCode", `${this.name}/addresses`) ?? -1) + 1;
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
}

// A chain without consensus for the ledger's tests: people, a genesis, blocks executed one after another on a state in a Map, and
// the supply checked over all leaves after each block.

import { bytesKey, compareBytes, keyBytes, utf8Bytes } from "../../src/base/bytes.js";
import { type BlockResult, type BlockState, executeBlock } from "../../src/execution/executeBlock.js";
import { nextSequence } from "../../src/execution/verifyAdmissible.js";
import { addressOfKey, formatAddress } from "../../src/protocol/address.js";
import type { DelegateTally } from "../../src/protocol/block.js";
import { decodeContractEntry, decodeContractLeaf } from "../../src/protocol/contractLeaves.js";
import type { Delegate } from "../../src/protocol/delegates.js";
import { type ErrorCode, errorName } from "../../src/protocol/errors.js";
import { type Genesis, genesisHash, TTC_SUPPLY_UNITS } from "../../src/protocol/genesis.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { decodeOracleRequest } from "../../src/protocol/oracleLeaves.js";
import type { ChainParameters } from "../../src/protocol/parameters.js";
import { encodeParameters } from "../../src/protocol/parameters.js";
import { decodeReceipt, EVENT_KINDS, type Receipt } from "../../src/protocol/receipt.js";
import { encodeRound } from "../../src/protocol/round.js";
import {
  balanceKey,
  decodeAccountLeaf,
  decodeBalanceLeaf,
  decodeTokenLeaf,
  encodeSystemLeaf,
  LEAF_KINDS,
  leafExpiry,
  systemKey,
} from "../../src/protocol/stateLeaves.js";
import { nativeIndex, type TokenId, TTC_UNIT } from "../../src/protocol/tokens.js";
import {
  chainTag,
  decodeTransaction,
  encodeBody,
  encodeTransaction,
  type Transaction,
  type TransactionBody,
} from "../../src/protocol/transaction.js";
import type { StateChange } from "../../src/protocol/writeSet.js";
import { genesisChanges, genesisParameters } from "../../src/state/genesisState.js";
import { readAccount, readBalance, readDelegates, readLane, readParameters, readRound } from "../../src/state/views.js";
import { sha256 } from "../../src/wasm/sha256.js";

/** Somebody with a key. Execution verifies no signatures, so any 32 bytes do for one. */
export interface Person {
  name: string;
  publicKey: Uint8Array;
  address: Uint8Array;
}

export function person(name: string): Person {
  const publicKey = sha256(utf8Bytes(`key of ${name}`));
  return { name, publicKey, address: addressOfKey(publicKey) };
}

export const alice = person("alice");
export const bob = person("bob");
export const carol = person("carol");
export const bank = person("bank");
export const mint = person("mint");

/** 1 TTM is worth 10 TTC, so that the minimum fee of 0.1 TTC is 1 TTM at the least. */
export const GENESIS: Genesis = {
  name: "ledger test",
  timeMs: 1_700_000_000_000,
  development: true,
  parameters: {
    validUntilHeightsMax: 100,
    referenceHeightsMax: 1_000,
    referenceKeepHeights: 50,
    feeRateBasisPoints: 50,
    feeMinTtcUnits: "10000000",
    feeCreateTokenTtcUnits: "1000000000",
    feeMintTtcUnits: "20000000",
    feeBurnTtcUnits: "30000000",
    depositAccountTtcUnits: "50000000",
    depositBalanceTtcUnits: "25000000",
    blockBytesMax: 4_000_000,
    blockTransactionsMax: 20_000,
    blockIntervalMs: 100,
    heartbeatIntervalMs: 2_000,
    roundBlocks: 1_000,
    quotes: [{ token: "TTM", units: "1", ttcUnits: "1000000000" }],
    blockGasMax: 20_000_000,
    blockPackageGasMax: 20_000_000,
    gasPriceTtcUnits: "10000",
    depositByteTtcUnits: "10000",
  },
  issuers: {
    TTM: { needed: 2, addresses: [bank, mint, carol].map(({ address }) => formatAddress(address)) },
    TTMI: { needed: 1, addresses: [formatAddress(bank.address)] },
  },
  allocations: [
    { address: formatAddress(alice.address), amount: String(1_000_000n * TTC_UNIT) },
    { address: formatAddress(bank.address), amount: String(TTC_SUPPLY_UNITS - 1_000_000n * TTC_UNIT) },
  ],
  delegates: [{ publicKey: "11".repeat(32), power: 1 }],
};

export const GENESIS_HASH = genesisHash(GENESIS);
export const PARAMETERS: ChainParameters = genesisParameters(GENESIS.parameters);

/** A state in a Map, with the expiry order found by looking at every leaf. */
export class MapState implements BlockState {
  readonly leaves: Map<string, Uint8Array>;

  constructor(leaves: Iterable<[string, Uint8Array]> = []) {
    this.leaves = new Map(leaves);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.leaves.get(bytesKey(key));
  }

  expiredLeaves(height: number): Uint8Array[] {
    const found: { key: Uint8Array; expiry: number }[] = [];
    for (const [name, value] of this.leaves) {
      const expiry = leafExpiry(value);
      if (expiry !== undefined && expiry < height) {
        found.push({ key: keyBytes(name), expiry });
      }
    }
    return found.sort((a, b) => a.expiry - b.expiry || compareBytes(a.key, b.key)).map(({ key }) => key);
  }

  apply(changes: StateChange[]): void {
    for (const { key, value } of changes) {
      if (value === undefined) {
        this.leaves.delete(bytesKey(key));
      } else {
        this.leaves.set(bytesKey(key), value);
      }
    }
  }

  copy(): MapState {
    return new MapState(this.leaves);
  }
}

/** For each token: its supply by its own leaf, and what all accounts hold of it, deposits among the TTC. */
export function countSupplies(state: MapState): Map<string, { supply: bigint; held: bigint }> {
  const native = [0n, 0n, 0n];
  let created = 0n;
  const result = new Map<string, { supply: bigint; held: bigint }>();
  let createdSupply = 0n;
  for (const value of state.leaves.values()) {
    if (value[0] === LEAF_KINDS.account) {
      const leaf = decodeAccountLeaf(value);
      native[0] += leaf.deposit;
      leaf.balances.forEach((units, index) => {
        native[index] += units;
      });
    } else if (value[0] === LEAF_KINDS.balance) {
      const leaf = decodeBalanceLeaf(value);
      native[0] += leaf.deposit;
      created += leaf.amount;
    } else if (value[0] === LEAF_KINDS.contract) {
      native[0] += decodeContractLeaf(value).deposit;
    } else if (value[0] === LEAF_KINDS.oracleRequest) {
      native[0] += decodeOracleRequest(value).deposit;
    } else if (value[0] === LEAF_KINDS.contractEntry) {
      native[0] += decodeContractEntry(value).deposit;
    } else if (value[0] === LEAF_KINDS.token) {
      const leaf = decodeTokenLeaf(value);
      const index = leaf.heightCreated === 0 ? nativeIndex(leaf.symbol) : -1;
      if (index >= 0) {
        result.set(leaf.symbol, { supply: leaf.supply, held: 0n });
      } else {
        createdSupply += leaf.supply;
      }
    }
  }
  ["TTC", "TTM", "TTMI"].forEach((token, index) => {
    const entry = result.get(token);
    if (entry === undefined) {
      throw new Error(`no leaf of token ${token}`);
    }
    entry.held = native[index];
  });
  // Balance leaves don't name their token: all created tokens are counted together.
  result.set("created", { supply: createdSupply, held: created });
  return result;
}

/** Throws unless every token's supply is exactly what its holders hold; of TTC some of what genesis gave may have been burnt. */
export function expectSupplies(state: MapState): void {
  for (const [token, { supply, held }] of countSupplies(state)) {
    if (supply !== held || (token === "TTC" && supply > TTC_SUPPLY_UNITS)) {
      throw new Error(`${token}: supply ${supply}, held ${held}`);
    }
  }
}

/** What `ask` may leave to the chain. */
export type Wish = Partial<Omit<TransactionBody, "signers">> & { operations: Operation[]; signers?: Person[] };

export class LedgerChain {
  state: MapState;
  height = 0;
  /** Added to a block's time, which else grows by a millisecond a block. */
  timeMs = 0;
  /** Of the last block. */
  result: BlockResult = { receipts: [], changes: [], included: [], dropped: [] };

  constructor(parameters: Partial<ChainParameters> = {}) {
    this.state = new MapState();
    this.state.apply(genesisChanges(GENESIS));
    this.setParameters(parameters);
  }

  setParameters(parameters: Partial<ChainParameters>): void {
    const value = encodeSystemLeaf(encodeParameters({ ...PARAMETERS, ...parameters }));
    this.state.apply([{ key: systemKey("parameters"), value }]);
  }

  copy(): LedgerChain {
    const chain = new LedgerChain();
    chain.state = this.state.copy();
    chain.height = this.height;
    chain.timeMs = this.timeMs;
    return chain;
  }

  /** What the next blocks' proposer proves for the chain's seed, where it does. */
  seed: { proposer: Uint8Array; proof: Uint8Array } | undefined;

  /** The sequence that the lane takes in the next block, `ahead` transactions of it coming before. */
  sequence(sender: Person, lane = 0, ahead = 0): number {
    return nextSequence(readLane(this.state, sender.address, lane), this.height + 1) + ahead;
  }

  /** A transaction for the next block: by alice, in lane 0, with a wide fee limit in TTC unless the wish says otherwise. */
  ask(wish: Wish, ahead = 0): Transaction {
    const people = wish.signers ?? [alice];
    const lane = wish.lane ?? 0;
    return decodeTransaction(
      signedBytes({
        chainTag: chainTag(GENESIS_HASH),
        feePayer: 0,
        sequence: this.sequence(people[0], lane, ahead),
        validUntil: this.height + 1 + 50,
        feeToken: "TTC",
        feeLimit: 1_000_000n * TTC_UNIT,
        ...wish,
        lane,
        signers: people.map(({ address, publicKey }) => ({ address, publicKey })),
      }),
    );
  }

  /** Executes the next block, applies it and checks the supplies. */
  block(
    transactions: Transaction[],
    onInvalid: "throw" | "drop" = "throw",
    tally: readonly DelegateTally[] = [],
    parentHash = new Uint8Array(32),
  ): Receipt[] {
    this.height++;
    const timeMs = GENESIS.timeMs + this.timeMs + this.height;
    const seed = this.seed === undefined ? {} : { seed: this.seed };
    const context = { height: this.height, timeMs, genesisHash: GENESIS_HASH, tally, parentHash, ...seed };
    this.result = executeBlock(this.state, context, transactions, { onInvalid });
    this.state.apply([...this.result.changes]);
    expectSupplies(this.state);
    return this.result.receipts.map(decodeReceipt);
  }

  /** One transaction in a block of its own. */
  run(wish: Wish): Receipt {
    return this.block([this.ask(wish)])[0];
  }

  /** The name of what became of a transaction alone in the next block: "OK" or an error's code, admission's errors too. */
  outcome(wish: Wish): ErrorCode | "OK" | undefined {
    const receipts = this.block([this.ask(wish)], "drop");
    return receipts.length > 0 ? errorName(receipts[0].code) : this.result.dropped[0].error.code;
  }

  /** Lets `heights` empty blocks pass. */
  pass(heights: number): void {
    for (let i = 0; i < heights; i++) {
      this.block([]);
    }
  }

  /** Lets the round in hand have `blocks` blocks, and those after it as many. */
  shortenRound(blocks: number): void {
    const round = { ...readRound(this.state), blocks };
    this.state.apply([{ key: systemKey("round"), value: encodeSystemLeaf(encodeRound(round)) }]);
    this.setParameters({ ...readParameters(this.state), roundBlocks: blocks });
  }

  /** Empty blocks up to the first of round `number`; `work` tells what the delegates did in each round that ends on the way. */
  toRound(number: number, work: (delegates: Delegate[]) => DelegateTally[] = () => []): void {
    while (readRound(this.state).number < number) {
      this.block([], "throw", work(readDelegates(this.state)));
    }
  }

  balance(owner: Person | Uint8Array, token: TokenId = "TTC"): bigint {
    const address = owner instanceof Uint8Array ? owner : owner.address;
    const index = nativeIndex(token);
    return index >= 0
      ? (readAccount(this.state, address)?.balances[index] ?? 0n)
      : (readBalance(this.state, address, token)?.amount ?? 0n);
  }

  hasBalanceLeaf(owner: Person, token: TokenId): boolean {
    return this.state.get(balanceKey(owner.address, token)) !== undefined;
  }
}

/** Body and signatures of zeros. */
export function signedBytes(body: TransactionBody): Uint8Array {
  return encodeTransaction(
    encodeBody(body),
    body.signers.map(() => new Uint8Array(64)),
  );
}

export function transfer(to: Person | Uint8Array, amount: bigint, token: TokenId = "TTC", account = 0): Operation {
  return { kind: "transfer", account, to: to instanceof Uint8Array ? to : to.address, token, amount };
}

/** Deposits of a receipt: positive where taken, negative where returned. */
export function deposits(receipt: Receipt): { address: Uint8Array; units: bigint }[] {
  return receipt.events
    .filter(({ kind }) => kind === EVENT_KINDS.depositTaken || kind === EVENT_KINDS.depositReturned)
    .map(({ kind, data }) => {
      const units = new DataView(data.buffer, data.byteOffset + 32, 8).getBigUint64(0, true);
      return { address: data.slice(0, 32), units: kind === EVENT_KINDS.depositTaken ? units : -units };
    });
}

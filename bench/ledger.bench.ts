// The ledger alone: microseconds a transfer between random accounts of 100,000, on a state in a Map so that the tree's cost stays
// outside, beside the least that any ledger in this process would do: the same transfers on balances in a Map of numbers.

import { bytesKey } from "../src/base/bytes.js";
import { SeededRandom } from "../src/base/random.js";
import { type BlockState, executeBlock } from "../src/execution/executeBlock.js";
import { addressOfKey } from "../src/protocol/address.js";
import { encodeParameters } from "../src/protocol/parameters.js";
import { accountKey, encodeAccountLeaf, encodeSystemLeaf, systemKey } from "../src/protocol/stateLeaves.js";
import {
  chainTag,
  decodeTransaction,
  encodeBody,
  encodeTransaction,
  type Transaction,
} from "../src/protocol/transaction.js";
import type { StateChange } from "../src/protocol/writeSet.js";
import type { BenchRow } from "./row.js";

const ACCOUNTS = 100_000;
const BLOCK_TRANSACTIONS = 5_000;
const BLOCKS = 20;
const WARM_BLOCKS = 8;
const GENESIS_HASH = new Uint8Array(32).fill(1);

class MapState implements BlockState {
  readonly leaves = new Map<string, Uint8Array>();

  get(key: Uint8Array): Uint8Array | undefined {
    return this.leaves.get(bytesKey(key));
  }

  expiredLeaves(): Iterable<Uint8Array> {
    return [];
  }

  apply(changes: StateChange[]): void {
    for (const { key, value } of changes) {
      if (value !== undefined) {
        this.leaves.set(bytesKey(key), value);
      }
    }
  }
}

const PARAMETERS = {
  validUntilHeightsMax: 1_000,
  referenceHeightsMax: 1_000_000,
  referenceKeepHeights: 1_000,
  feeRateBasisPoints: 50,
  feeMinTtcUnits: 10_000_000n,
  feeCreateTokenTtcUnits: 1n,
  feeMintTtcUnits: 1n,
  feeBurnTtcUnits: 1n,
  depositAccountTtcUnits: 1n,
  depositBalanceTtcUnits: 1n,
  blockBytesMax: 1,
  blockTransactionsMax: 1,
  blockIntervalMs: 1,
  heartbeatIntervalMs: 1,
  roundBlocks: 1,
  quotes: [],
};

interface Person {
  publicKey: Uint8Array;
  address: Uint8Array;
}

function transferOf(from: Person, to: Person, sequence: number, reference: Uint8Array | undefined): Transaction {
  const body = encodeBody({
    chainTag: chainTag(GENESIS_HASH),
    signers: [from],
    feePayer: 0,
    lane: 0,
    sequence,
    validUntil: 500,
    feeToken: "TTC",
    feeLimit: 100_000_000n,
    operations: [
      { kind: "transfer", account: 0, to: to.address, token: "TTC", amount: 1_000n, ...(reference && { reference }) },
    ],
  });
  return decodeTransaction(encodeTransaction(body, [new Uint8Array(64)]));
}

/** Who pays, and whether with a reference. */
interface Load {
  name: string;
  senders: number;
  references: boolean;
}

/** Makes blocks of transfers from the load's senders to anybody, one at a time, so that they don't weigh on the heap. */
class BlockMaker {
  private readonly people: Person[];
  private readonly load: Load;
  private readonly random = new SeededRandom(2);
  private readonly sequences: Uint32Array;

  constructor(people: Person[], load: Load) {
    this.people = people;
    this.load = load;
    this.sequences = new Uint32Array(load.senders);
  }

  next(): Transaction[] {
    return Array.from({ length: BLOCK_TRANSACTIONS }, () => {
      const from = this.random.below(this.load.senders);
      const to = this.people[this.random.below(this.people.length)];
      const reference = this.load.references ? this.random.bytes(32) : undefined;
      reference?.set([100, 0, 0, 0, 0, 0, 0, 0]);
      return transferOf(this.people[from], to, this.sequences[from]++, reference);
    });
  }
}

/** The median of nanoseconds a transaction, over all blocks but the first few. */
function timeBlocks(maker: BlockMaker, run: (block: Transaction[], height: number) => void): number {
  const times: number[] = [];
  for (let height = 1; height <= BLOCKS; height++) {
    const block = maker.next();
    const start = process.hrtime.bigint();
    run(block, height);
    times.push(Number(process.hrtime.bigint() - start) / block.length);
  }
  const steady = times.slice(WARM_BLOCKS).sort((a, b) => a - b);
  return steady[steady.length >> 1];
}

function timeLedger(people: Person[], load: Load): number {
  const state = new MapState();
  const value = encodeAccountLeaf({ balances: [10n ** 12n, 0n, 0n], deposit: 0n, tokenCount: 0 });
  state.apply([{ key: systemKey("parameters"), value: encodeSystemLeaf(encodeParameters(PARAMETERS)) }]);
  state.apply(people.map(({ address }) => ({ key: accountKey(address), value })));
  let changes: StateChange[] = [];
  return timeBlocks(new BlockMaker(people, load), (transactions, height) => {
    state.apply(changes);
    changes = executeBlock(state, { height, timeMs: height, genesisHash: GENESIS_HASH }, transactions).changes;
  });
}

/** No ledger: neither fees, lanes, receipts nor encoding. What is left when all of that is taken away. */
function timeBareMap(people: Person[], load: Load): number {
  const balances = new Map(people.map(({ address }) => [bytesKey(address), 10n ** 12n]));
  return timeBlocks(new BlockMaker(people, load), (transactions) => {
    for (const { signers, operations } of transactions) {
      const [operation] = operations;
      if (operation.kind === "transfer") {
        const from = bytesKey(signers[0].address);
        const to = bytesKey(operation.to);
        balances.set(from, (balances.get(from) as bigint) - operation.amount);
        balances.set(to, (balances.get(to) as bigint) + operation.amount);
      }
    }
  });
}

const LOADS: Load[] = [
  { name: `a transfer between random accounts of ${ACCOUNTS}`, senders: ACCOUNTS, references: false },
  { name: "a transfer by one of 50 busy senders", senders: 50, references: false },
  { name: "a transfer with a reference", senders: ACCOUNTS, references: true },
];

/** A row for each load, in nanoseconds a transfer. */
export async function benchLedger(): Promise<BenchRow[]> {
  const random = new SeededRandom(1);
  const people = Array.from({ length: ACCOUNTS }, () => {
    const publicKey = random.bytes(32);
    return { publicKey, address: addressOfKey(publicKey) };
  });
  return LOADS.map((load) => {
    const nsPerOperation = timeLedger(people, load);
    const rivalNsPerOperation = timeBareMap(people, load);
    const ratio = rivalNsPerOperation / nsPerOperation;
    return { name: `ledger: ${load.name}`, nsPerOperation, rival: "balances in a Map", rivalNsPerOperation, ratio };
  });
}

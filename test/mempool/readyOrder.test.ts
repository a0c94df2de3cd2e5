// Which ready transactions a block gets where it has not room for all.

import { expect, test } from "vitest";
import { Lane, type PoolAccount, PoolEntry } from "../../src/mempool/poolAccount.js";
import { type BlockRoom, ReadyOrder } from "../../src/mempool/readyOrder.js";
import { SequenceTable } from "../../src/mempool/sequenceTable.js";
import type { ChainParameters } from "../../src/protocol/parameters.js";
import type { ReadTransaction } from "../../src/protocol/readTransaction.js";

const PARAMETERS = { blockGasMax: 1_000, blockPackageGasMax: 1_000 } as ChainParameters;

/** An entry of a lane: a payment of so many bytes, or a call with so much gas. */
function entryOf(lane: Lane, sequence: number, bytes: number, gasLimit?: number): PoolEntry {
  const transaction = { sequence, bytes: new Uint8Array(bytes) } as unknown as ReadTransaction;
  const gas = gasLimit === undefined ? undefined : { calls: gasLimit, packages: 0 };
  return new PoolEntry(transaction, lane, [], gas);
}

const waiting = new SequenceTable<PoolEntry>();
let marks = 0;

function laneOf(account: object = { lanesInUse: 0 }): Lane {
  return new Lane(account as PoolAccount, 0, undefined as never, waiting, marks++);
}

function taken(order: ReadyOrder, room: BlockRoom): number[] {
  return order.take(room, 2, PARAMETERS).map(({ sequence }) => sequence);
}

function addAll(order: ReadyOrder, lane: Lane, entries: PoolEntry[]): void {
  for (const entry of entries) {
    lane.add(entry, entries[0].transaction.sequence);
    for (let ready = lane.nextReady(); ready !== undefined; ready = lane.nextReady()) {
      order.add(ready);
    }
  }
}

test("a call never goes ahead of a payment before it in its lane that is too long for the room left", () => {
  const order = new ReadyOrder();
  const lane = laneOf();
  addAll(order, lane, [entryOf(lane, 0, 300), entryOf(lane, 1, 400), entryOf(lane, 2, 200, 10)]);
  expect(taken(order, { transactions: 9, bytes: 600 })).toEqual([0]);
  expect(taken(order, { transactions: 9, bytes: 800 })).toEqual([0, 1]);
  expect(taken(order, { transactions: 9, bytes: 900 })).toEqual([0, 1, 2]);
});

test("calls that each reserve a whole block's gas don't hide those of other senders", () => {
  const order = new ReadyOrder();
  const [hog, other] = [laneOf(), laneOf()];
  addAll(
    order,
    hog,
    Array.from({ length: 40 }, (_, sequence) => entryOf(hog, sequence, 100, 1_000)),
  );
  addAll(order, other, [entryOf(other, 100, 100, 10), entryOf(other, 101, 100, 10)]);
  const first = taken(order, { transactions: 99, bytes: 99_999 });
  expect(first.slice(0, 3)).toEqual([0, 100, 101]);
  expect(first).toHaveLength(17);
});

test("where each call uses a block's gas, senders are served in turn", () => {
  const order = new ReadyOrder();
  const lanes = [laneOf(), laneOf(), laneOf()];
  const entries = lanes.map((lane) => Array.from({ length: 3 }, (_, sequence) => entryOf(lane, sequence, 100, 1_000)));
  lanes.forEach((lane, i) => {
    addAll(order, lane, entries[i]);
  });
  const served: number[] = [];
  for (let block = 0; block < 6; block++) {
    const [first] = order.take({ transactions: 99, bytes: 99_999 }, 3, PARAMETERS);
    const entry = entries.flat().find(({ transaction }) => transaction === first)!;
    served.push(lanes.indexOf(entry.lane));
    order.remove(entry);
    entry.lane.remove(entry);
  }
  expect(served).toEqual([0, 1, 2, 0, 1, 2]);
});

test("a registration for which no gas is left stops its own sender alone", () => {
  const order = new ReadyOrder();
  const [large, small] = [laneOf(), laneOf()];
  addAll(order, large, [entryOf(large, 0, 100, 20_000), entryOf(large, 1, 100, 10)]);
  addAll(order, small, [entryOf(small, 7, 100, 10)]);
  expect(taken(order, { transactions: 99, bytes: 99_999 })).toEqual([7]);
});

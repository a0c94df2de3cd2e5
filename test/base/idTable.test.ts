// The table of items by id, against a list that is searched.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Identified, IdTable } from "../../src/base/idTable.js";
import { SeededRandom } from "../../src/base/random.js";

interface Item extends Identified<Item> {
  number: number;
}

function itemOf(idKey: string, number: number): Item {
  return { idKey, number, next: undefined };
}

/** All items with an id, as far as `next` leads. */
function allOf(table: IdTable<Item>, idKey: string): number[] {
  const found: number[] = [];
  for (let item = table.get(idKey); item !== undefined; item = item.next) {
    if (item.idKey === idKey) {
      found.push(item.number);
    }
  }
  return found.sort((a, b) => a - b);
}

test("finds all that were put in under an id and not taken out", () => {
  const step = fc.record({ id: fc.nat(5), take: fc.boolean() });
  fc.assert(
    fc.property(fc.nat(), fc.array(step), (seed, steps) => {
      const table = new IdTable<Item>(new SeededRandom(seed));
      const model: Item[] = [];
      steps.forEach(({ id, take }, number) => {
        const idKey = String.fromCharCode(id).repeat(32);
        const place = model.findIndex((item) => item.idKey === idKey);
        if (take && place >= 0) {
          const [item] = model.splice(place, 1);
          table.remove(item);
          expect(item.next).toBeUndefined();
        } else {
          const item = itemOf(idKey, number);
          model.push(item);
          table.add(item);
        }
        const left = model.filter((item) => item.idKey === idKey).map((item) => item.number);
        expect(allOf(table, idKey)).toEqual(left);
        expect(table.count).toBe(model.length);
      });
    }),
  );
});

test("gives the last one put in under an id first, also after it has grown", () => {
  const table = new IdTable<Item>(new SeededRandom(3));
  const items = Array.from({ length: 3_000 }, (_, number) => itemOf("same".padEnd(32), number));
  for (const item of items) {
    table.add(item);
  }
  for (const item of items.reverse()) {
    expect(table.get(item.idKey)).toBe(item);
    table.remove(item);
  }
  expect(table.count).toBe(0);
});

test("keeps all that it holds while it grows, and spreads ids that differ in one byte", () => {
  const random = new SeededRandom(7);
  const table = new IdTable<Item>(random);
  const ids = Array.from({ length: 5_000 }, (_, i) =>
    `${"\0".repeat(6)}${String.fromCharCode(i >> 8, i & 255)}`.padEnd(32),
  );
  const items = ids.map(itemOf);
  items.forEach((item) => {
    table.add(item);
  });
  let steps = 0;
  for (const item of items) {
    for (let at = table.get(item.idKey); at !== undefined; at = at.next) {
      steps++;
    }
  }
  expect(steps).toBeLessThan(4 * items.length);
  expect(items.every((item) => table.get(item.idKey) === item)).toBe(true);
  items.forEach((item) => {
    table.remove(item);
  });
  expect([table.count, items.some((item) => table.get(item.idKey) !== undefined)]).toEqual([0, false]);
});

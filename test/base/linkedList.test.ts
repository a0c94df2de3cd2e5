// The list whose items link themselves, against an array.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Linked, LinkedList } from "../../src/base/linkedList.js";

interface Item extends Linked<Item> {
  number: number;
}

function numbers(list: LinkedList<Item>): number[] {
  const found: number[] = [];
  for (let item = list.first; item !== undefined; item = item.after) {
    found.push(item.number);
  }
  return found;
}

test("holds what was put in and not taken out, in order, and leaves no links in what is out", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: undefined })), (steps) => {
      const list = new LinkedList<Item>();
      const model: Item[] = [];
      steps.forEach((take, number) => {
        if (take === undefined || model.length === 0) {
          const item: Item = { number, before: undefined, after: undefined };
          model.push(item);
          list.add(item);
        } else {
          const [item] = model.splice(take % model.length, 1);
          list.remove(item);
          expect([item.before, item.after]).toEqual([undefined, undefined]);
        }
        expect(numbers(list)).toEqual(model.map((item) => item.number));
        expect(list.count).toBe(model.length);
      });
    }),
  );
});

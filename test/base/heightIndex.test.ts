// The index of items by height, against a list that is searched.

import fc from "fast-check";
import { expect, test } from "vitest";
import { HeightIndex, type Limited } from "../../src/base/heightIndex.js";

test("gives what is over at a height and until then, of all that was put in and not taken out", () => {
  const step = fc.record({ height: fc.nat(4), take: fc.option(fc.nat(), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const index = new HeightIndex<Limited>();
      const model = new Set<Limited>();
      for (const { height, take } of steps) {
        if (take === undefined || model.size === 0) {
          const item: Limited = { heightOver: height, heightPlace: 0 };
          model.add(item);
          index.add(item);
        } else {
          const item = [...model][take % model.size];
          model.delete(item);
          index.remove(item);
        }
      }
      for (let height = 0; height < 5; height++) {
        const at = [...model].filter(({ heightOver }) => heightOver === height);
        const until = [...model].filter(({ heightOver }) => heightOver <= height);
        expect(new Set(index.at(height))).toEqual(new Set(at));
        expect(new Set(index.until(height))).toEqual(new Set(until));
        expect(index.until(height)).toHaveLength(until.length);
      }
    }),
  );
});

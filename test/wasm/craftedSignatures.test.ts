// The short form of `npm run agree`.
import { expect, test } from "vitest";
import { CraftedSignatures } from "../../bench/support/craftedSignatures.js";
import { SeededRandom } from "../../src/base/random.js";
import { Ed25519Kernel } from "../../src/wasm/ed25519Kernel.js";
import { layOutEd25519 } from "../../src/wasm/ed25519Memory.js";
import * as twin from "../../src/wasm/ed25519Twin.js";

test("crafted signatures get the twin's verdicts, in batches of any size, with and without tables", () => {
  const plain = new Ed25519Kernel(layOutEd25519());
  const tabled = new Ed25519Kernel(layOutEd25519({ keyTableCacheBytes: 8 << 20, keyTableBits: 4 }));
  const crafted = new CraftedSignatures(new SeededRandom(5), plain);
  for (const key of crafted.frequentKeys) {
    tabled.earnTable(key);
  }
  for (const size of [1, 2, 3, 5, 9, 40, 140]) {
    const made = Array.from({ length: size }, () => crafted.next());
    const items = made.map(({ item }) => item);
    const verdicts = twin.verifyBatch(items);
    expect(plain.verifyBatch(items)).toEqual(verdicts);
    expect(tabled.verifyBatch(items)).toEqual(verdicts);
    expect(made.map(({ expected }, i) => expected ?? verdicts[i])).toEqual(verdicts);
  }
});

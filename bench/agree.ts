// `npm run agree -- --inputs N`: N seeded random and crafted inputs to each of SHA-256 and ed25519, judged in every way that the kernels
// have, beside the twins. A difference prints the input and ends with an error. The short form of it runs among the tests.

import { parseArgs } from "node:util";
import { equalBytes, toHex } from "../src/base/bytes.js";
import { SeededRandom } from "../src/base/random.js";
import { Ed25519Kernel } from "../src/wasm/ed25519Kernel.js";
import { layOutEd25519 } from "../src/wasm/ed25519Memory.js";
import * as ed25519Twin from "../src/wasm/ed25519Twin.js";
import { sha256ScalarBase64 } from "../src/wasm/generated/sha256Scalar.js";
import * as sha256Simd from "../src/wasm/sha256.js";
import { KernelSha256 } from "../src/wasm/sha256Kernel.js";
import * as sha256Twin from "../src/wasm/sha256Twin.js";
import { type CraftedItem, CraftedSignatures } from "./support/craftedSignatures.js";

/** The twin takes a hundred times as long as the kernel: it judges one signature in so many. */
const TWIN_EVERY = 50;
const BATCH_MAX = 600;
const KEY_TABLE_CACHE_BYTES = 16 << 20;
const MESSAGE_BYTES_MAX = 300;

class Disagreement extends Error {}

function expectSame(name: string, expected: Uint8Array, found: Uint8Array, input: Uint8Array): void {
  if (!equalBytes(expected, found)) {
    throw new Disagreement(`${name} of ${toHex(input)}: expected ${toHex(expected)}, got ${toHex(found)}`);
  }
}

/** Hashes messages of every length in batches; the three implementations must give the same digests, leaves and nodes. */
function agreeOnSha256(inputs: number, random: SeededRandom): void {
  const scalar = new KernelSha256(sha256ScalarBase64);
  for (let done = 0; done < inputs; ) {
    const count = Math.min(1 + random.below(64), inputs - done);
    const messages = Array.from({ length: count }, () => random.bytes(random.below(MESSAGE_BYTES_MAX)));
    const digests = sha256Simd.sha256Many(messages);
    for (let i = 0; i < count; i++) {
      expectSame("sha256, batch and single", digests[i], sha256Simd.sha256(messages[i]), messages[i]);
      expectSame("sha256, SIMD and scalar", digests[i], scalar.sha256(messages[i]), messages[i]);
      expectSame("sha256, SIMD and twin", digests[i], sha256Twin.sha256(messages[i]), messages[i]);
    }
    const root = sha256Simd.merkleRoot(messages);
    expectSame("root, SIMD and scalar", root, scalar.merkleRoot(messages), digests[0]);
    expectSame("root, SIMD and twin", root, sha256Twin.merkleRoot(messages), digests[0]);
    done += count;
  }
}

class SignatureJudges {
  readonly plain = new Ed25519Kernel(layOutEd25519({ baseTableBits: 9 }));
  private readonly tabled = [4, 7].map(
    (keyTableBits) => new Ed25519Kernel(layOutEd25519({ keyTableCacheBytes: KEY_TABLE_CACHE_BYTES, keyTableBits })),
  );
  private judged = 0;

  earn(keys: readonly Uint8Array[]): void {
    for (const kernel of this.tabled) {
      for (const key of keys) {
        kernel.earnTable(key);
      }
    }
  }

  /** Every way gives the same verdicts, and those that are known. */
  judge(crafted: readonly CraftedItem[]): void {
    const items = crafted.map(({ item }) => item);
    const verdicts = this.plain.verifyBatch(items);
    const ways: [string, boolean[]][] = this.tabled.map((kernel) => ["with tables", kernel.verifyBatch(items)]);
    ways.push(["singly", items.map((item) => this.plain.verify(item.signature, item.message, item.publicKey))]);
    crafted.forEach(({ item, expected }, i) => {
      const others: [string, boolean | undefined][] = ways.map(([way, found]) => [way, found[i]]);
      others.push(["by its making", expected]);
      if (this.judged++ % TWIN_EVERY === 0) {
        others.push(["by the twin", ed25519Twin.verify(item.signature, item.message, item.publicKey)]);
      }
      for (const [way, verdict] of others) {
        if (verdict !== undefined && verdict !== verdicts[i]) {
          const { signature, message, publicKey } = item;
          throw new Disagreement(
            `in a batch of ${items.length}: ${verdicts[i]}, ${way}: ${verdict}; ` +
              `signature ${toHex(signature)}, message ${toHex(message)}, key ${toHex(publicKey)}`,
          );
        }
      }
    });
  }
}

function agreeOnEd25519(inputs: number, random: SeededRandom): void {
  const judges = new SignatureJudges();
  const crafted = new CraftedSignatures(random, judges.plain);
  judges.earn(crafted.frequentKeys);
  for (let done = 0; done < inputs; ) {
    // Small batches take other ways than large ones; one bad signature among good ones others than many.
    const size = random.chance(1, 2) ? 1 + random.below(12) : 1 + random.below(BATCH_MAX);
    const count = Math.min(size, inputs - done);
    judges.judge(Array.from({ length: count }, () => crafted.next()));
    done += count;
  }
}

function main(): void {
  const { values } = parseArgs({
    options: { inputs: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
  });
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    throw new Error(`expected whole numbers, got ${values.inputs} inputs of seed ${values.seed}`);
  }
  for (const [name, agree] of [
    ["sha256", agreeOnSha256],
    ["ed25519", agreeOnEd25519],
  ] as const) {
    const start = performance.now();
    agree(inputs, new SeededRandom(seed));
    console.log(
      `${name}: ${inputs} inputs of seed ${seed} agree (${((performance.now() - start) / 1_000).toFixed(0)} s)`,
    );
  }
}

main();

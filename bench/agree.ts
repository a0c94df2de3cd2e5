// `npm run agree -- --inputs N`: N seeded random and crafted inputs to each of SHA-256 and ed25519, judged in the ways that the kernels
// have, beside the twins, by as many threads as the machine has cores. A difference prints the input and ends with an error. Every
// input goes through the quickest way; the others take turns, and what each of them judged is said in the end.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
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

/** The twins take up to a hundred times as long as the kernels: they judge one signature in so many, and one batch of messages. */
const TWIN_EVERY = 100;
const TWIN_BATCH_EVERY = 8;
/** One batch in so many is also judged signature by signature. */
const SINGLY_EVERY = 4;
const BATCH_MAX = 600;
const KEY_TABLE_CACHE_BYTES = 16 << 20;
const MESSAGE_BYTES_MAX = 300;

class Disagreement extends Error {}

function expectSame(name: string, expected: Uint8Array, found: Uint8Array, input: Uint8Array): void {
  if (!equalBytes(expected, found)) {
    throw new Disagreement(`${name} of ${toHex(input)}: expected ${toHex(expected)}, got ${toHex(found)}`);
  }
}

/** How many inputs each way has judged. */
type Counts = Record<string, number>;

function count(counts: Counts, way: string, inputs: number): void {
  counts[way] = (counts[way] ?? 0) + inputs;
}

/** Hashes messages of every length in batches; the implementations must give the same digests, leaves and nodes. */
function agreeOnSha256(inputs: number, random: SeededRandom): Counts {
  const counts: Counts = {};
  const scalar = new KernelSha256(sha256ScalarBase64);
  for (let done = 0, batch = 0; done < inputs; batch++) {
    const size = Math.min(1 + random.below(64), inputs - done);
    const messages = Array.from({ length: size }, () => random.bytes(random.below(MESSAGE_BYTES_MAX)));
    const digests = sha256Simd.sha256Many(messages);
    const scalarDigests = scalar.sha256Many(messages);
    const withTwin = batch % TWIN_BATCH_EVERY === 0;
    for (let i = 0; i < size; i++) {
      expectSame("sha256, batch and single", digests[i], sha256Simd.sha256(messages[i]), messages[i]);
      expectSame("sha256, SIMD and scalar", digests[i], scalarDigests[i], messages[i]);
      if (withTwin) {
        expectSame("sha256, SIMD and twin", digests[i], sha256Twin.sha256(messages[i]), messages[i]);
      }
    }
    const root = sha256Simd.merkleRoot(messages);
    expectSame("root, SIMD and scalar", root, scalar.merkleRoot(messages), digests[0]);
    if (withTwin) {
      expectSame("root, SIMD and twin", root, sha256Twin.merkleRoot(messages), digests[0]);
      count(counts, "twin", size);
    }
    for (const way of ["SIMD in batches", "SIMD singly", "scalar"]) {
      count(counts, way, size);
    }
    done += size;
  }
  return counts;
}

class SignatureJudges {
  readonly counts: Counts = {};
  readonly plain = new Ed25519Kernel(layOutEd25519({ baseTableBits: 9 }));
  private readonly tabled = [4, 7].map(
    (keyTableBits) => new Ed25519Kernel(layOutEd25519({ keyTableCacheBytes: KEY_TABLE_CACHE_BYTES, keyTableBits })),
  );
  private judged = 0;
  private batches = 0;

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
    const tabled = this.batches % this.tabled.length;
    const ways: [string, boolean[]][] = [["with tables", this.tabled[tabled].verifyBatch(items)]];
    if (this.batches++ % SINGLY_EVERY === 0) {
      ways.push(["singly", items.map((item) => this.plain.verify(item.signature, item.message, item.publicKey))]);
    }
    count(this.counts, "in batches", items.length);
    for (const [way] of ways) {
      count(this.counts, way, items.length);
    }
    crafted.forEach(({ item, expected }, i) => {
      const others: [string, boolean | undefined][] = ways.map(([way, found]) => [way, found[i]]);
      others.push(["by its making", expected]);
      if (this.judged++ % TWIN_EVERY === 0) {
        others.push(["by the twin", ed25519Twin.verify(item.signature, item.message, item.publicKey)]);
        count(this.counts, "twin", 1);
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

function agreeOnEd25519(inputs: number, random: SeededRandom): Counts {
  const judges = new SignatureJudges();
  const crafted = new CraftedSignatures(random, judges.plain);
  judges.earn(crafted.frequentKeys);
  for (let done = 0; done < inputs; ) {
    // Small batches take other ways than large ones; one bad signature among good ones others than many.
    const size = random.chance(1, 2) ? 1 + random.below(12) : 1 + random.below(BATCH_MAX);
    const batch = Math.min(size, inputs - done);
    judges.judge(Array.from({ length: batch }, () => crafted.next()));
    done += batch;
  }
  return judges.counts;
}

const AREAS = { sha256: agreeOnSha256, ed25519: agreeOnEd25519 };

interface Part {
  area: keyof typeof AREAS;
  inputs: number;
  seed: number;
}

/** A thread's part of the inputs; it fails with the first difference. */
function runPart(part: Part): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: part });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: String(availableParallelism()) },
    },
  });
  const [inputs, seed, threads] = [values.inputs, values.seed, values.threads].map(Number);
  if (![inputs, seed, threads].every(Number.isSafeInteger) || inputs < 1 || threads < 1) {
    throw new Error(
      `expected whole numbers, got ${values.inputs} inputs of seed ${values.seed} in ${values.threads} threads`,
    );
  }
  for (const area of ["sha256", "ed25519"] as const) {
    const start = performance.now();
    const parts = Array.from({ length: threads }, (_, thread) => ({
      area,
      inputs: Math.floor((inputs * (thread + 1)) / threads) - Math.floor((inputs * thread) / threads),
      // The first thread's is the one that is named: one thread judges the same inputs again.
      seed: seed + thread,
    }));
    const sums: Counts = {};
    for (const counts of await Promise.all(parts.map(runPart))) {
      for (const [way, judged] of Object.entries(counts)) {
        count(sums, way, judged);
      }
    }
    const ways = Object.entries(sums).map(([way, judged]) => `${judged} ${way}`);
    const seconds = ((performance.now() - start) / 1_000).toFixed(0);
    console.log(`${area}: ${inputs} inputs of seeds from ${seed} on agree (${seconds} s): ${ways.join(", ")}`);
  }
}

if (isMainThread) {
  await main();
} else {
  const { area, inputs, seed } = workerData as Part;
  parentPort?.postMessage(AREAS[area](inputs, new SeededRandom(seed)));
}

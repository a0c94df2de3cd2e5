// ed25519 on the kernel's paths beside @noble/curves, Node's OpenSSL and libsodium in WebAssembly; messages of 150 bytes, hashing
// included. Rivals judge one signature at a time and by other rules than ZIP-215 (noble is told to follow it), so that they
// stand here for speed alone. "Cold": every key is new to the kernel; "known": decompressed before; "table": has earned one.

import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as opensslSign,
  verify as opensslVerify,
} from "node:crypto";
import { ed25519 as noble } from "@noble/curves/ed25519.js";
import sodium from "libsodium-wrappers";
import { concatBytes, fromHex } from "../src/base/bytes.js";
import { SeededRandom } from "../src/base/random.js";
import { Ed25519Kernel, type SignedItem } from "../src/wasm/ed25519Kernel.js";
import { layOutEd25519 } from "../src/wasm/ed25519Memory.js";
import { type BenchedCall, compareWithRivals } from "./compareWithRivals.js";
import type { BenchRow } from "./row.js";

const MESSAGE_BYTES = 150;
/** More keys than the kernel remembers, so that going round through them meets none again. */
const KEY_COUNT = 12_288;
const BATCH_SIZES = [64, 256, 1024];
/** Rivals take a part of a batch: their cost a signature doesn't depend on it. */
const RIVAL_COUNT = 16;
const KEY_TABLE_CACHE_BYTES = 600 << 20;
const BASE_TABLE_BITS = 12;
const SPKI_HEAD = fromHex("302a300506032b6570032100")!;
const PKCS8_HEAD = fromHex("302e020100300506032b657004220420")!;

interface KeyedItem extends SignedItem {
  readonly seed: Uint8Array;
}

function signedItems(kernel: Ed25519Kernel): KeyedItem[] {
  const random = new SeededRandom(1);
  return Array.from({ length: KEY_COUNT }, () => {
    const seed = random.bytes(32);
    const message = random.bytes(MESSAGE_BYTES);
    return { seed, message, signature: kernel.sign(message, seed), publicKey: kernel.getPublicKey(seed) };
  });
}

const publicKeyObject = (publicKey: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(concatBytes(SPKI_HEAD, publicKey)), format: "der", type: "spki" });

/** Each rival verifies `RIVAL_COUNT` signatures in a call; key objects are made beforehand. */
function verifyingRivals(items: readonly KeyedItem[]): Record<string, BenchedCall> {
  const some = items.slice(0, RIVAL_COUNT);
  const keys = some.map((item) => publicKeyObject(item.publicKey));
  return {
    "@noble/curves": () => some.every((item) => noble.verify(item.signature, item.message, item.publicKey)),
    "node:crypto": () => some.every((item, i) => opensslVerify(null, item.message, keys[i], item.signature)),
    "libsodium-wrappers": () =>
      some.every((item) => sodium.crypto_sign_verify_detached(item.signature, item.message, item.publicKey)),
  };
}

/** Compares a call of `ours` over `ourCount` signatures with rivals over RIVAL_COUNT, for one signature each. */
async function compare(name: string, ours: BenchedCall, ourCount: number, rivals: Record<string, BenchedCall>) {
  const rows = await compareWithRivals(name, ours, rivals, ourCount);
  return rows.map((row): BenchRow => {
    const rivalNsPerOperation = (row.rivalNsPerOperation * ourCount) / RIVAL_COUNT;
    return { ...row, rivalNsPerOperation, ratio: rivalNsPerOperation / row.nsPerOperation };
  });
}

async function signingRows(kernel: Ed25519Kernel, { message, seed }: KeyedItem): Promise<BenchRow[]> {
  const key = createPrivateKey({ key: Buffer.from(concatBytes(PKCS8_HEAD, seed)), format: "der", type: "pkcs8" });
  const pair = sodium.crypto_sign_seed_keypair(seed);
  return compareWithRivals("ed25519 sign", () => kernel.sign(message, seed), {
    "@noble/curves": () => noble.sign(message, seed),
    "node:crypto": () => opensslSign(null, message, key),
    "libsodium-wrappers": () => sodium.crypto_sign_detached(message, pair.privateKey),
  });
}

/** Gives the next `size` of the items at each call, round and round. */
function rotating(items: readonly KeyedItem[], size: number): () => readonly KeyedItem[] {
  let start = 0;
  return () => {
    start = start + 2 * size > items.length ? 0 : start + size;
    return items.slice(start, start + size);
  };
}

async function batchRows(
  plain: Ed25519Kernel,
  tabled: Ed25519Kernel,
  items: readonly KeyedItem[],
): Promise<BenchRow[]> {
  const rivals = verifyingRivals(items);
  const rows: BenchRow[] = [];
  for (const size of BATCH_SIZES) {
    const next = rotating(items, size);
    const same = items.slice(0, size);
    const name = (kind: string): string => `ed25519 verify a batch of ${size}, each key ${kind}`;
    rows.push(
      ...(await compare(name("cold"), () => plain.verifyBatch(next()), size, rivals)),
      ...(await compare(name("known"), () => plain.verifyBatch(same), size, rivals)),
      ...(await compare(name("with a table"), () => tabled.verifyBatch(same), size, rivals)),
    );
  }
  return rows;
}

/** All rows of ed25519: signing, single verification, batches by each path. */
export async function ed25519Bench(): Promise<BenchRow[]> {
  await sodium.ready;
  const plain = new Ed25519Kernel(layOutEd25519({ baseTableBits: BASE_TABLE_BITS }));
  const tabled = new Ed25519Kernel(
    layOutEd25519({ baseTableBits: BASE_TABLE_BITS, keyTableCacheBytes: KEY_TABLE_CACHE_BYTES }),
  );
  const items = signedItems(plain);
  for (const item of items.slice(0, Math.max(...BATCH_SIZES))) {
    tabled.earnTable(item.publicKey);
  }
  const [item] = items;
  const { signature, message, publicKey } = item;
  const rivals = verifyingRivals(items);
  return [
    ...(await signingRows(plain, item)),
    ...(await compare("ed25519 verify one, no table", () => plain.verify(signature, message, publicKey), 1, rivals)),
    ...(await compare(
      "ed25519 verify one, with a table",
      () => tabled.verify(signature, message, publicKey),
      1,
      rivals,
    )),
    ...(await batchRows(plain, tabled, items)),
  ];
}

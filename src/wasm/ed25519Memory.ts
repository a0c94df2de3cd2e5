// Lays out the memory of the ed25519 kernel and instantiates it there. The kernel allocates nothing: this file gives every
// instance a workspace and an input region of its own, and all instances the same tables. The plan is plain data, so that a
// pool can hand it, with a shared WebAssembly.Memory, to its workers. Runs in Node and in a browser.
//
// Layout: the kernel's constants, the base point's tables, the cache of key tables, then for each instance workspace and input.

import { assert } from "../base/assert.js";
import { ed25519Base64 } from "./generated/ed25519.js";
import { decodeBase64 } from "./loadKernel.js";

/** The exports of assembly/ed25519.ts; addresses and lengths are in bytes of the memory. */
export interface Ed25519Exports {
  readonly BATCH_MAX: WebAssembly.Global;
  workspaceBytes(): number;
  baseRegionBytes(bits: number): number;
  cacheBytes(slots: number, bits: number): number;
  assign(region: number, seed0: bigint, seed1: bigint): void;
  assignBaseTables(region: number, bits: number): void;
  assignKeyTables(region: number, slots: number, bits: number): void;
  buildBaseTables(): void;
  earnTable(key: number): number;
  signatureOf(place: number): number;
  keyOf(place: number): number;
  factorOf(place: number): number;
  verdictOf(place: number): number;
  hashBegin(place: number): void;
  hashUpdate(bytes: number, length: number): void;
  hashEnd(place: number): void;
  hashMessage(place: number, bytes: number, length: number): void;
  takeRecords(index: number, count: number, bytes: number, first: number, prefix: number, prefixLength: number): void;
  judgeWithTables(count: number): number;
  judgeOthers(count: number): void;
  publicKeyOf(result: number, seed: number): void;
  signBegin(seed: number): void;
  signCommit(): void;
  signEnd(result: number): void;
}

export interface Ed25519Options {
  /** Instances that will use the memory at the same time, one for each thread. Default 1. */
  instances?: number;
  /** Whether the memory is shared between threads (needs SharedArrayBuffer). Default: where there are several instances. */
  shared?: boolean;
  /** Bytes for the cache of key tables; default 0: no key gets a table. */
  keyTableCacheBytes?: number;
  /** Bits of a window of a key's table, 4 to 8: 73, 106, 181, 304 or 528 KB a key; more bits are faster. Default 8. */
  keyTableBits?: number;
  /** Bits of a window of the base point's table, 4 to 12: 0.5 MB at 8, 5.8 MB at 12. Default 8. */
  baseTableBits?: number;
}

/** A laid-out memory: structured clones of it go to workers where the memory is shared. */
export interface Ed25519Memory {
  readonly memory: WebAssembly.Memory;
  readonly instances: number;
  readonly baseTableBits: number;
  readonly baseRegion: number;
  readonly keyTableBits: number;
  readonly keyTableSlots: number;
  readonly keyRegion: number;
  /** Where the first instance's workspace is; the others' follow, `instanceBytes` apart. */
  readonly workspaces: number;
  readonly instanceBytes: number;
  /** Where an instance's input region begins within its part. */
  readonly inputOffset: number;
  /** The seed of key hashes. */
  readonly seed: readonly [bigint, bigint];
}

/** Bytes of an instance's input region: packed batches up to this size go to the kernel in one piece. */
export const INPUT_BYTES = 1 << 20;
const PAGE_BYTES = 65536;
const PAGES_MAX = 65536;
/** The kernel's constants end below. */
const REGIONS_START = PAGE_BYTES;

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

let kernelBytes: Uint8Array<ArrayBuffer> | undefined;
const modules = new Map<boolean, WebAssembly.Module>();

/** The name "env" "memory" of the import, followed by the kind of a memory; its limits' flags follow. */
const MEMORY_IMPORT = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2];
const FLAG_SHARED = 2;

/** The compiled kernel. One binary serves both kinds of memory: they differ in one bit of the import. */
export function compileEd25519(shared: boolean): WebAssembly.Module {
  const known = modules.get(shared);
  if (known !== undefined) {
    return known;
  }
  kernelBytes ??= decodeBase64(ed25519Base64);
  const bytes = kernelBytes.slice();
  if (shared) {
    const at = bytes.findIndex((_, i) => MEMORY_IMPORT.every((byte, j) => bytes[i + j] === byte));
    assert(at >= 0, "the ed25519 kernel imports its memory");
    bytes[at + MEMORY_IMPORT.length] |= FLAG_SHARED;
  }
  const module = new WebAssembly.Module(bytes);
  modules.set(shared, module);
  return module;
}

function instantiate(memory: WebAssembly.Memory, shared: boolean): Ed25519Exports {
  return new WebAssembly.Instance(compileEd25519(shared), { env: { memory } }).exports as unknown as Ed25519Exports;
}

/** Lays out a memory for the options and fills the base point's tables (3 ms at 8 bits, 35 ms at 12). */
export function layOutEd25519(options: Ed25519Options = {}): Ed25519Memory {
  const { instances = 1, keyTableCacheBytes = 0, keyTableBits = 8, baseTableBits = 8 } = options;
  const shared = options.shared ?? instances > 1;
  assert(instances >= 1 && (shared || instances === 1), "several instances need a shared memory");
  assert(keyTableBits >= 4 && keyTableBits <= 8, `a key's table has windows of 4 to 8 bits, got ${keyTableBits}`);
  assert(baseTableBits >= 4 && baseTableBits <= 12, `the base table has windows of 4 to 12 bits, got ${baseTableBits}`);
  const sizes = instantiate(new WebAssembly.Memory({ initial: 1, maximum: PAGES_MAX, shared }), shared);
  const slotBytes = sizes.cacheBytes(2, keyTableBits) - sizes.cacheBytes(1, keyTableBits);
  const keyTableSlots = Math.floor(keyTableCacheBytes / slotBytes);
  const baseRegion = REGIONS_START;
  const keyRegion = baseRegion + align(sizes.baseRegionBytes(baseTableBits));
  const workspaces = keyRegion + align(sizes.cacheBytes(keyTableSlots, keyTableBits));
  const inputOffset = align(sizes.workspaceBytes());
  const instanceBytes = inputOffset + INPUT_BYTES;
  const pages = Math.ceil((workspaces + instances * instanceBytes) / PAGE_BYTES);
  assert(pages <= PAGES_MAX, `tables and instances fit 4 GiB, got ${pages * PAGE_BYTES} bytes`);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  const words = crypto.getRandomValues(new BigUint64Array(2));
  const plan: Ed25519Memory = {
    memory,
    instances,
    baseTableBits,
    baseRegion,
    keyTableBits,
    keyTableSlots,
    keyRegion,
    workspaces,
    instanceBytes,
    inputOffset,
    seed: [words[0], words[1]],
  };
  bindInstance(plan, 0).buildBaseTables();
  return plan;
}

/** The kernel bound to part number `instance` of the plan: no two threads may use the same one. */
export function bindInstance(plan: Ed25519Memory, instance: number): Ed25519Exports {
  assert(instance >= 0 && instance < plan.instances, `instances are 0 to ${plan.instances - 1}, got ${instance}`);
  const shared = !(plan.memory.buffer instanceof ArrayBuffer);
  const kernel = instantiate(plan.memory, shared);
  kernel.assign(plan.workspaces + instance * plan.instanceBytes, plan.seed[0], plan.seed[1]);
  kernel.assignBaseTables(plan.baseRegion, plan.baseTableBits);
  kernel.assignKeyTables(plan.keyRegion, plan.keyTableSlots, plan.keyTableBits);
  return kernel;
}

// Loads the WebAssembly kernels that scripts/build-wasm.mjs embedded. Synchronous, without files or Node's own modules,
// so that the same code runs in a browser. Each kernel's exports are typed here.

/** The exports of assembly/sha256.ts; addresses and lengths are in bytes of `memory`. */
export interface Sha256KernelExports {
  readonly memory: WebAssembly.Memory;
  /** The first byte of `memory` that belongs to the host. */
  hostMemory(): number;
  hashMessage(from: number, length: number, to: number): void;
  hashMessages(from: number, offsets: number, count: number, prefix: number, to: number, toStride: number): void;
  streamBegin(): void;
  streamBlocks(from: number, blocks: number): void;
  streamEnd(from: number, length: number, to: number): void;
  hashPairs(pairs: number, count: number, prefix: number, to: number): void;
  fillLeftHalves(hashes: number, count: number, pairs: number): void;
  reduceTree(hashes: number, count: number, prefix: number): void;
}

/** The bytes of base64 `text`. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) {
    bytes[i] = characters.charCodeAt(i);
  }
  return bytes;
}

/** A module with one function whose body is `v128.const 0; drop`. */
const SIMD_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x17, 0x01, 0x15, 0x00, 0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x0b],
);

/** Whether this engine has WebAssembly's 128-bit vectors. */
export function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/** A fresh instance of a kernel that imports nothing; its exports, typed by the caller's interface. */
export function instantiateKernel<Exports>(base64: string): Exports {
  const module = new WebAssembly.Module(decodeBase64(base64));
  return new WebAssembly.Instance(module).exports as Exports;
}

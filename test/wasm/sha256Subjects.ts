// The implementations that the suites of SHA-256 and the Merkle trees run over.

import { sha256ScalarBase64 } from "../../src/wasm/generated/sha256Scalar.js";
import * as loaded from "../../src/wasm/sha256.js";
import type { Sha256Functions } from "../../src/wasm/sha256Functions.js";
import { KernelSha256 } from "../../src/wasm/sha256Kernel.js";
import * as twin from "../../src/wasm/sha256Twin.js";

export const subjects: [name: string, functions: Sha256Functions][] = [
  // The tests run in an engine with SIMD, which one of them asserts.
  ["SIMD kernel", loaded],
  ["scalar kernel", new KernelSha256(sha256ScalarBase64)],
  ["TypeScript twin", twin],
];

// The same kernel, built without SIMD (asconfig.json) for engines that lack it.

export * from "./sha256";

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: a third test process would only add noise.
    maxWorkers: 2,
    pool: "forks",
  },
});

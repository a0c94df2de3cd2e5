// Says what to do where the engine isn't there.

import { existsSync } from "node:fs";
import { UsageError } from "./failures.js";

/** Throws UsageError where there is no program at this path. */
export function expectEngine(binary: string): void {
  if (!existsSync(binary)) {
    throw new UsageError(
      `expected the engine at ${binary}, got nothing: npm run engine:install builds it (needs Go), or set TTCHAIN_ENGINE to where it is`,
    );
  }
}

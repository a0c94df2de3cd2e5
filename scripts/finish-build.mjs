// The last step of a build: the command's entry point must be executable for `npx ttchain`.
import { chmodSync, existsSync } from "node:fs";

const entry = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(entry)) {
  chmodSync(entry, 0o755);
}

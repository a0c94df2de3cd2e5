// `npm run measure:restore -- --accounts N`: how long a chain of N accounts takes to be written into a snapshot, restored from it, and verified.

import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toHex } from "../../src/base/bytes.js";
import { createSnapshot } from "../../src/createSnapshot.js";
import { restoreSnapshot } from "../../src/restoreSnapshot.js";
import { verifyChain } from "../../src/verifyChain.js";
import { makeChain } from "./madeChain.js";

const { values } = parseArgs({ options: { accounts: { type: "string", default: "1000000" } } });
const directory = await mkdtemp(join(tmpdir(), "ttchain-restore-"));

async function timed<T>(what: string, work: Promise<T>): Promise<T> {
  const startMs = performance.now();
  const result = await work;
  console.log(`${what}: ${((performance.now() - startMs) / 1_000).toFixed(1)} s`);
  return result;
}

try {
  const chain = join(directory, "chain");
  const file = join(directory, "chain.snap");
  const restored = join(directory, "restored");
  const { height, root } = await timed(`making ${values.accounts} accounts`, makeChain(chain, Number(values.accounts)));
  await timed("snapshot create", createSnapshot({ dataDirectory: chain, file, withBlocks: false }));
  console.log(`snapshot of height ${height}: ${((await stat(file)).size / 1e6).toFixed(1)} MB`);
  const { manifest } = await timed("snapshot restore", restoreSnapshot({ file, dataDirectory: restored }));
  const found = await timed("verify", verifyChain({ dataDirectory: restored }));
  const same = manifest.stateRoot === toHex(root) && found.sound;
  console.log(`${found.leaves} leaves; root ${same ? "the same, verified" : "NOT the same"}`);
  console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1_024)} MB`);
  process.exitCode = same ? 0 : 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}

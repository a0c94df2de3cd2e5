// Certificates that came later than their blocks go when those blocks do, and no earlier.

import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { CERTIFICATE_PENDING, CERTIFICATE_SOLO } from "../../src/protocol/certificate.js";
import { BlockStore } from "../../src/storage/blockStore.js";
import { CERTIFICATES_TABLE, CertificateStore } from "../../src/storage/certificateStore.js";
import { makeBlock } from "../history/madeBlock.js";
import { MemoryStore } from "../support/memoryStore.js";
import { openLog } from "./blockLogHelpers.js";
import { SimulatedDisk } from "./simulatedDisk.js";

const SEGMENT_BYTES = 4_096;
const BLOCKS = 60;

/** Heights that the store of certificates names. */
function heightsIn(store: MemoryStore): number[] {
  return [...store.range(CERTIFICATES_TABLE, {})].map(({ key }) => Number(Buffer.from(key).readBigUInt64BE(0)));
}

test("pruning blocks lets go of their certificates, and of those that never came, and keeps all others", async () => {
  const store = new MemoryStore();
  const log = await openLog(new SimulatedDisk(new SeededRandom(1)), SEGMENT_BYTES);
  const blocks = await BlockStore.open(log, new CertificateStore(store));
  const pending = { kind: CERTIFICATE_PENDING, signatures: [] } as const;
  for (let height = 1; height <= BLOCKS; height++) {
    await blocks.expectCertificate(height);
    await blocks.append({ ...makeBlock(height, []), certificate: { ...pending, signatures: [] } });
    if (height % 5 !== 0) {
      const signature = new Uint8Array(64).fill(height);
      await blocks.putCertificate(height, { kind: CERTIFICATE_SOLO, signatures: [{ delegate: 0, signature }] });
    }
  }
  await blocks.dropBelow(40);
  const first = blocks.firstHeight!;
  expect(first).toBeGreaterThan(1);
  expect(first).toBeLessThanOrEqual(40);
  expect(heightsIn(store)).toEqual(Array.from({ length: BLOCKS - first + 1 }, (_, i) => first + i));
  expect(blocks.pendingCertificates()).toEqual(heightsIn(store).filter((height) => height % 5 === 0));
  expect((await blocks.read(41))?.certificate.signatures[0].signature[0]).toBeGreaterThan(0);
});

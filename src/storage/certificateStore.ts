// Certificates that came after their blocks, by height, beside the block log. An empty value stands for one that is still to come.

import { type Certificate, decodeCertificate, encodeCertificate } from "../protocol/certificate.js";
import type { KeyValueStore } from "./keyValueStore.js";

export const CERTIFICATES_TABLE = "certificates";
const KEY_BYTES = 8;
const DROPPED_AT_ONCE = 1_024;
const EMPTY = new Uint8Array(0);

function keyOf(height: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  new DataView(key.buffer).setBigUint64(0, BigInt(height));
  return key;
}

export class CertificateStore {
  constructor(private readonly store: KeyValueStore) {}

  /** The certificate that came later; undefined where the block's own record has it, or it is still to come. */
  get(height: number): Certificate | undefined {
    const value = this.store.get(CERTIFICATES_TABLE, keyOf(height));
    return value === undefined || value.length === 0 ? undefined : decodeCertificate(value);
  }

  /** Notes that a block is stored without its certificate. */
  expect(height: number): Promise<void> {
    return this.store.write([{ table: CERTIFICATES_TABLE, key: keyOf(height), value: EMPTY }]);
  }

  put(height: number, certificate: Certificate): Promise<void> {
    return this.store.write([{ table: CERTIFICATES_TABLE, key: keyOf(height), value: encodeCertificate(certificate) }]);
  }

  /** Heights whose certificates are still to come, the lowest first. */
  *expected(): Generator<number> {
    for (const { key, value } of this.store.range(CERTIFICATES_TABLE, {})) {
      if (value.length === 0) {
        yield Number(new DataView(key.buffer, key.byteOffset).getBigUint64(0));
      }
    }
  }

  /** Lets go of the certificates of blocks below `height`, come or still to come: without its block none proves anything. */
  async dropBelow(height: number): Promise<void> {
    for (;;) {
      const range = { end: keyOf(height), limit: DROPPED_AT_ONCE };
      const changes = [...this.store.range(CERTIFICATES_TABLE, range)].map(({ key }) => ({
        table: CERTIFICATES_TABLE,
        key,
        value: undefined,
      }));
      if (changes.length === 0) {
        return;
      }
      await this.store.write(changes);
    }
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

// The secret that the gateway derives others from: keys of stores and of webhooks. So an answer that shows a new secret can be
// given again, for ever, and no row holds one.

import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../base/random.js";
import { readSecretFile, saveFile } from "../../base/secretFile.js";

const FILE = "gateway-secret";
const SECRET_BYTES = 32;

export class GatewaySecret {
  private constructor(private readonly bytes: Uint8Array) {}

  /** Reads the directory's secret, or makes it. Throws SecretFileError where others can read it. */
  static async open(directory: string, random: Random): Promise<GatewaySecret> {
    const path = join(directory, FILE);
    if (!existsSync(path)) {
      await saveFile(path, random.bytes(SECRET_BYTES));
    }
    return new GatewaySecret(await readSecretFile(path));
  }

  private derive(purpose: string): Buffer {
    return createHmac("sha256", this.bytes).update(purpose).digest();
  }

  /** The whole text of the key with this id. */
  storeKey(id: string): string {
    return `tsk_${id}_${this.derive(`store key/${id}`).toString("hex")}`;
  }

  /** A webhook's secret, in the form of the Standard Webhooks specification. */
  webhookSecret(id: string, number: number): string {
    return `whsec_${this.derive(`webhook/${id}/${number}`).toString("base64")}`;
  }
}

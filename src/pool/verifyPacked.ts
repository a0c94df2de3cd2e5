// Judges a packed batch on the thread that calls: in a worker, or inline where there are none.
import { concatBytes } from "../base/bytes.js";
import { ed25519 } from "../wasm/ed25519.js";
import {
  type PackedSignatures,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
  type SignatureItem,
  unpackSignatures,
} from "./packedSignatures.js";

/** A byte for each signature, in order: 1 where it is valid under ZIP-215, else 0. */
export function verifyPacked(packed: PackedSignatures): Uint8Array {
  const { count, prefix, index, bytes } = unpackSignatures(packed);
  const items: SignatureItem[] = [];
  for (let i = 0; i < count; i++) {
    const [messageAt, messageLength, signatureAt, keyAt] = index.subarray(4 * i, 4 * i + 4);
    items.push({
      signature: bytes.subarray(signatureAt, signatureAt + SIGNATURE_BYTES),
      message: concatBytes(prefix, bytes.subarray(messageAt, messageAt + messageLength)),
      publicKey: bytes.subarray(keyAt, keyAt + PUBLIC_KEY_BYTES),
    });
  }
  return Uint8Array.from(ed25519.verifyBatch(items), Number);
}

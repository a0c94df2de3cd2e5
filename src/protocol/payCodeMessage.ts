// What a customer's code signs: a tag of its own, so that no signature of it is one of a transaction, and the chain it is for.

import { concatBytes, utf8Bytes } from "../base/bytes.js";

const TAG = utf8Bytes("ttchain pay code 1");

export function payCodeMessage(genesisHash: Uint8Array, body: Uint8Array): Uint8Array {
  return concatBytes(TAG, genesisHash, body);
}

// Verifies a mempool's batches on the calling thread.

import type { VerifyBatch } from "../../src/mempool/signatureBatcher.js";
import { packTransactions, unpackSignatures } from "../../src/pool/packedSignatures.js";
import { Ed25519Kernel } from "../../src/wasm/ed25519Kernel.js";

const kernel = new Ed25519Kernel();

export const verifyBatchHere: VerifyBatch = async (transactions, prefix) =>
  kernel.verifyPacked(unpackSignatures(packTransactions(transactions, prefix)));

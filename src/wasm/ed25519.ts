// ed25519 as the product uses it: ZIP-215 verdicts, RFC 8032 signatures.

import { getPublicKey, sign, verify, verifyBatch } from "./ed25519Twin.js";

export const ed25519 = { sign, getPublicKey, verify, verifyBatch };

// Blocks of payments as the history reads them: real transactions whose signatures are zeros, in blocks that nobody agreed on.

import { SeededRandom } from "../../src/base/random.js";
import { addressOfKey } from "../../src/protocol/address.js";
import { encodeResult } from "../../src/protocol/block.js";
import { CERTIFICATE_SOLO } from "../../src/protocol/certificate.js";
import { encodeReceipt, NO_OPERATION } from "../../src/protocol/receipt.js";
import { decodeTransaction, encodeBody, encodeTransaction } from "../../src/protocol/transaction.js";
import { encodeWriteSet } from "../../src/protocol/writeSet.js";
import type { CommittedBlock } from "../../src/storage/committedBlock.js";
import { sha256 } from "../../src/wasm/sha256.js";

const ZERO = new Uint8Array(32);
const BLOCK_MS = 100;
const BEGIN_MS = 1_700_000_000_000;
const receipt = encodeReceipt({ code: 0, operationIndex: NO_OPERATION, fee: 5n, events: [] });

interface Payer {
  publicKey: Uint8Array;
  address: Uint8Array;
}

export class PaidBlocks {
  private readonly random = new SeededRandom(1);
  private readonly people: Payer[];
  private height = 0;

  constructor(accounts: number) {
    this.people = Array.from({ length: accounts }, () => {
      const publicKey = this.random.bytes(32);
      return { publicKey, address: addressOfKey(publicKey) };
    });
  }

  get merchant(): Uint8Array {
    return this.people[0].address;
  }

  /** The next block: payments of random accounts, to the merchant or to one another. */
  next(payments: number, to: "merchant" | "anybody"): CommittedBlock {
    const height = ++this.height;
    const one = (): Payer => this.people[1 + this.random.below(this.people.length - 1)];
    const bytes = Array.from({ length: payments }, (_, sequence) => {
      const payee = to === "merchant" ? this.merchant : one().address;
      const body = encodeBody({
        chainTag: ZERO.slice(0, 4),
        signers: [one()],
        feePayer: 0,
        lane: 0,
        sequence,
        validUntil: height + 100,
        feeToken: "TTC",
        feeLimit: 5n,
        operations: [{ kind: "transfer", account: 0, to: payee, token: "TTC", amount: BigInt(height) }],
      });
      return encodeTransaction(body, [new Uint8Array(64)]);
    });
    const header = {
      height,
      timeMs: BEGIN_MS + height * BLOCK_MS,
      proposer: ZERO,
      parentHash: ZERO,
      transactionsRoot: ZERO,
    };
    const hashes = { payloadRoot: ZERO, receiptsRoot: ZERO, writeSetHash: ZERO, delegateSetHash: ZERO, proposer: ZERO };
    const signature = new Uint8Array(64);
    return {
      height,
      hash: sha256(Uint8Array.of(height, height >>> 8, height >>> 16, height >>> 24)),
      block: {
        header,
        result: encodeResult({
          height,
          parentHash: ZERO,
          stateRoot: ZERO,
          signature,
          tally: [],
          seedProof: new Uint8Array(0),
          ...hashes,
        }),
        transactions: bytes,
      },
      certificate: { kind: CERTIFICATE_SOLO, signatures: [] },
      receipts: bytes.map(() => receipt),
      writeSet: encodeWriteSet([]),
      transactions: bytes.map(decodeTransaction),
    };
  }
}

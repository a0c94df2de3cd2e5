// The intake kernel (assembly/intake.ts) and its memory as one object: arriving transactions in, what admission needs of plain
// payments out. What it gives are copies, so that nothing of it changes with the next batch.

import { bytesKeyAt } from "../base/bytes.js";
import { intakeBase64 } from "./generated/intake.js";
import { instantiateKernel } from "./loadKernel.js";

type Global = { readonly value: number };

interface IntakeExports {
  readonly memory: WebAssembly.Memory;
  readonly TRANSACTIONS_MAX: Global;
  readonly INPUT_SIZE: Global;
  readonly SUMMARY_SIZE: Global;
  readonly input: Global;
  readonly inputOffsets: Global;
  readonly ids: Global;
  layOut(): number;
  parameters(): number;
  parametersSize(): number;
  summaries(): number;
  addresses(): number;
  read(count: number): void;
}

/** What is read of a payment and kept for as long as it waits; a payment is one transfer, signed by accounts' own keys alone. */
export interface ReadPayment {
  bodyBytes: number;
  /** `bytesKey` of the id. */
  idKey: string;
  lane: number;
  sequence: number;
  validUntil: number;
}

/** What only its admission needs; addresses as keys of maps (`bytesKey`). */
export interface PaymentTerms {
  /** The first signer. */
  sender: string;
  /** The others, in their order. */
  cosigners: readonly string[];
  /** Places among the signers. */
  feePayer: number;
  payer: number;
  payee: string;
  /** Numbers of the chain's own tokens. */
  feeToken: number;
  token: number;
  fee: bigint;
  /** Whether the fee is within its limit. */
  isFeeWithinLimit: boolean;
  amount: bigint;
}

/** Where a batch's payment lies in the kernel's memory, which the next batch overwrites. */
export interface PaymentPlace {
  /** Of the id, the addresses of the transfer's payer and payee, and its amount, 8 bytes. */
  id: number;
  payer: number;
  payee: number;
  amount: number;
  signers: number;
  feeToken: number;
  token: number;
  lane: number;
}

const HASH_BYTES = 32;
const PAGE_BYTES = 65_536;
const WORD_VALUES = 0x1_0000_0000;
const SIGNER_BITS = 24;
const NO_COSIGNERS: readonly string[] = [];
/** As assembly/ledgerBlock.ts has them; the last three parameters are those of the tokens. */
const PRICED_OFFSET = 80;
const UNASKED = 3n;

export class IntakeKernel {
  readonly transactionsMax: number;
  readonly bytesMax: number;
  readonly #kernel: IntakeExports;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #wide: BigUint64Array;
  readonly #offsets: Uint32Array;
  readonly #summaries: number;
  readonly #summarySize: number;
  readonly #addresses: number;
  readonly #ids: number;
  #count = 0;
  #length = 0;

  constructor() {
    const kernel = instantiateKernel<IntakeExports>(intakeBase64);
    const missing = kernel.layOut() - kernel.memory.buffer.byteLength;
    if (missing > 0) {
      kernel.memory.grow(Math.ceil(missing / PAGE_BYTES));
    }
    const { buffer } = kernel.memory;
    this.transactionsMax = kernel.TRANSACTIONS_MAX.value;
    this.bytesMax = kernel.INPUT_SIZE.value;
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#wide = new BigUint64Array(buffer);
    this.#offsets = new Uint32Array(buffer, kernel.inputOffsets.value, this.transactionsMax + 1);
    this.#summaries = kernel.summaries();
    this.#summarySize = kernel.SUMMARY_SIZE.value;
    this.#addresses = kernel.addresses();
    this.#ids = kernel.ids.value;
  }

  /** The chain's parameters, as the ledger kernel takes them. */
  setParameters(parameters: Uint8Array): void {
    this.#bytes.set(parameters, this.#kernel.parameters());
  }

  /** Reads payments from here on whatever paid their fees, and gives 0 as their fees. */
  askForNoFees(): void {
    const parameters = new BigUint64Array(this.#kernel.parametersSize() / 8).fill(UNASKED, PRICED_OFFSET / 8);
    this.setParameters(new Uint8Array(parameters.buffer));
  }

  /** Begins a batch. */
  begin(): void {
    this.#count = 0;
    this.#length = 0;
  }

  /** Adds a transaction to the batch; false: it has no room left. */
  add(transaction: Uint8Array): boolean {
    const end = this.#length + transaction.length;
    if (this.#count === this.transactionsMax || end > this.bytesMax) {
      return false;
    }
    this.#bytes.set(transaction, this.#kernel.input.value + this.#length);
    this.#offsets[this.#count] = this.#length;
    this.#offsets[++this.#count] = end;
    this.#length = end;
    return true;
  }

  /** Reads the batch. */
  read(): void {
    this.#kernel.read(this.#count);
  }

  /** The id of transaction `index`, as a key of maps; undefined where it is no plain payment. */
  idKey(index: number): string | undefined {
    const at = (this.#summaries + this.#summarySize * index) >> 2;
    return this.#words[at] === 0 ? undefined : bytesKeyAt(this.#bytes, this.#ids + HASH_BYTES * index);
  }

  /** The kernel's memory, which `place` speaks of. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Fills `place` with where transaction `index` of the batch lies; false where it is no plain payment. */
  locate(index: number, place: PaymentPlace): boolean {
    const at = (this.#summaries + this.#summarySize * index) >> 2;
    const words = this.#words;
    if (words[at] === 0) {
      return false;
    }
    const first = words[at + 2] & ((1 << SIGNER_BITS) - 1);
    place.id = this.#ids + HASH_BYTES * index;
    place.payer = this.#addresses + HASH_BYTES * (first + words[at + 7]);
    place.payee = words[at + 9];
    place.amount = 4 * (at + 16);
    place.signers = words[at + 2] >>> SIGNER_BITS;
    place.feeToken = words[at + 6];
    place.token = words[at + 8];
    place.lane = words[at + 4];
    return true;
  }

  /** Transaction `index` of the batch that was read; undefined where it is no plain payment. */
  payment(index: number): ReadPayment | undefined {
    const idKey = this.idKey(index);
    if (idKey === undefined) {
      return undefined;
    }
    const at = (this.#summaries + this.#summarySize * index) >> 2;
    const words = this.#words;
    return {
      bodyBytes: words[at + 1],
      idKey,
      lane: words[at + 4],
      sequence: words[at + 5],
      validUntil: words[at + 11] * WORD_VALUES + words[at + 10],
    };
  }

  /** The rest of transaction `index`, which is a plain payment. */
  terms(index: number): PaymentTerms {
    const at = (this.#summaries + this.#summarySize * index) >> 2;
    const words = this.#words;
    const bytes = this.#bytes;
    const wide = (at + 10) >> 1;
    const first = this.#addresses + HASH_BYTES * (words[at + 2] & ((1 << SIGNER_BITS) - 1));
    return {
      sender: bytesKeyAt(bytes, first),
      cosigners: this.#cosigners(first, words[at + 2] >>> SIGNER_BITS),
      feePayer: words[at + 3],
      payer: words[at + 7],
      payee: bytesKeyAt(bytes, words[at + 9]),
      feeToken: words[at + 6],
      token: words[at + 8],
      fee: this.#wide[wide + 2],
      isFeeWithinLimit: this.#wide[wide + 2] <= this.#wide[wide + 1],
      amount: this.#wide[wide + 3],
    };
  }

  /** All but the first of `count` addresses. */
  #cosigners(first: number, count: number): readonly string[] {
    if (count === 1) {
      return NO_COSIGNERS;
    }
    // Of just this length: a list that is pushed to has room for seventeen, and thousands of these wait at once.
    const cosigners = new Array<string>(count - 1);
    for (let i = 1; i < count; i++) {
      cosigners[i - 1] = bytesKeyAt(this.#bytes, first + HASH_BYTES * i);
    }
    return cosigners;
  }
}

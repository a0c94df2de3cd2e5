// Transactions: body and signatures. All signatures cover the same body; the id is the hash of the body, so that it can be
// known before anybody signs. One encoding is valid, every other is refused.

import { compareBytes, concatBytes } from "../base/bytes.js";
import { sha256 } from "../wasm/sha256.js";
import { addressOfKey } from "./address.js";
import { CodedError } from "./errors.js";
import { expectAmount } from "./expectAmount.js";
import { expectBytes } from "./expectBytes.js";
import { signedMessage, TAGS } from "./hashing.js";
import {
  MEMO_BYTES_MAX,
  OPERATIONS_MAX,
  PACKAGE_TRANSACTION_BYTES_MAX,
  PROTOCOL_VERSION,
  SEQUENCE_MAX,
  SIGNERS_MAX,
  TRANSACTION_BYTES_MAX,
} from "./limits.js";
import { isPackageOperation, verifyTogether } from "./operations/contracts.js";
import type { Operation } from "./operations/operation.js";
import { decodeOperation, encodeOperation } from "./operations/registry.js";
import { transferCodec } from "./operations/transfer.js";
import { decodeToken, encodeToken, type TokenId } from "./tokens.js";
import { Reader, Writer } from "./wire.js";

export const SIGNATURE_BYTES = 64;
const CHAIN_TAG_BYTES = 4;
const HAS_PARTNER = 1;
const HAS_MEMO = 2;
/** The form of a signer that is written by its key alone: a byte and the key; other forms are a byte, an address and the key. */
export const SIGNER_BY_KEY = 0;
const SIGNER_BY_ADDRESS = 1;

/** Who signs, for which account. The address is the key's own, unless the account's key was replaced. */
export interface Signer {
  address: Uint8Array;
  publicKey: Uint8Array;
}

/** Everything that the signatures cover. The first signer is the sender: the nonce lies in one of its lanes. */
export interface TransactionBody {
  /** The first 4 bytes of the chain's genesis hash. */
  chainTag: Uint8Array;
  signers: Signer[];
  /** Index of the signer who pays fee and deposits. */
  feePayer: number;
  lane: number;
  sequence: number;
  /** The last height at which this transaction may be committed. */
  validUntil: number;
  feeToken: TokenId;
  /** The most that may be charged, in units of `feeToken`. */
  feeLimit: bigint;
  /** Address of the Dapp that brought the payment. */
  partner?: Uint8Array | undefined;
  memo?: Uint8Array | undefined;
  operations: Operation[];
}

/** A decoded transaction; `bytes` are exactly what was received. */
export interface Transaction extends TransactionBody {
  bytes: Uint8Array;
  bodyBytes: number;
  /** SHA-256 of the body. */
  id: Uint8Array;
  /** One per signer, in their order. */
  signatures: Uint8Array[];
}

/** The chain's tag in a transaction: enough to tell a transaction of another chain from one with a bad signature. */
export function chainTag(genesisHash: Uint8Array): Uint8Array {
  return genesisHash.slice(0, CHAIN_TAG_BYTES);
}

function expectRange(value: number, minimum: number, maximum: number, what: string): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new CodedError("MALFORMED", `expected ${what} from ${minimum} to ${maximum}, got ${value}`);
  }
}

function encodeSigner(writer: Writer, signer: Signer): void {
  expectBytes(signer.publicKey, 32, "public key");
  expectBytes(signer.address, 32, "address");
  if (compareBytes(addressOfKey(signer.publicKey), signer.address) === 0) {
    writer.u8(SIGNER_BY_KEY).raw(signer.publicKey);
  } else {
    writer.u8(SIGNER_BY_ADDRESS).raw(signer.address).raw(signer.publicKey);
  }
}

function decodeSigner(reader: Reader): Signer {
  const form = reader.u8();
  if (form > SIGNER_BY_ADDRESS) {
    throw new CodedError("MALFORMED", `expected a signer form of 0 or 1, got ${form}`);
  }
  const named = form === SIGNER_BY_ADDRESS ? reader.raw(32) : undefined;
  const publicKey = reader.raw(32);
  const own = addressOfKey(publicKey);
  if (named !== undefined && compareBytes(named, own) === 0) {
    throw new CodedError("NON_CANONICAL", "expected a signer whose key has this address to be written without it");
  }
  return { address: named ?? own, publicKey };
}

function expectDistinct(signers: Signer[]): void {
  for (let i = 1; i < signers.length; i++) {
    for (let j = 0; j < i; j++) {
      if (compareBytes(signers[i].address, signers[j].address) === 0) {
        throw new CodedError("NON_CANONICAL", `expected each account to sign once, got it as signers ${j} and ${i}`);
      }
    }
  }
}

/** The bytes that every signer signs (with tag and genesis hash before them). Throws a coded error for a body out of range. */
export function encodeBody(body: TransactionBody): Uint8Array {
  expectBytes(body.chainTag, CHAIN_TAG_BYTES, "chain tag");
  expectRange(body.signers.length, 1, SIGNERS_MAX, "a number of signers");
  expectRange(body.feePayer, 0, body.signers.length - 1, "a fee payer's index");
  expectRange(body.lane, 0, 0xffffffff, "a lane");
  expectRange(body.sequence, 0, SEQUENCE_MAX, "a sequence");
  expectRange(body.validUntil, 0, Number.MAX_SAFE_INTEGER, "a valid-until height");
  expectRange(body.operations.length, 1, OPERATIONS_MAX, "a number of operations");
  expectAmount(body.feeLimit, 0n);
  expectDistinct(body.signers);
  const writer = new Writer();
  writer.u8(PROTOCOL_VERSION).raw(body.chainTag);
  writer.u8((body.partner ? HAS_PARTNER : 0) | (body.memo ? HAS_MEMO : 0)).u8(body.signers.length);
  for (const signer of body.signers) {
    encodeSigner(writer, signer);
  }
  writer.u8(body.feePayer).u32(body.lane).u32(body.sequence).u64(BigInt(body.validUntil));
  encodeToken(writer, body.feeToken);
  writer.u64(body.feeLimit);
  if (body.partner !== undefined) {
    expectBytes(body.partner, 32, "partner address");
    writer.raw(body.partner);
  }
  if (body.memo !== undefined) {
    expectRange(body.memo.length, 1, MEMO_BYTES_MAX, "memo bytes");
    writer.u16(body.memo.length).raw(body.memo);
  }
  writer.u8(body.operations.length);
  for (const operation of body.operations) {
    expectRange(operation.account, 0, body.signers.length - 1, "an operation's signer index");
    encodeOperation(writer, operation);
  }
  verifyTogether(body.operations);
  return writer.finish();
}

function decodeSequence(reader: Reader): number {
  const sequence = reader.u32();
  expectRange(sequence, 0, SEQUENCE_MAX, "a sequence");
  return sequence;
}

function decodeBody(reader: Reader): TransactionBody {
  const version = reader.u8();
  if (version !== PROTOCOL_VERSION) {
    throw new CodedError("UNKNOWN_VERSION", `expected version ${PROTOCOL_VERSION}, got ${version}`);
  }
  const tag = reader.raw(CHAIN_TAG_BYTES);
  const flags = reader.u8();
  if (flags > (HAS_PARTNER | HAS_MEMO)) {
    throw new CodedError("NON_CANONICAL", `expected flags of 0 to 3, got ${flags}`);
  }
  const signerCount = reader.u8();
  expectRange(signerCount, 1, SIGNERS_MAX, "a number of signers");
  const signers: Signer[] = [];
  for (let i = 0; i < signerCount; i++) {
    signers.push(decodeSigner(reader));
  }
  expectDistinct(signers);
  const feePayer = reader.u8();
  expectRange(feePayer, 0, signerCount - 1, "a fee payer's index");
  const body: TransactionBody = {
    chainTag: tag,
    signers,
    feePayer,
    lane: reader.u32(),
    sequence: decodeSequence(reader),
    validUntil: reader.safe(),
    feeToken: decodeToken(reader),
    feeLimit: reader.amountOrZero(),
    operations: [],
  };
  if (flags & HAS_PARTNER) {
    body.partner = reader.raw(32);
  }
  if (flags & HAS_MEMO) {
    const length = reader.u16();
    expectRange(length, 1, MEMO_BYTES_MAX, "memo bytes");
    body.memo = reader.raw(length);
  }
  const operationCount = reader.u8();
  expectRange(operationCount, 1, OPERATIONS_MAX, "a number of operations");
  for (let i = 0; i < operationCount; i++) {
    body.operations.push(decodeOperation(reader, signerCount));
  }
  verifyTogether(body.operations);
  return body;
}

/** Where the first signer stands in a body: after version, chain tag, flags and the number of signers. */
export const SIGNERS_OFFSET = 1 + CHAIN_TAG_BYTES + 2;

const FLAGS_OFFSET = 1 + CHAIN_TAG_BYTES;

/** Whether a transaction names a partner, read from its received bytes. */
export function namesPartner(bytes: Uint8Array): boolean {
  return (bytes[FLAGS_OFFSET] & HAS_PARTNER) !== 0;
}

/** A token's code before the 32 bytes of a created one. */
const CREATED_TOKEN = 0;
/** Fee payer, lane, sequence, valid-until height, fee token and fee limit, where that token is one of the chain's own. */
const TERMS_BYTES = 1 + 4 + 4 + 8 + 1 + 8;
/** Where the fee token begins in them. */
const FEE_TOKEN_IN_TERMS = 17;

/** Where the number of operations stands in a transaction's bytes, of which is known that they are one. */
export function operationsOffset(bytes: Uint8Array): number {
  let offset = SIGNERS_OFFSET;
  for (let left = bytes[SIGNERS_OFFSET - 1]; left > 0; left--) {
    offset += bytes[offset] === SIGNER_BY_KEY ? 33 : 65;
  }
  offset += TERMS_BYTES + (bytes[offset + FEE_TOKEN_IN_TERMS] === CREATED_TOKEN ? 32 : 0);
  offset += namesPartner(bytes) ? 32 : 0;
  return hasMemo(bytes) ? offset + 2 + (bytes[offset] | (bytes[offset + 1] << 8)) : offset;
}

/** Whether a transaction is one transfer and nothing else, read from its received bytes. */
export function isPayment(bytes: Uint8Array): boolean {
  const offset = operationsOffset(bytes);
  return bytes[offset] === 1 && bytes[offset + 1] === transferCodec.code;
}

/** Whether a transaction has a memo, read from its received bytes. */
export function hasMemo(bytes: Uint8Array): boolean {
  return (bytes[FLAGS_OFFSET] & HAS_MEMO) !== 0;
}

/**
 * Whether signer `index` of a decoded transaction is written by its key alone, so that the address is the key's own. Reads the
 * received bytes, which spares a hash.
 */
export function signsByKey(transaction: Pick<Transaction, "bytes">, index: number): boolean {
  let offset = SIGNERS_OFFSET;
  for (let i = 0; i < index; i++) {
    offset += transaction.bytes[offset] === SIGNER_BY_KEY ? 33 : 65;
  }
  return transaction.bytes[offset] === SIGNER_BY_KEY;
}

/**
 * The public keys that signed decoded transactions, in their order, read from the received bytes. All in the same array: each lasts
 * until the next one is asked for.
 */
export function* signerKeys(
  transactions: readonly Pick<Transaction, "bytes" | "bodyBytes">[],
): Generator<Uint8Array, void> {
  const key = new Uint8Array(32);
  for (const { bytes, bodyBytes } of transactions) {
    let offset = SIGNERS_OFFSET;
    for (let left = bytes.length - bodyBytes; left > 0; left -= SIGNATURE_BYTES) {
      offset += bytes[offset] === SIGNER_BY_KEY ? 33 : 65;
      for (let i = 0; i < 32; i++) {
        key[i] = bytes[offset - 32 + i];
      }
      yield key;
    }
  }
}

/** The id of a body: SHA-256 of its bytes. */
export function transactionId(body: Uint8Array): Uint8Array {
  return sha256(body);
}

/** What each signer's key signs. */
export function signingMessage(genesisHash: Uint8Array, body: Uint8Array): Uint8Array {
  return signedMessage(TAGS.transaction, genesisHash, body);
}

/** Body and signatures, one per signer in their order, as sent and stored. */
export function encodeTransaction(body: Uint8Array, signatures: Uint8Array[]): Uint8Array {
  return concatBytes(body, ...signatures);
}

/**
 * The transaction that `bytes` are. Throws a coded error for bytes that are none: cut short, too long, non-canonical,
 * out of range. Signatures are not verified here.
 */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  return decodeAgain(bytes, undefined);
}

/** The same of bytes whose id is known, which spares its hash. */
export function decodeAgain(bytes: Uint8Array, known: Uint8Array | undefined): Transaction {
  if (bytes.length > PACKAGE_TRANSACTION_BYTES_MAX) {
    throw new CodedError("TOO_LARGE", `expected at most ${PACKAGE_TRANSACTION_BYTES_MAX} bytes, got ${bytes.length}`);
  }
  const reader = new Reader(bytes);
  const body = decodeBody(reader);
  if (bytes.length > TRANSACTION_BYTES_MAX && !body.operations.some(isPackageOperation)) {
    throw new CodedError(
      "TOO_LARGE",
      `expected at most ${TRANSACTION_BYTES_MAX} bytes without a contract's package, got ${bytes.length}`,
    );
  }
  const bodyBytes = reader.offset;
  const signatures = body.signers.map(() => reader.raw(SIGNATURE_BYTES));
  reader.end();
  // Field by field: spreading the body takes three times as long as reading it.
  return {
    chainTag: body.chainTag,
    signers: body.signers,
    feePayer: body.feePayer,
    lane: body.lane,
    sequence: body.sequence,
    validUntil: body.validUntil,
    feeToken: body.feeToken,
    feeLimit: body.feeLimit,
    partner: body.partner,
    memo: body.memo,
    operations: body.operations,
    bytes,
    bodyBytes,
    id: known ?? transactionId(bytes.subarray(0, bodyBytes)),
    signatures,
  };
}

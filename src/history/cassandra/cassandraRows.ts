// A payment as a row of Cassandra and back, and which partition it goes to. All of it is a function of the payment alone.

import type { types } from "cassandra-driver";
import { PAYMENT_KINDS, type Payment, type PaymentSubject } from "../payments/payment.js";

/** How long a time one partition covers. Tokens are everybody's, and their partitions would grow without end. */
const BUCKET_MS = {
  account: 3_600_000,
  till: 3_600_000,
  reference: 86_400_000,
  memo: 3_600_000,
  token: 10_000,
} as const;

export function bucketOf(kind: PaymentSubject["kind"], timeMs: number): number {
  return Math.floor(timeMs / BUCKET_MS[kind]);
}

export const PAYMENT_COLUMNS = [
  "subject",
  "bucket",
  "time_ms",
  "idx",
  "part",
  "height",
  "id",
  "code",
  "kind",
  "payer",
  "payee",
  "token_id",
  "amount",
  "reference",
  "memo",
  "lane",
  "fee",
  "fee_token",
  "fee_payer",
];

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Values of PAYMENT_COLUMNS behind the first two; `unset` for what the payment lacks, which writes nothing. */
export function paymentValues(payment: Payment, unset: object): unknown[] {
  const { to, reference, memo, fee } = payment;
  return [
    BigInt(payment.timeMs),
    payment.index,
    payment.part,
    BigInt(payment.height),
    buffer(payment.id),
    payment.code,
    PAYMENT_KINDS.indexOf(payment.kind),
    buffer(payment.from),
    to === undefined ? unset : buffer(to),
    payment.token,
    payment.amount,
    reference === undefined ? unset : buffer(reference),
    memo === undefined ? unset : buffer(memo),
    BigInt(payment.lane),
    fee === undefined ? unset : fee.amount,
    fee === undefined ? unset : fee.token,
    fee === undefined ? unset : buffer(fee.payer),
  ];
}

/** A copy: what the driver gives is part of a larger buffer. */
function bytes(value: Buffer): Uint8Array {
  return new Uint8Array(value);
}

export function paymentOfRow(row: types.Row): Payment {
  const fee = row.fee as bigint | null;
  return {
    height: Number(row.height),
    index: row.idx,
    part: row.part,
    id: bytes(row.id),
    timeMs: Number(row.time_ms),
    code: row.code,
    kind: PAYMENT_KINDS[row.kind],
    from: bytes(row.payer),
    to: row.payee === null ? undefined : bytes(row.payee),
    token: row.token_id,
    amount: row.amount,
    reference: row.reference === null ? undefined : bytes(row.reference),
    memo: row.memo === null ? undefined : bytes(row.memo),
    lane: Number(row.lane),
    fee: fee === null ? undefined : { amount: fee, token: row.fee_token, payer: bytes(row.fee_payer) },
  };
}

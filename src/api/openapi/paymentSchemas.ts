// The shapes of src/protocol/paymentApiTypes.ts as JSON Schema, by name.

import {
  ADDRESS,
  AMOUNT,
  arrayOf,
  HASH,
  HEX,
  type JsonSchema,
  objectSchema,
  oneOfTexts,
  refTo,
  TEXT,
  TOKEN,
  WHOLE,
} from "../../http/openapi/schema.js";

export const PAYMENT_SCHEMAS: Record<string, JsonSchema> = {
  Payment: objectSchema({
    height: WHOLE,
    index: WHOLE,
    part: WHOLE,
    id: HASH,
    timeMs: WHOLE,
    code: TEXT,
    kind: oneOfTexts("transfer", "mint", "burn", "contractTransfer"),
    from: ADDRESS,
    "to?": ADDRESS,
    token: TOKEN,
    amount: AMOUNT,
    "reference?": HASH,
    "memo?": HEX,
    "lane?": WHOLE,
    "fee?": objectSchema({ amount: AMOUNT, token: TOKEN, payer: ADDRESS }),
  }),
  Payments: objectSchema({ payments: arrayOf(refTo("Payment")), "next?": TEXT, height: WHOLE }),
  DayTotals: objectSchema({
    totals: arrayOf(
      objectSchema({ day: TEXT, token: TOKEN, inCount: WHOLE, inAmount: AMOUNT, outCount: WHOLE, outAmount: AMOUNT }),
    ),
  }),
  PaymentIndex: objectSchema({
    store: oneOfTexts("lmdb", "cassandra"),
    state: oneOfTexts("connecting", "following", "failing", "ended"),
    height: WHOLE,
    "epoch?": WHOLE,
    "problem?": TEXT,
  }),
};

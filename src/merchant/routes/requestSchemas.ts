// JSON schemas of the bodies that commands take.

import {
  ADDRESS,
  AMOUNT,
  arrayOf,
  FLAG,
  objectSchema,
  oneOfTexts,
  TEXT,
  TOKEN,
  WHOLE,
} from "../../http/openapi/schema.js";
import { MERCHANT_EVENTS, MERCHANT_SCOPES, STAFF_ROLES } from "../../protocol/merchantApiTypes.js";

export const PRICE = objectSchema(
  { currency: { oneOf: [oneOfTexts("KRW"), TOKEN] }, amount: AMOUNT },
  "Won, or units of a token",
);
export const TEXTS = { type: "object", additionalProperties: TEXT } as const;
const MILEAGE = objectSchema({ token: TOKEN, amount: AMOUNT });

export const REQUEST_SCHEMAS = {
  nothing: objectSchema({}),
  newStore: objectSchema({
    name: TEXT,
    payee: ADDRESS,
    "timeZone?": TEXT,
    "categoryCode?": TEXT,
    "city?": TEXT,
    "tokens?": arrayOf(TOKEN),
  }),
  newTill: objectSchema({ name: TEXT }),
  newStaff: objectSchema({ name: TEXT, role: oneOfTexts(...STAFF_ROLES) }),
  changedStaff: objectSchema({ role: oneOfTexts(...STAFF_ROLES), active: FLAG }),
  newKey: objectSchema({ name: TEXT, staff: TEXT, "scopes?": arrayOf(oneOfTexts(...MERCHANT_SCOPES)) }),
  newInvoice: objectSchema({
    price: PRICE,
    "tokens?": arrayOf(TOKEN),
    "till?": TEXT,
    "expiryHeights?": WHOLE,
    "instalments?": arrayOf(objectSchema({ amount: AMOUNT, expiryHeights: WHOLE })),
    "order?": TEXT,
    "label?": TEXT,
    "metadata?": TEXTS,
    "returnUrl?": TEXT,
    "mileage?": MILEAGE,
  }),
  newRefund: objectSchema({ token: TOKEN, amount: AMOUNT, "to?": ADDRESS, "reason?": TEXT }),
  assignment: objectSchema({ payment: TEXT, "part?": WHOLE }),
  purchase: objectSchema({ payer: ADDRESS, "spent?": AMOUNT }),
  signedPurchase: objectSchema({ transaction: TEXT }),
  newCode: objectSchema({ token: TEXT }),
  claim: objectSchema({ invoice: TEXT }),
  newWebhook: objectSchema({ url: TEXT, "events?": arrayOf(oneOfTexts(...MERCHANT_EVENTS)) }),
  changedWebhook: objectSchema({ active: FLAG }),
  replay: objectSchema({ "event?": TEXT, "from?": WHOLE, "to?": WHOLE }),
};

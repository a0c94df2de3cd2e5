// The shape of src/protocol/nameApiTypes.ts as JSON Schema.

import { ADDRESS, AMOUNT, FLAG, HASH, objectSchema, oneOfTexts, TEXT, WHOLE } from "../../http/openapi/schema.js";

export const NAME_SCHEMAS = {
  Name: objectSchema({
    name: TEXT,
    state: oneOfTexts("held", "lapsed"),
    owner: ADDRESS,
    target: ADDRESS,
    isContract: FLAG,
    timeMsExpires: WHOLE,
    timeMsFree: WHOLE,
    deposit: AMOUNT,
    heightRegistered: WHOLE,
    key: HASH,
    height: WHOLE,
  }),
};

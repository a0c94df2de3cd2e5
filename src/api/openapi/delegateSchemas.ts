// The shapes of src/protocol/delegateApiTypes.ts as JSON Schema.

import {
  ADDRESS,
  AMOUNT,
  arrayOf,
  FLAG,
  HASH,
  HEX,
  type JsonSchema,
  objectSchema,
  oneOfTexts,
  refTo,
  TEXT,
  WHOLE,
} from "../../http/openapi/schema.js";

const NATIVE = objectSchema({ TTC: AMOUNT, TTM: AMOUNT, TTMI: AMOUNT });

export const DELEGATE_SCHEMAS: Record<string, JsonSchema> = {
  Candidate: objectSchema({
    address: ADDRESS,
    name: TEXT,
    site: TEXT,
    delegateKey: HASH,
    state: oneOfTexts("listed", "resigned", "barred"),
    votes: AMOUNT,
    payBasisPoints: WHOLE,
    deposit: AMOUNT,
    isDelegate: FLAG,
    "suspendedUntil?": WHOLE,
    rounds: WHOLE,
    signed: WHOLE,
    proposed: WHOLE,
    missed: WHOLE,
    earned: NATIVE,
    heightRegistered: WHOLE,
  }),
  Candidates: objectSchema({
    round: objectSchema({ number: WHOLE, heightFirst: WHOLE, heightLast: WHOLE }),
    locked: AMOUNT,
    count: WHOLE,
    candidates: arrayOf(refTo("Candidate")),
    "next?": WHOLE,
  }),
  Votes: objectSchema({
    address: ADDRESS,
    locked: AMOUNT,
    shares: arrayOf(objectSchema({ candidate: ADDRESS, weight: AMOUNT })),
    claimable: NATIVE,
    unbonding: arrayOf(objectSchema({ withdrawableMs: WHOLE, amount: AMOUNT })),
  }),
  Partners: objectSchema({
    treasury: AMOUNT,
    count: WHOLE,
    partners: arrayOf(
      objectSchema({
        address: ADDRESS,
        name: TEXT,
        site: TEXT,
        heightAdmitted: WHOLE,
        heightLast: WHOLE,
        feesTtcUnits: AMOUNT,
        earned: NATIVE,
        grantsPaid: WHOLE,
      }),
    ),
    "next?": WHOLE,
  }),
  Masters: objectSchema({
    "challenge?": objectSchema({ number: WHOLE, height: WHOLE, value: HASH }),
    count: WHOLE,
    masters: arrayOf(
      objectSchema({
        address: ADDRESS,
        name: TEXT,
        site: TEXT,
        heightRegistered: WHOLE,
        challenges: WHOLE,
        answered: WHOLE,
      }),
    ),
    "next?": WHOLE,
  }),
  Proposals: objectSchema({
    count: WHOLE,
    proposals: arrayOf(
      objectSchema({
        number: WHOLE,
        proposer: ADDRESS,
        state: oneOfTexts("open", "passed", "rejected", "active", "failed"),
        electorate: oneOfTexts("holders", "delegates"),
        heightLast: WHOLE,
        heightActive: WHOLE,
        yes: AMOUNT,
        no: AMOUNT,
        content: refTo("ProposalContent"),
      }),
    ),
    "upgrade?": objectSchema({ version: WHOLE, heightActive: WHOLE }),
  }),
  DelegateChange: objectSchema({ height: WHOLE, resultProof: refTo("ResultProof"), "writeSet?": HEX }),
};

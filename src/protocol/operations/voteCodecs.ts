// The bytes of voters' operations.

import { compareBytes } from "../../base/bytes.js";
import { CodedError } from "../errors.js";
import { expectAmount } from "../expectAmount.js";
import { expectBytes } from "../expectBytes.js";
import { bareCodec } from "./candidateCodecs.js";
import type { ClaimRewards, Unlock, Vote, Withdraw } from "./delegateOperations.js";
import type { OperationCodec } from "./operation.js";

/** Among how many candidates one account divides its votes at most. */
export const VOTE_CANDIDATES_MAX = 33;

function expectCount(count: number): void {
  if (count < 1 || count > VOTE_CANDIDATES_MAX) {
    throw new CodedError("MALFORMED", `expected 1 to ${VOTE_CANDIDATES_MAX} candidates, got ${count}`);
  }
}

export const voteCodec: OperationCodec<Vote> = {
  code: 28,
  kind: "vote",
  encode(writer, operation) {
    writer.u64(operation.amount).u8(operation.candidates.length);
    for (const candidate of operation.candidates) {
      writer.raw(candidate);
    }
  },
  decode(reader, account) {
    const amount = reader.amountOrZero();
    const count = reader.u8();
    expectCount(count);
    const candidates = Array.from({ length: count }, () => reader.raw(32));
    return { kind: "vote", account, amount, candidates };
  },
  verify({ amount, candidates }) {
    expectAmount(amount, 0n);
    expectCount(candidates.length);
    candidates.forEach((candidate, index) => {
      expectBytes(candidate, 32, "candidate's address");
      if (index > 0 && compareBytes(candidates[index - 1], candidate) >= 0) {
        throw new CodedError("NON_CANONICAL", "expected candidates once each, in ascending order of their addresses");
      }
    });
  },
};

export const unlockCodec: OperationCodec<Unlock> = {
  code: 29,
  kind: "unlock",
  encode(writer, operation) {
    writer.u64(operation.amount);
  },
  decode: (reader, account) => ({ kind: "unlock", account, amount: reader.amount() }),
  verify(operation) {
    expectAmount(operation.amount);
  },
};

export const withdrawCodec = bareCodec<Withdraw>(30, "withdraw");
export const claimRewardsCodec = bareCodec<ClaimRewards>(31, "claimRewards");

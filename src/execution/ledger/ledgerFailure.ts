// How an operation fails: with a code, which the receipt carries. The objects are made once, because a block may hold thousands of
// failing transactions and capturing a stack for each would cost more than executing it.

import { ERROR_CODES, type ErrorCode } from "../../protocol/errors.js";

/** Thrown by an operation that fails; everything it did in this transaction is undone. */
export class LedgerFailure extends Error {
  override name = "LedgerFailure";
  readonly code: ErrorCode;

  constructor(code: ErrorCode) {
    super(ERROR_CODES[code][1]);
    this.code = code;
  }
}

const failures = new Map<ErrorCode, LedgerFailure>();

/** Ends the operation with `code`. */
export function fail(code: ErrorCode): never {
  let failure = failures.get(code);
  if (failure === undefined) {
    failure = new LedgerFailure(code);
    failures.set(code, failure);
  }
  throw failure;
}

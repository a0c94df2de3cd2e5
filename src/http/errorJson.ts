// Errors as JSON, and the HTTP status that goes with each code.

import type { ErrorJson } from "../protocol/apiTypes.js";
import { type CodedError, type ErrorCode, errorNumber } from "../protocol/errors.js";

const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  TOO_LARGE: 413,
  SEQUENCE_USED: 409,
  DUPLICATE: 409,
  ALREADY_COMMITTED: 409,
  BUSY: 429,
  SENDER_LIMIT: 429,
  UNAUTHORIZED: 401,
  RATE_LIMITED: 429,
  NOT_FOUND: 404,
  HEIGHT_NOT_KEPT: 404,
  BAD_REQUEST: 400,
  UNAVAILABLE: 501,
  INTERNAL: 500,
  IDEMPOTENCY_CONFLICT: 409,
  FORBIDDEN: 403,
  CODE_USED: 409,
  QUOTE_UNAVAILABLE: 503,
  GATEWAY_BEHIND: 503,
  NO_HOLDER: 503,
  MILEAGE_UNAVAILABLE: 503,
  PURCHASE_PENDING: 409,
  HISTORY_UNREACHABLE: 503,
  HISTORY_FOREIGN: 503,
};

/** First number of the codes that say what a transaction may not do; those below say that the input has no valid form. */
const REFUSALS_FROM = 300;

export function httpStatusOf(code: ErrorCode): number {
  return STATUS_BY_CODE[code] ?? (errorNumber(code) < REFUSALS_FROM ? 400 : 422);
}

export function errorJson(error: CodedError): ErrorJson {
  return { code: error.code, message: error.message, details: error.details };
}

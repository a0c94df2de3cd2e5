// How a call can end badly. A coded error is a result that all nodes agree on; a fault is this node's own trouble (a bug, a
// full JavaScript stack, an unknown trap) and never becomes a result.

/** Every code with what it means. Receipts and clients rely on the names. */
export const LVM_ERRORS = {
  LVM_OUT_OF_GAS: "the call used all its gas",
  LVM_OUT_OF_MEMORY: "the call's memory limit is reached",
  LVM_RUNTIME_ERROR: "the contract raised an error",
  LVM_STACK_OVERFLOW: "too many nested calls inside the contract",
  LVM_CALL_DEPTH: "too many contracts inside one another's calls",
  LVM_REENTRANT: "the contract is already in the middle of a call",
  LVM_READ_ONLY: "a read-only call may not change anything",
  LVM_NOT_VIEW: "only view functions can be called read-only",
  LVM_NOT_PAYABLE: "the function does not take payments",
  LVM_NO_FUNCTION: "the contract has no such function",
  LVM_NO_CONTRACT: "there is no contract at the address",
  LVM_BAD_ARGUMENT: "an argument has the wrong type, form or size",
  LVM_BAD_VALUE: "the value cannot be stored or passed between contracts",
  LVM_BALANCE: "the balance is too low",
  LVM_EVENT_LIMIT: "too many events, or one too large",
  LVM_STORAGE_LIMIT: "a storage key or value is too large",
  LVM_RETURN_LIMIT: "the return value is too large",
  LVM_ACCESS: "the caller lacks the right",
  LVM_BIGNUM: "a 256-bit integer overflows, or a division by zero",
  LVM_LOADING: "not available while the contract is loading",
  LVM_NOT_LOADING: "only available while the contract is loading",
  LVM_SYNTAX: "the source is not Lua",
  LVM_FORBIDDEN: "the source uses what contracts may not use",
  LVM_SOURCE_LIMIT: "the source is too large",
  LVM_TEST_FAILED: "a test of the contract's package failed",
} as const;

export type LvmErrorCode = keyof typeof LVM_ERRORS;

/** All codes in a fixed order; an error object inside Lua holds a code's place here. */
export const LVM_ERROR_CODES = Object.keys(LVM_ERRORS) as LvmErrorCode[];

/** An agreed failure. `line`: in the contract's source, from 1, where known. */
export class LvmError extends Error {
  override name = "LvmError";

  constructor(
    readonly code: LvmErrorCode,
    message: string,
    readonly line?: number,
  ) {
    super(message);
  }
}

/** Ends the running contract at once, past every pcall. */
export class LvmAbort extends LvmError {
  override name = "LvmAbort";
}

/** This node cannot say what the result is. Stop, or leave the block to others; never turn it into a receipt. */
export class LvmFault extends Error {
  override name = "LvmFault";
}

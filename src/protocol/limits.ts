// Every limit of the wire format, by name. A change of one of these changes the protocol; what a chain may set for itself
// stands in parameters.ts.

/** Version byte of transactions, headers and result records. */
export const PROTOCOL_VERSION = 1;
export const SIGNERS_MAX = 8;
/** One below 2^32, so that the number after it still fits a lane's u32. */
export const SEQUENCE_MAX = 0xfffffffe;
export const OPERATIONS_MAX = 64;
export const MEMO_BYTES_MAX = 256;
export const TRANSACTION_BYTES_MAX = 16_384;
/** A contract's source, and its tests. */
export const CONTRACT_SOURCE_BYTES_MAX = 262_144;
/** A transaction that registers or upgrades a contract: room for source and tests beside an ordinary one. */
export const PACKAGE_TRANSACTION_BYTES_MAX = 540_672;
/** The most gas that one operation may be given: what a contract's machine can count. */
export const OPERATION_GAS_MAX = 2_000_000_000;
export const CONTRACT_NAME_BYTES_MAX = 64;
/** Amounts and supplies stay below 2^63, so that they fit a signed 64-bit integer everywhere. */
/** Created tokens that one destroy operation pays out. */
export const DESTROYED_TOKENS_MAX = 16;
export const AMOUNT_MAX = (1n << 63n) - 1n;
export const SYMBOL_BYTES_MAX = 12;
export const TOKEN_NAME_BYTES_MAX = 64;
export const TOKEN_DECIMALS_MAX = 18;
export const TOKEN_ISSUERS_MAX = 16;
/** One event's data: what a contract tells (4,096 bytes), its address and the event's name's length. */
export const EVENT_BYTES_MAX = 4_224;
export const EVENTS_MAX = 255;
/** A leaf of the state tree; larger things are stored beside it under their hash. */
export const STATE_VALUE_BYTES_MAX = 4_096;
/** Transactions of one binary frame or HTTP batch. */
export const BATCH_TRANSACTIONS_MAX = 1_024;
export const DELEGATES_MAX = 1_024;

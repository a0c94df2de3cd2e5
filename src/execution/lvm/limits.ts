// Every limit of the contract machine by name. They are part of the agreement between nodes: changing one changes results.

/** Source text of one contract. */
export const SOURCE_BYTES_MAX = 256 * 1024;

/** Everything that the calls of one transaction hold at a time, loaded contracts and Lua's own libraries included. */
export const MEMORY_BYTES_MAX = 16 * 1024 * 1024;

/** Contracts that may be inside one another's calls; the outermost counts as one. */
export const CALL_DEPTH_MAX = 32;

/** Nested calls of Lua's own C code (pcall, metamethods, parser) over all contracts of a transaction; Lua's fixed bound. */
export const C_LEVELS_MAX = 200;

/** Events of one transaction. */
export const EVENTS_MAX = 64;

/** An event's name and encoded arguments together. */
export const EVENT_BYTES_MAX = 4096;

/** Requests for outside data of one transaction. */
export const ORACLE_REQUESTS_MAX = 16;

/** Contracts that one transaction's call may deploy. */
export const DEPLOYMENTS_MAX = 8;

/** Questions of one transaction's call for a seed of the chain. */
export const SEED_ASKS_MAX = 4;

/** A return value, encoded, in a call that may write. */
export const RETURN_BYTES_MAX = 64 * 1024;

/** A return value, encoded, in a read-only call. */
export const READ_ONLY_RETURN_BYTES_MAX = 2 * 1024 * 1024;

/** The arguments of one call, encoded. */
export const ARGUMENT_BYTES_MAX = 64 * 1024;

/** Name and encoded key of one storage entry. */
export const STORAGE_KEY_BYTES_MAX = 1024;

/** The encoded value of one storage entry, which is one leaf of the state. */
export const STORAGE_VALUE_BYTES_MAX = 4000;

export { VALUE_DEPTH_MAX } from "../../protocol/lvmValue.js";

/** An address in contracts. */
export const ADDRESS_BYTES = 32;

/** Names of functions, events, state variables and roles. */
export const NAME_BYTES_MAX = 64;

/** The name of a case in a package's tests. */
export const TEST_NAME_BYTES_MAX = 128;

/** Functions in a contract's ABI, and state variables. */
export const DECLARATIONS_MAX = 256;

/** Gas that loading a contract (parsing, running its main chunk) may use. */
export const LOAD_GAS_MAX = 5_000_000;

/** Gas that one call may be given; the counter is a 32-bit integer. */
export const CALL_GAS_MAX = 2_000_000_000;

/** Bytes that the cache of loaded contracts holds in one machine. */
export const IMAGE_CACHE_BYTES_MAX = 64 * 1024 * 1024;

// Where things lie in the linear memory of the pinned Lua binary: addresses fixed by its linker and offsets of Lua 5.4's
// structures on a 32-bit machine. luaInstance.ts compares the offsets with what the exported functions say at start.
import { MEMORY_BYTES_MAX, READ_ONLY_RETURN_BYTES_MAX } from "./limits.js";

/** The gas counter: an i32 in the first kilobyte, which C code never uses (its null page). */
export const COUNTER_ADDRESS = 16;

/** The lowest address that the C stack reached, an i32 beside the counter. */
export const LOWEST_STACK_ADDRESS = 24;

/** The variables of C code; its constants lie below, the C stack above. */
export const CONSTANTS_START = 1024;
export const STATIC_START = 30_992;
export const STATIC_END = 35_136;

/** The C library's variable that says where its heap ends. */
export const HEAP_END_VARIABLE = 31_452;

/**
 * Above the C stack: the C library's heap. Its only user is setjmp, with 48 bytes for each open protected call, of which
 * C_LEVELS_MAX bounds the number; so nothing beyond C_HEAP_USED_BYTES is ever touched.
 */
export const C_HEAP_START = 1_083_712;
export const C_HEAP_USED_BYTES = 12 * 1024;
export const C_HEAP_BYTES = 128 * 1024;

/** Above the C heap: everything that Lua allocates, from the bottom up. */
export const ARENA_START = C_HEAP_START + C_HEAP_BYTES;
export const ARENA_END = ARENA_START + MEMORY_BYTES_MAX;

/** Above the arena: bytes on their way from the host into Lua. */
export const SCRATCH_START = ARENA_END;
export const SCRATCH_BYTES = READ_ONLY_RETURN_BYTES_MAX + 4096;
export const MEMORY_PAGES = Math.ceil((SCRATCH_START + SCRATCH_BYTES) / 65_536);

/** Offsets in lua_State. */
export const STATE_TOP = 12;
export const STATE_CALL_INFO = 20;
export const STATE_C_CALLS = 96;

/** A slot of Lua's stack: eight bytes of value, one of type. */
export const SLOT_BYTES = 16;
export const SLOT_TYPE = 8;

/** Types as slots hold them, without the bit that marks collectable objects. */
export const TYPE_NIL = 0x00;
export const TYPE_FALSE = 0x01;
export const TYPE_TRUE = 0x11;
export const TYPE_INTEGER = 0x03;
export const TYPE_FLOAT = 0x13;
export const TYPE_SHORT_STRING = 0x04;
export const TYPE_LONG_STRING = 0x14;
export const TYPE_TABLE = 0x05;
export const TYPE_USERDATA = 0x07;
export const TYPE_MASK = 0x3f;
/** Where an index lies above the arguments. */
export const TYPE_NONE = -1;

/** Offsets in TString and Udata. */
export const STRING_SHORT_LENGTH = 7;
export const STRING_LONG_LENGTH = 12;
export const STRING_BYTES = 16;
export const USERDATA_BYTES = 16;

/** LUA_REGISTRYINDEX. */
export const REGISTRY_INDEX = -1_001_000;

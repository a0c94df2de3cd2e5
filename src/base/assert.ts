// Broken invariants: a failed assertion means that this program is wrong, never that its input was. Bad input gets a
// coded error (src/protocol/errors.ts) instead.

/** Thrown where the program contradicts itself; nothing catches it but the process's last handler. */
export class InvariantError extends Error {
  override name = "InvariantError";
}

/** Stops the program where `condition` is false. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) {
    throw new InvariantError(message);
  }
}

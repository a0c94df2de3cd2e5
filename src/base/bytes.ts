// Small helpers over Uint8Array that several folders share. Runs in Node and in a browser.

const HEX = "0123456789abcdef";

/** Lower-case hex of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    text += HEX[bytes[i] >> 4] + HEX[bytes[i] & 15];
  }
  return text;
}

/** The bytes of an even-length hex string; `undefined` where it isn't one. Upper case is accepted. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    return undefined;
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** One array holding all `parts` in order. */
export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Whether two arrays hold the same bytes. Not for secrets: it stops at the first difference. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return compareBytes(a, b) === 0;
}

/** Lexicographic order: negative, zero or positive, as for Array.sort. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) {
      return a[i] - b[i];
    }
  }
  return a.length - b.length;
}

/**
 * A string that holds one byte per character, for use as a key of a Map: equal exactly where the bytes are equal, and
 * its order is that of the bytes.
 */
export function bytesKey(bytes: Uint8Array): string {
  if (bytes.length === 32) {
    return bytesKeyAt(bytes, 0);
  }
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/**
 * `bytesKey` of the 32 bytes from `at` on. Keys and addresses have 32 bytes: with the arguments written out, the engine makes
 * their string in a third of apply's time.
 */
export function bytesKeyAt(b: Uint8Array, at: number): string {
  // biome-ignore format: four rows of eight
  return String.fromCharCode(
    b[at], b[at + 1], b[at + 2], b[at + 3], b[at + 4], b[at + 5], b[at + 6], b[at + 7],
    b[at + 8], b[at + 9], b[at + 10], b[at + 11], b[at + 12], b[at + 13], b[at + 14], b[at + 15],
    b[at + 16], b[at + 17], b[at + 18], b[at + 19], b[at + 20], b[at + 21], b[at + 22], b[at + 23],
    b[at + 24], b[at + 25], b[at + 26], b[at + 27], b[at + 28], b[at + 29], b[at + 30], b[at + 31],
  );
}

/** The inverse of `bytesKey`. */
export function keyBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  putKeyBytes(key, bytes, 0);
  return bytes;
}

/** Writes what `keyBytes` gives at `offset`. */
export function putKeyBytes(key: string, bytes: Uint8Array, offset: number): void {
  for (let i = 0; i < key.length; i++) {
    bytes[offset + i] = key.charCodeAt(i);
  }
}

/** The UTF-8 bytes of `text`. */
export function utf8Bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

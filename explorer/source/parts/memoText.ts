// Memos: bytes that a sender chose, shown as text and never as anything else.

/** A memo's bytes as text, or as hex where they are none. */
export function memoText(hex: string): string {
  const pairs = hex.match(/../g) ?? [];
  const bytes = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return `0x${hex}`;
  }
}

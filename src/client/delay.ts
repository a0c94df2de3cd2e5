// A pause, in Node and in a browser.

/** Resolves after `delayMs` at the earliest. */
export function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

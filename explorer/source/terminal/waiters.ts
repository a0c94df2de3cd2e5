// Events that come when they come (a code scanned, a card tapped), for those who wait for the next one.

export class Waiters {
  private readonly waiting = new Set<(text: string) => void>();

  /** Hands the text to all that wait; false where nobody does. */
  give(text: string): boolean {
    const now = [...this.waiting];
    this.waiting.clear();
    for (const resolve of now) {
      resolve(text);
    }
    return now.length > 0;
  }

  next(signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = (): void => {
        this.waiting.delete(finish);
        reject(signal.reason);
      };
      const finish = (text: string): void => {
        signal.removeEventListener("abort", stop);
        resolve(text);
      };
      this.waiting.add(finish);
      signal.addEventListener("abort", stop, { once: true });
    });
  }
}

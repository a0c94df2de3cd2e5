// A bound on how many tasks run at once; the others wait in the order in which they came.

export class Slots {
  private readonly queue: (() => void)[] = [];

  constructor(private free: number) {}

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.free === 0) {
      await new Promise<void>((resolve) => this.queue.push(resolve));
    } else {
      this.free--;
    }
    try {
      return await task();
    } finally {
      const next = this.queue.shift();
      if (next === undefined) {
        this.free++;
      } else {
        next();
      }
    }
  }
}

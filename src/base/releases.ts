// What was opened, to be let go of in the opposite order; one that fails keeps none of the others open.

export class Releases {
  private readonly opened: (() => unknown)[] = [];

  add(release: () => unknown): void {
    this.opened.push(release);
  }

  /** Lets go of everything, once. Rejects with the first failure. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const release of this.opened.splice(0).reverse()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}

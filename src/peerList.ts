// The nodes that one without an engine follows: one of them is asked at a time, the next one when that one is of no use.

import { assert } from "./base/assert.js";

export class PeerList {
  private at = 0;

  /** Base URLs. */
  constructor(private readonly urls: readonly string[]) {
    assert(urls.length > 0, "a node that follows has somebody to follow");
  }

  get current(): string {
    return this.urls[this.at];
  }

  /** Goes on to the next one, unless somebody else has gone on from `url` meanwhile. */
  passOver(url: string): void {
    if (url === this.current) {
      this.at = (this.at + 1) % this.urls.length;
    }
  }
}

// The next sequence number of each lane of one account. Numbers are handed out once, without asking the node again; a number
// whose transaction was refused is given back and handed out first, so that no gap remains.

import { CodedError } from "../protocol/errors.js";
import { SEQUENCE_MAX } from "../protocol/limits.js";

/** Where a lane's state is read; `TTChainClient` is one. */
export interface LaneSource {
  lane(address: Uint8Array, lane: number): Promise<{ sequencePending: number }>;
}

interface LaneState {
  next: number;
  /** Given back, in ascending order; all below `next`. */
  free: number[];
}

export class LaneSequencer {
  readonly #source: LaneSource;
  readonly #address: Uint8Array;
  readonly #lanes = new Map<number, Promise<LaneState>>();

  constructor(source: LaneSource, address: Uint8Array) {
    this.#source = source;
    this.#address = address;
  }

  /** The next number of `lane`; the first call of a lane asks the node. */
  async next(lane: number): Promise<number> {
    const state = await this.#state(lane);
    const sequence = state.free.shift() ?? state.next++;
    if (sequence > SEQUENCE_MAX) {
      throw new CodedError("AMOUNT_OUT_OF_RANGE", `lane ${lane} has used all its sequence numbers: take another lane`);
    }
    return sequence;
  }

  /** Gives back a number whose transaction was refused and is not sent again. */
  async release(lane: number, sequence: number): Promise<void> {
    const state = await this.#state(lane);
    if (sequence >= state.next || state.free.includes(sequence)) {
      return;
    }
    state.free.push(sequence);
    state.free.sort((a, b) => a - b);
    while (state.free.length > 0 && state.free[state.free.length - 1] === state.next - 1) {
      state.free.pop();
      state.next--;
    }
  }

  /** Forgets what is known of `lane`; the next number comes from the node. For SEQUENCE_USED and SEQUENCE_GAP. */
  resync(lane: number): void {
    this.#lanes.delete(lane);
  }

  #state(lane: number): Promise<LaneState> {
    let state = this.#lanes.get(lane);
    if (state === undefined) {
      state = this.#source
        .lane(this.#address, lane)
        .then(({ sequencePending }) => ({ next: sequencePending, free: [] }));
      this.#lanes.set(lane, state);
      // A read that failed must not be remembered.
      state.catch(() => this.#lanes.delete(lane));
    }
    return state;
  }
}

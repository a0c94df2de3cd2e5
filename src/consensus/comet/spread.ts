// The mempool as the clients of a node reach it whose blocks others make too: what it admits is handed on to the node's peers. While blocks
// can't keep up it admits nothing.

import { busyError } from "../../mempool/admission.js";
import type { Mempool, SubmitResult } from "../../mempool/mempool.js";
import type { Transaction } from "../../protocol/transaction.js";
import type { Backlog } from "./backlog.js";
import type { Outbox } from "./outbox.js";

export class SpreadingMempool {
  constructor(
    private readonly mempool: Mempool,
    private readonly outbox: Pick<Outbox, "add">,
    private readonly backlog: Pick<Backlog, "isFull">,
  ) {}

  async submit(transactions: Uint8Array[], isNewcomer = false): Promise<SubmitResult[]> {
    // What waits behind a gap in its lane is not counted: blocks can't take it, and what fills the gap must come in.
    const waiting = this.mempool.readyCount + this.mempool.verifying;
    if (this.backlog.isFull(waiting)) {
      const error = busyError(this.mempool.limits, `${waiting} transactions wait for blocks`);
      return transactions.map(() => ({ id: undefined, error }));
    }
    const results = await this.mempool.submit(transactions, isNewcomer);
    results.forEach(({ error }, i) => {
      if (error === undefined) {
        this.outbox.add(transactions[i]);
      }
    });
    return results;
  }

  pending(id: Uint8Array): Transaction | undefined {
    return this.mempool.pending(id);
  }

  pendingSequence(address: Uint8Array, lane: number): number | undefined {
    return this.mempool.pendingSequence(address, lane);
  }

  get count(): number {
    return this.mempool.count;
  }

  get bytes(): number {
    return this.mempool.bytes;
  }
}

// The mempool as the clients of a node reach it whose blocks others make too: what it admits is handed on to the node's peers.

import type { Mempool, SubmitResult } from "../../mempool/mempool.js";
import type { Transaction } from "../../protocol/transaction.js";
import type { Outbox } from "./outbox.js";

export class SpreadingMempool {
  constructor(
    private readonly mempool: Mempool,
    private readonly outbox: Pick<Outbox, "add">,
  ) {}

  async submit(transactions: Uint8Array[], isNewcomer = false): Promise<SubmitResult[]> {
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

  holds(idKey: string): boolean {
    return this.mempool.holds(idKey);
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

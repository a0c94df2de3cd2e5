// What a worker thread does: it runs calls on leaves that were sent along, asks for those that it lacks, and tells how each call ended
// and what it read. It waits without an event loop and keeps no leaf from one batch to the next.

import { receiveMessageOnPort } from "node:worker_threads";
import type { GasSchedule } from "../../../protocol/gasSchedule.js";
import type { LvmContract, LvmHost } from "../../lvm/lvmHost.js";
import type { LvmMachine } from "../../lvm/lvmMachine.js";
import { contractMachine } from "../machine.js";
import type { Answer, FromWorker, Question, SpeculativeCall, ToWorker, WorkerStart } from "./callMessages.js";

const NO_READS = { storage: [], balances: [], contracts: [] };

class CallWorker {
  private readonly waiting: { calls: SpeculativeCall[]; prices: GasSchedule }[] = [];
  private ended = false;

  constructor(private readonly start: WorkerStart) {}

  run(): void {
    while (!this.ended) {
      const batch = this.waiting.shift();
      if (batch === undefined) {
        this.take(this.receive());
      } else {
        for (const call of batch.calls) {
          this.runOne(call, contractMachine(batch.prices));
        }
      }
    }
  }

  /** The next message, waited for. */
  private receive(): ToWorker {
    const { port, toWorker } = this.start;
    for (;;) {
      const seen = Atomics.load(toWorker, 0);
      const message = receiveMessageOnPort(port) as { message: ToWorker } | undefined;
      if (message !== undefined) {
        return message.message;
      }
      Atomics.wait(toWorker, 0, seen);
    }
  }

  private take(message: ToWorker): void {
    if ("calls" in message) {
      this.waiting.push(message);
    } else if ("end" in message) {
      this.ended = true;
    }
  }

  private tell(message: FromWorker): void {
    this.start.port.postMessage(message);
    Atomics.add(this.start.fromWorkers, 0, 1);
    Atomics.notify(this.start.fromWorkers, 0);
  }

  private ask(question: Question): Answer {
    this.tell({ question });
    for (;;) {
      const message = this.receive();
      if ("answer" in message) {
        return message.answer;
      }
      this.take(message);
      if (this.ended) {
        throw new Error("the pool ends");
      }
    }
  }

  private runOne({ index, call, prefetched }: SpeculativeCall, machine: LvmMachine): void {
    if (Atomics.load(this.start.turn, 0) > index) {
      this.tell({ done: { index, result: undefined, reads: NO_READS } });
      return;
    }
    try {
      const { reads, ...result } = machine.callOn(this.hostOf(prefetched), call);
      this.tell({ done: { index, result, reads: reads() } });
    } catch {
      this.tell({ done: { index, result: undefined, reads: NO_READS } });
    }
  }

  private hostOf({ storage, balances, contracts }: SpeculativeCall["prefetched"]): LvmHost {
    const hashes = new Map(contracts.map(({ address, codeHash }) => [address, codeHash]));
    const entries = new Map(storage.map(({ contract, key, value }) => [contract + key, value]));
    const units = new Map(balances.map(({ address, token, amountUnits }) => [address + token, amountUnits]));
    return {
      getContract: (address) => {
        const codeHash = hashes.has(address)
          ? hashes.get(address)
          : (this.ask({ kind: "contract", address }) as string | undefined);
        return codeHash === undefined ? undefined : this.contract(address, codeHash);
      },
      getStorage: (contract, key) =>
        entries.has(contract + key)
          ? entries.get(contract + key)
          : (this.ask({ kind: "storage", address: contract, key }) as Uint8Array | undefined),
      getBalance: (address, token) =>
        units.get(address + token) ?? (this.ask({ kind: "balance", address, token }) as bigint),
      // Neither changes within a block: what a call heard of them holds at its turn.
      seedHeights: () => this.ask({ kind: "seedHeights" }) as number,
      seedAt: (height) => this.ask({ kind: "seed", height }) as Uint8Array | undefined,
    };
  }

  private contract(address: string, codeHash: string): LvmContract {
    const ask = () => this.ask({ kind: "source", address }) as Uint8Array;
    return {
      codeHash,
      // Asked for only where this worker's machine has not loaded the code yet.
      get source() {
        return ask();
      },
    };
  }
}

/** The whole life of a worker; the pool starts it by name and ends it by a message. */
export function serveCalls(start: WorkerStart): void {
  new CallWorker(start).run();
}

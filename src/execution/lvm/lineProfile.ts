// Where a contract's gas goes, line by line. A line's gas includes what it calls: host functions, storage, other contracts.

import type { FrameOutcome, FrameRequest } from "./frame.js";
import type { LvmObserver } from "./observer.js";

export interface LineUse {
  /** From 1; 0 stands for what comes before the first line: loading the contract and its arguments. */
  readonly line: number;
  gas: number;
  /** How often the line was reached from another one. */
  visits: number;
}

/** What calls of one function used, the called contracts included. */
export interface FunctionUse {
  readonly name: string;
  calls: number;
  failures: number;
  gas: number;
  gasMin: number;
  gasMax: number;
}

interface OpenCall {
  readonly contract: string;
  line: number;
  gas: number;
}

/** An observer that adds up; any number of calls. */
export class LineProfile implements LvmObserver {
  private readonly uses = new Map<string, Map<number, LineUse>>();
  private readonly functions = new Map<string, Map<string, FunctionUse>>();
  private readonly open: OpenCall[] = [];

  /** The lines that used gas in calls of `contract`, in order. */
  linesOf(contract: string): LineUse[] {
    return [...(this.uses.get(contract)?.values() ?? [])].sort((a, b) => a.line - b.line);
  }

  /** The functions of `contract` that were called, in the order of their first call. */
  functionsOf(contract: string): FunctionUse[] {
    return [...(this.functions.get(contract)?.values() ?? [])];
  }

  enter(request: FrameRequest): void {
    this.open.push({ contract: request.contract, line: 0, gas: request.gas });
    this.use(request.contract, 0).visits++;
  }

  step(_contract: string, line: number, gas: number): void {
    const call = this.open[this.open.length - 1];
    this.use(call.contract, call.line).gas += call.gas - gas;
    if (line !== call.line) {
      this.use(call.contract, line).visits++;
    }
    call.line = line;
    call.gas = gas;
  }

  leave(request: FrameRequest, outcome: FrameOutcome): void {
    const call = this.open.pop() as OpenCall;
    this.use(call.contract, call.line).gas += call.gas - (request.gas - outcome.gasUsed);
    this.addCall(request, outcome);
  }

  private addCall({ contract, functionName: name }: FrameRequest, { code, gasUsed }: FrameOutcome): void {
    const functions = this.functions.get(contract) ?? new Map<string, FunctionUse>();
    this.functions.set(contract, functions);
    const use = functions.get(name) ?? { name, calls: 0, failures: 0, gas: 0, gasMin: gasUsed, gasMax: gasUsed };
    functions.set(name, use);
    use.calls++;
    use.failures += code === "LVM_OK" ? 0 : 1;
    use.gas += gasUsed;
    use.gasMin = Math.min(use.gasMin, gasUsed);
    use.gasMax = Math.max(use.gasMax, gasUsed);
  }

  private use(contract: string, line: number): LineUse {
    const lines = this.uses.get(contract) ?? new Map<number, LineUse>();
    this.uses.set(contract, lines);
    const use = lines.get(line) ?? { line, gas: 0, visits: 0 };
    lines.set(line, use);
    return use;
  }

  read(): void {}
  write(): void {}
  transfer(): void {}
  emit(): void {}
  deploy(): void {}
}

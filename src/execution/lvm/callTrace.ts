// What calls did, in order: each line that was reached, and what happened to the chain while it ran.

import { decodeLvmValue, decodeLvmValues, type LvmValue } from "../../protocol/lvmValue.js";
import type { FrameOutcome, FrameRequest } from "./frame.js";
import type { LvmDeployment, LvmEvent, LvmTransfer } from "./lvmHost.js";
import type { LvmObserver } from "./observer.js";

/** A stored variable's name and, where it is an entry of a map or array, its key. */
export interface StorageName {
  readonly name: string;
  readonly key?: LvmValue;
}

/** `depth`: 1 for the outermost contract. Addresses have one byte per character. */
export type TraceEntry = { readonly depth: number; readonly contract: string } & (
  | { readonly kind: "enter"; readonly functionName: string; readonly args: LvmValue[]; readonly gas: number }
  | { readonly kind: "line"; readonly line: number; gas: number }
  | { readonly kind: "read"; readonly variable: StorageName; readonly value: LvmValue | undefined }
  | {
      readonly kind: "write";
      readonly variable: StorageName;
      readonly before: LvmValue | undefined;
      readonly value: LvmValue | undefined;
    }
  | { readonly kind: "transfer"; readonly transfer: LvmTransfer }
  | { readonly kind: "event"; readonly name: string; readonly args: LvmValue }
  | { readonly kind: "deploy"; readonly address: string; readonly template: string }
  | {
      readonly kind: "leave";
      readonly code: FrameOutcome["code"];
      readonly message: string;
      readonly value: LvmValue | undefined;
      readonly gasUsed: number;
    }
);

function decoded(bytes: Uint8Array | undefined): LvmValue | undefined {
  return bytes === undefined || bytes.length === 0 ? undefined : decodeLvmValue(bytes);
}

/** Owner and roles lie under keys that begin with a zero byte; see accessApi.ts. */
function storageName(key: string): StorageName {
  if (key.startsWith("\0owner")) {
    return { name: "access owner" };
  }
  if (key.startsWith("\0role")) {
    const end = 6 + key.charCodeAt(5);
    return { name: `access role ${key.slice(6, end)}`, key: Buffer.from(key.slice(end), "latin1") };
  }
  const end = 1 + key.charCodeAt(0);
  const rest = Buffer.from(key.slice(end), "latin1");
  return rest.length === 0 ? { name: key.slice(1, end) } : { name: key.slice(1, end), key: decodeLvmValue(rest) };
}

/** An observer that keeps at most `entriesMax` entries; what comes later is counted only. */
export class CallTrace implements LvmObserver {
  readonly entries: TraceEntry[] = [];
  /** Entries that found no room. */
  left = 0;
  private readonly open: { contract: string; line: number; gas: number; entry?: { gas: number } }[] = [];

  constructor(private readonly entriesMax = 100_000) {}

  private add(entry: TraceEntry): void {
    if (this.entries.length < this.entriesMax) {
      this.entries.push(entry);
    } else {
      this.left++;
    }
  }

  private get place(): { depth: number; contract: string } {
    return { depth: this.open.length, contract: this.open[this.open.length - 1]?.contract ?? "" };
  }

  enter({ contract, functionName, args, gas }: FrameRequest): void {
    this.open.push({ contract, line: 0, gas });
    this.add({ ...this.place, kind: "enter", functionName, args: decodeLvmValues(args), gas });
  }

  step(_contract: string, line: number, gas: number): void {
    const call = this.open[this.open.length - 1];
    if (call.entry !== undefined) {
      call.entry.gas += call.gas - gas;
    }
    if (line !== call.line) {
      const entry: TraceEntry = { ...this.place, kind: "line", line, gas: 0 };
      call.line = line;
      call.entry = entry;
      this.add(entry);
    }
    call.gas = gas;
  }

  leave(request: FrameRequest, outcome: FrameOutcome): void {
    const call = this.open[this.open.length - 1];
    if (call.entry !== undefined) {
      call.entry.gas += call.gas - (request.gas - outcome.gasUsed);
    }
    const { code, message, gasUsed } = outcome;
    this.add({ ...this.place, kind: "leave", code, message, value: decoded(outcome.value), gasUsed });
    this.open.pop();
  }

  read(_contract: string, key: string, value: Uint8Array | undefined): void {
    this.add({ ...this.place, kind: "read", variable: storageName(key), value: decoded(value) });
  }

  write(_contract: string, key: string, before: Uint8Array | undefined, value: Uint8Array | undefined): void {
    const variable = storageName(key);
    this.add({ ...this.place, kind: "write", variable, before: decoded(before), value: decoded(value) });
  }

  transfer(transfer: LvmTransfer): void {
    this.add({ ...this.place, kind: "transfer", transfer });
  }

  deploy({ address, template }: LvmDeployment): void {
    this.add({ ...this.place, kind: "deploy", address, template });
  }

  emit({ name, data }: LvmEvent): void {
    this.add({ ...this.place, kind: "event", name, args: decodeLvmValue(data) });
  }
}

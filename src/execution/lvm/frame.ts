// What host functions know of the call they serve. A frame lives as long as one contract's run, or its loading.

import { LvmError, type LvmErrorCode } from "../../protocol/lvmError.js";
import type { AbiBuilder } from "./contractAbi.js";
import type { CallJournal, ContractStorage } from "./journal.js";
import type { LvmTransaction } from "./lvmHost.js";

/** One contract's call, by a transaction or by another contract. */
export interface FrameRequest {
  readonly transaction: LvmTransaction;
  readonly journal: CallJournal;
  /** 1 for the outermost. */
  readonly depth: number;
  readonly contract: string;
  readonly sender: string;
  readonly functionName: string;
  /** Arguments in canonical encoding, one after another. */
  readonly args: Uint8Array;
  readonly token: string;
  readonly amountUnits: bigint;
  readonly gas: number;
  readonly memoryBytesMax: number;
  readonly cLevels: number;
  readonly isReadOnly: boolean;
  /** Contracts whose calls are open, this one's excluded. */
  readonly callers: readonly string[];
  /** Where the call is the constructor's of a contract that `sender` makes: whose code it has, and that code's hash. */
  readonly deployment?: { readonly template: string; readonly codeHash: string } | undefined;
}

/** How a frame ended. `value`: canonical encoding; empty where the call failed. */
export interface FrameOutcome {
  readonly code: "LVM_OK" | LvmErrorCode;
  readonly value: Uint8Array;
  readonly gasUsed: number;
  readonly message: string;
  /** Line in the source of `contract`, where known. */
  readonly line: number | undefined;
}

/** A call that runs. */
export interface RunningFrame {
  readonly request: FrameRequest;
  readonly storage: ContractStorage;
  readonly isReadOnly: boolean;
  readonly isConstructor: boolean;
  /** Runs another contract's call; see LvmMachine. */
  readonly callContract: (request: FrameRequest) => FrameOutcome;
}

/** A contract that loads: it may declare, and nothing else. */
export interface LoadingFrame {
  readonly declarations: AbiBuilder;
}

export type Frame = RunningFrame | LoadingFrame;

/** The running call; an error while loading. */
export function runningFrame(frame: Frame | undefined): RunningFrame {
  if (frame === undefined || "declarations" in frame) {
    throw new LvmError("LVM_LOADING", "not available while the contract is loading");
  }
  return frame;
}

/** The running call, which may write; an error otherwise. */
export function writingFrame(frame: Frame | undefined): RunningFrame {
  const running = runningFrame(frame);
  if (running.isReadOnly) {
    throw new LvmError("LVM_READ_ONLY", "a read-only call may not change anything");
  }
  return running;
}

/** The declarations of the contract that loads; an error afterwards. */
export function loadingDeclarations(frame: Frame | undefined): AbiBuilder {
  if (frame === undefined || !("declarations" in frame)) {
    throw new LvmError("LVM_NOT_LOADING", "declarations belong to the top level of the source");
  }
  return frame.declarations;
}

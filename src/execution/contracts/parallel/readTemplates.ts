// What a call will probably read: what the last call of the same function read, with that call's sender and arguments put in the place of
// this one's. A wrong guess costs a question; it never changes a result.

import { LvmError } from "../../../protocol/lvmError.js";
import { decodeLvmValues, encodeLvmValue } from "../../../protocol/lvmValue.js";
import type { LvmReads } from "../../lvm/lvmHost.js";
import type { LvmCall } from "../../lvm/lvmMachine.js";

const FUNCTIONS_KEPT = 4_096;
/** Characters from here on stand for a call's sender and arguments: keys are made of bytes. */
const FIRST_PLACEHOLDER = 0x100;
/** What is shorter would be found in keys by chance. */
const SYMBOL_LENGTH_MIN = 8;

type Call = Omit<LvmCall, "host">;

interface Template {
  contracts: string[];
  storage: { contract: string; key: string }[];
  balances: { address: string; token: string }[];
  gasUsed: number;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** The byte strings of a call that may be part of the keys that it reads: sender and arguments, plain and as map keys. */
function symbolsOf({ sender, args }: Call): string[] {
  const symbols = [sender];
  try {
    for (const value of args instanceof Uint8Array ? decodeLvmValues(args) : args) {
      symbols.push(value instanceof Uint8Array ? latin1(value) : latin1(encodeLvmValue(value)));
    }
  } catch (error) {
    if (!(error instanceof LvmError)) {
      throw error;
    }
  }
  return symbols;
}

function abstract(text: string, symbols: string[]): string {
  let result = text;
  for (const [i, symbol] of symbols.entries()) {
    if (symbol.length >= SYMBOL_LENGTH_MIN) {
      result = result.replaceAll(symbol, String.fromCharCode(FIRST_PLACEHOLDER + i));
    }
  }
  return result;
}

function concrete(text: string, symbols: string[]): string {
  return text.replace(/[\u0100-\uffff]/g, (mark) => symbols[mark.charCodeAt(0) - FIRST_PLACEHOLDER] ?? "");
}

export class ReadTemplates {
  private readonly templates = new Map<string, Template>();

  private static nameOf({ contract, functionName }: Call): string {
    return `${contract}${functionName}`;
  }

  /** Remembers what a call read and used. */
  learn(call: Call, reads: LvmReads, gasUsed: number): void {
    const symbols = symbolsOf(call);
    if (this.templates.size >= FUNCTIONS_KEPT) {
      this.templates.clear();
    }
    this.templates.set(ReadTemplates.nameOf(call), {
      contracts: reads.contracts.map(({ address }) => abstract(address, symbols)),
      storage: reads.storage.map(({ contract, key }) => ({
        contract: abstract(contract, symbols),
        key: abstract(key, symbols),
      })),
      balances: reads.balances.map(({ address, token }) => ({ address: abstract(address, symbols), token })),
      gasUsed,
    });
  }

  /** Gas that the call will probably use. */
  gasOf(call: Call): number {
    return this.templates.get(ReadTemplates.nameOf(call))?.gasUsed ?? call.gasLimit;
  }

  /** The leaves that the call will probably read. */
  of(call: Call): Omit<Template, "gasUsed"> {
    const template = this.templates.get(ReadTemplates.nameOf(call));
    if (template === undefined) {
      return { contracts: [call.contract], storage: [], balances: [] };
    }
    const symbols = symbolsOf(call);
    return {
      contracts: template.contracts.map((address) => concrete(address, symbols)),
      storage: template.storage.map(({ contract, key }) => ({
        contract: concrete(contract, symbols),
        key: concrete(key, symbols),
      })),
      balances: template.balances.map(({ address, token }) => ({ address: concrete(address, symbols), token })),
    };
  }
}

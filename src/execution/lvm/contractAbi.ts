// What a contract declares of itself while it loads: its functions with parameter types, its state variables. Parameters
// are written as "to: address, amount: integer, memo: string?"; a question mark lets nil pass.

import { LvmError } from "../../protocol/lvmError.js";
import { DECLARATIONS_MAX, NAME_BYTES_MAX } from "./limits.js";

export const ABI_TYPES = ["any", "boolean", "integer", "string", "address", "bignum", "table"] as const;
export type AbiType = (typeof ABI_TYPES)[number];

export interface AbiParameter {
  readonly name: string;
  readonly type: AbiType;
  readonly isOptional: boolean;
}

export type AbiFunctionKind = "constructor" | "call" | "payable" | "view";

export interface AbiFunction {
  readonly name: string;
  readonly kind: AbiFunctionKind;
  readonly parameters: readonly AbiParameter[];
  readonly returns: AbiType | undefined;
}

export interface AbiStateVariable {
  readonly name: string;
  readonly kind: "value" | "map" | "array";
}

export interface ContractAbi {
  readonly name: string;
  readonly version: string;
  readonly functions: readonly AbiFunction[];
  readonly state: readonly AbiStateVariable[];
}

/** The constructor's name; it takes part in no other call. */
export const CONSTRUCTOR_NAME = "constructor";

/** The function that an upgrade runs, where the new code has one; nobody else can call it. */
export const MIGRATION_NAME = "migrate";

/** The view function that says whether a package may take the code's place, where that is for the contract's own vote to say. */
export const UPGRADE_VOTE_NAME = "mayUpgrade";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function checkName(name: string, what: string): void {
  if (!NAME.test(name) || name.length > NAME_BYTES_MAX) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected a name for the ${what}, got '${name.slice(0, NAME_BYTES_MAX)}'`);
  }
}

function parseType(text: string): AbiType {
  const type = ABI_TYPES.find((known) => known === text);
  if (type === undefined) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected one of ${ABI_TYPES.join(", ")}, got '${text.slice(0, 40)}'`);
  }
  return type;
}

function parseParameters(text: string): AbiParameter[] {
  if (text.trim() === "") {
    return [];
  }
  return text.split(",").map((part) => {
    const [name, type = ""] = part.split(":").map((piece) => piece.trim());
    checkName(name, "parameter");
    return { name, type: parseType(type.replace(/\?$/, "")), isOptional: type.endsWith("?") };
  });
}

/** A declared function and the registry slot of its closure in the contract's image. */
export interface LoadedFunction extends AbiFunction {
  readonly slot: number;
}

/** Collects declarations while a contract loads. */
export class AbiBuilder {
  name = "";
  version = "";
  readonly functions = new Map<string, LoadedFunction>();
  private readonly state = new Map<string, AbiStateVariable>();

  /** Adds a function; `parameters` and `returns` in their written form. */
  addFunction(kind: AbiFunctionKind, name: string, parameters: string, returns: string, slot: number): void {
    checkName(name, "function");
    if (this.functions.has(name) || (name === CONSTRUCTOR_NAME) !== (kind === "constructor")) {
      throw new LvmError("LVM_BAD_ARGUMENT", `the function name '${name}' is taken`);
    }
    if (this.functions.size >= DECLARATIONS_MAX) {
      throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${DECLARATIONS_MAX} functions`);
    }
    this.functions.set(name, {
      name,
      kind,
      parameters: parseParameters(parameters),
      returns: returns === "" ? undefined : parseType(returns),
      slot,
    });
  }

  addState(kind: AbiStateVariable["kind"], name: string): void {
    checkName(name, "state variable");
    if (this.state.has(name)) {
      throw new LvmError("LVM_BAD_ARGUMENT", `the state variable '${name}' was declared before`);
    }
    if (this.state.size >= DECLARATIONS_MAX) {
      throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${DECLARATIONS_MAX} state variables`);
    }
    this.state.set(name, { name, kind });
  }

  build(): ContractAbi {
    const functions = Array.from(this.functions.values(), ({ name, kind, parameters, returns }) => ({
      name,
      kind,
      parameters,
      returns,
    }));
    return { name: this.name, version: this.version, functions, state: [...this.state.values()] };
  }
}

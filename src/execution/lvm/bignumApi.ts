// `bignum`: signed 256-bit integers as a type of their own, for products that 64 bits can't hold. Arithmetic mixes with
// plain integers and fails on overflow instead of wrapping; `//` and `%` round towards minus infinity, as Lua's do.

import { LvmError } from "../../protocol/lvmError.js";
import { BIGNUM_MAX, BIGNUM_MIN } from "../../protocol/lvmValue.js";
import { OBJECT_BIGNUM } from "./luaStack.js";
import type { ApiFunction, ApiLibrary, Sandbox } from "./sandbox.js";

/** Decimal digits of the largest value, and its sign. */
const DECIMAL_LENGTH_MAX = 79;

function operand(sandbox: Sandbox, position: number): bigint {
  const { stack } = sandbox;
  if (stack.objectKindAt(position) === OBJECT_BIGNUM) {
    return stack.bignumValue(stack.objectAt(position));
  }
  return stack.isInteger(position) ? stack.integerAt(position) : stack.wrongType(position, "bignum or integer");
}

function push(sandbox: Sandbox, value: bigint): number {
  if (value < BIGNUM_MIN || value > BIGNUM_MAX) {
    throw new LvmError("LVM_BIGNUM", "the result needs more than 256 bits");
  }
  return sandbox.stack.pushBignum(value);
}

function floorDivide(a: bigint, b: bigint): bigint {
  if (b === 0n) {
    throw new LvmError("LVM_BIGNUM", "division by zero");
  }
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function charge(sandbox: Sandbox): void {
  sandbox.lua.charge(sandbox.prices.bignumOperation);
}

function binary(operation: (a: bigint, b: bigint) => bigint): ApiFunction {
  return (sandbox) => {
    charge(sandbox);
    return push(sandbox, operation(operand(sandbox, 1), operand(sandbox, 2)));
  };
}

function comparison(compare: (a: bigint, b: bigint) => boolean): ApiFunction {
  return (sandbox) => {
    charge(sandbox);
    return sandbox.stack.pushBoolean(compare(operand(sandbox, 1), operand(sandbox, 2)));
  };
}

function parse(sandbox: Sandbox): bigint {
  if (!sandbox.stack.isString(1)) {
    return operand(sandbox, 1);
  }
  const text = sandbox.stack.bytesAt(1).length <= DECIMAL_LENGTH_MAX ? sandbox.stack.byteStringAt(1) : "";
  if (!/^-?[0-9]+$/.test(text)) {
    throw new LvmError("LVM_BAD_ARGUMENT", "expected a decimal integer of at most 78 digits");
  }
  return BigInt(text);
}

/** base ^ exponent by repeated squaring, stopping where it leaves 256 bits. */
function power(sandbox: Sandbox): bigint {
  const base = operand(sandbox, 1);
  let rest = sandbox.stack.integerAt(2);
  if (rest < 0n) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected an exponent of at least zero, got ${rest}`);
  }
  if (base === 0n || base === 1n || base === -1n) {
    return rest === 0n ? 1n : base === -1n && rest % 2n === 0n ? 1n : base;
  }
  let result = 1n;
  for (; rest > 0n; rest--) {
    charge(sandbox);
    result *= base;
    if (result < BIGNUM_MIN || result > BIGNUM_MAX) {
      throw new LvmError("LVM_BIGNUM", "the result needs more than 256 bits");
    }
  }
  return result;
}

function concatenate(sandbox: Sandbox): number {
  const part = (position: number) =>
    sandbox.stack.isString(position) ? sandbox.stack.byteStringAt(position) : String(operand(sandbox, position));
  charge(sandbox);
  const joined = part(1) + part(2);
  sandbox.lua.charge(joined.length);
  if (joined.length > 65_536) {
    throw new LvmError("LVM_BAD_ARGUMENT", "the text is too long to put a bignum to");
  }
  return sandbox.stack.pushByteString(joined);
}

export const bignumLibrary: ApiLibrary = {
  tables: {
    bignum: {
      new: (sandbox) => {
        charge(sandbox);
        return push(sandbox, parse(sandbox));
      },
      isBignum: (sandbox) => sandbox.stack.pushBoolean(sandbox.stack.objectKindAt(1) === OBJECT_BIGNUM),
      toInteger: (sandbox) => {
        const value = operand(sandbox, 1);
        return value === BigInt.asIntN(64, value) ? sandbox.stack.pushInteger(value) : sandbox.stack.pushNil();
      },
      pow: (sandbox) => push(sandbox, power(sandbox)),
      mulDiv: (sandbox) => {
        charge(sandbox);
        const product = operand(sandbox, 1) * operand(sandbox, 2);
        return push(sandbox, floorDivide(product, operand(sandbox, 3)));
      },
    },
  },
  objects: {
    [OBJECT_BIGNUM]: {
      __add: binary((a, b) => a + b),
      __sub: binary((a, b) => a - b),
      __mul: binary((a, b) => a * b),
      __idiv: binary(floorDivide),
      __mod: binary((a, b) => a - floorDivide(a, b) * b),
      __unm: (sandbox) => push(sandbox, -operand(sandbox, 1)),
      __eq: comparison((a, b) => a === b),
      __lt: comparison((a, b) => a < b),
      __le: comparison((a, b) => a <= b),
      __concat: concatenate,
      __tostring: (sandbox) => {
        charge(sandbox);
        return sandbox.stack.pushText(String(operand(sandbox, 1)));
      },
    },
  },
  methods: {},
};

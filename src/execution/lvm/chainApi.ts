// `chain`, `token`, `event` and `contract`: what a contract learns of the transaction and the block, moves, tells and calls.

import { bytesKey, keyBytes } from "../../base/bytes.js";
import { deployedAddress } from "../../protocol/address.js";
import { LvmError } from "../../protocol/lvmError.js";
import { CONSTRUCTOR_NAME } from "./contractAbi.js";
import type { FrameRequest, RunningFrame } from "./frame.js";
import { runningFrame, writingFrame } from "./frame.js";
import { ARGUMENT_BYTES_MAX, CALL_DEPTH_MAX, DEPLOYMENTS_MAX, EVENT_BYTES_MAX, EVENTS_MAX } from "./limits.js";
import { TYPE_TABLE } from "./luaLayout.js";
import { NATIVE_TOKEN } from "./lvmHost.js";
import type { ApiFunction, ApiLibrary, Sandbox } from "./sandbox.js";
import { askSeed, seed } from "./seedApi.js";

function text(read: (frame: RunningFrame) => string): ApiFunction {
  return (sandbox) => sandbox.stack.pushByteString(read(runningFrame(sandbox.frame)));
}

function integer(read: (frame: RunningFrame) => bigint | number): ApiFunction {
  return (sandbox) => sandbox.stack.pushInteger(read(runningFrame(sandbox.frame)));
}

function tokenAt(sandbox: Sandbox, position: number): string {
  return sandbox.stack.isNil(position) ? NATIVE_TOKEN : sandbox.stack.nameAt(position);
}

function balance(sandbox: Sandbox, address: string, token: string): number {
  const frame = runningFrame(sandbox.frame);
  sandbox.lua.charge(sandbox.prices.balanceRead);
  return sandbox.stack.pushInteger(frame.request.journal.balance(address, token));
}

const transfer: ApiFunction = (sandbox) => {
  const { stack, lua, prices } = sandbox;
  const { request } = writingFrame(sandbox.frame);
  const to = stack.addressAt(1);
  const amountUnits = stack.integerAt(2);
  const token = tokenAt(sandbox, 3);
  if (amountUnits <= 0n) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected an amount above zero, got ${amountUnits}`);
  }
  lua.charge(prices.transfer);
  if (!request.journal.transfer({ from: request.contract, to, token, amountUnits })) {
    throw new LvmError("LVM_BALANCE", `the contract has less than ${amountUnits} units of ${token}`);
  }
  return 0;
};

const emit: ApiFunction = (sandbox) => {
  const { stack, lua, prices } = sandbox;
  const { request } = writingFrame(sandbox.frame);
  const name = stack.nameAt(1);
  const tooMuch = (): never => {
    throw new LvmError("LVM_EVENT_LIMIT", `expected at most ${EVENTS_MAX} events of at most ${EVENT_BYTES_MAX} bytes`);
  };
  if (request.journal.events.length >= EVENTS_MAX) {
    tooMuch();
  }
  for (let position = 2; position <= stack.count; position++) {
    if (stack.isNil(position)) {
      throw new LvmError("LVM_BAD_VALUE", `argument ${position}: an event can't hold nil`);
    }
  }
  const data = stack.encodeFrom(2, true, EVENT_BYTES_MAX - name.length, tooMuch);
  lua.charge(prices.event + prices.eventByte * (name.length + data.length));
  request.journal.emit({ contract: request.contract, name, data });
  return 0;
};

interface CallTarget {
  address: string;
  token: string;
  amountUnits: bigint;
  gasMax: number;
}

/** An address, or a table with `address` and perhaps `amount`, `token` and `gas`. */
function targetAt(sandbox: Sandbox, position: number): CallTarget {
  const { stack, lua } = sandbox;
  const target = { address: "", token: NATIVE_TOKEN, amountUnits: 0n, gasMax: lua.gas };
  if (stack.typeAt(position) !== TYPE_TABLE) {
    return { ...target, address: stack.addressAt(position) };
  }
  const field = (name: string): number | undefined => {
    lua.functions.luaL_checkstack(lua.state, 4, 0);
    stack.pushText(name);
    lua.functions.lua_rawget(lua.state, position);
    return stack.isNil(stack.count) ? undefined : stack.count;
  };
  const address = field("address");
  const amount = field("amount");
  const token = field("token");
  const gas = field("gas");
  target.address =
    address === undefined ? stack.wrongType(position, "a table with an address") : stack.addressAt(address);
  target.token = token === undefined ? NATIVE_TOKEN : stack.nameAt(token);
  target.amountUnits = amount === undefined ? 0n : stack.integerAt(amount);
  const gasWished = gas === undefined ? BigInt(target.gasMax) : stack.integerAt(gas);
  if (target.amountUnits < 0n || gasWished < 0n) {
    throw new LvmError("LVM_BAD_ARGUMENT", "expected amount and gas of at least zero");
  }
  target.gasMax = gasWished < BigInt(target.gasMax) ? Number(gasWished) : target.gasMax;
  return target;
}

/** What a call from within `frame` asks for: the target lies at position 1 of the stack, arguments from 3 on. */
function nestedRequest(
  sandbox: Sandbox,
  frame: RunningFrame,
  functionName: string,
  contractOf = (address: string) => address,
): FrameRequest {
  const { stack, lua } = sandbox;
  const { request } = frame;
  const args = stack.encodeFrom(3, false, ARGUMENT_BYTES_MAX, () => {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected at most ${ARGUMENT_BYTES_MAX} bytes of arguments`);
  });
  const target = targetAt(sandbox, 1);
  if (target.amountUnits > 0n) {
    writingFrame(frame);
    lua.charge(sandbox.prices.transfer);
  }
  if (request.depth >= CALL_DEPTH_MAX) {
    throw new LvmError("LVM_CALL_DEPTH", `expected at most ${CALL_DEPTH_MAX} contracts inside one another's calls`);
  }
  const contract = contractOf(target.address);
  if (contract === request.contract || request.callers.includes(contract)) {
    throw new LvmError("LVM_REENTRANT", "the contract is already in the middle of a call");
  }
  lua.charge(sandbox.prices.nestedCallBase);
  // The caller keeps a part, so that it can deal with a callee that used all it was given.
  const gasOffered = lua.gas - Math.floor(lua.gas / 64);
  return {
    ...request,
    depth: request.depth + 1,
    contract,
    sender: request.contract,
    functionName,
    args,
    token: target.token,
    amountUnits: target.amountUnits,
    gas: Math.min(target.gasMax, gasOffered),
    memoryBytesMax: request.memoryBytesMax - lua.memoryUsedBytes,
    cLevels: lua.cLevels,
    isReadOnly: frame.isReadOnly,
    callers: [...request.callers, request.contract],
    deployment: undefined,
  };
}

const call: ApiFunction = (sandbox) => {
  const frame = runningFrame(sandbox.frame);
  const outcome = frame.callContract(nestedRequest(sandbox, frame, sandbox.stack.nameAt(2)));
  sandbox.lua.charge(outcome.gasUsed);
  if (outcome.code !== "LVM_OK") {
    throw new LvmError(outcome.code, `the called contract failed: ${outcome.message}`);
  }
  return sandbox.stack.pushEncoded(outcome.value);
};

const tryCall: ApiFunction = (sandbox) => {
  const { stack, lua } = sandbox;
  const frame = runningFrame(sandbox.frame);
  const outcome = frame.callContract(nestedRequest(sandbox, frame, stack.nameAt(2)));
  lua.charge(outcome.gasUsed);
  lua.functions.luaL_checkstack(lua.state, 4, 0);
  stack.pushBoolean(outcome.code === "LVM_OK");
  if (outcome.code === "LVM_OK") {
    return 1 + stack.pushEncoded(outcome.value);
  }
  return 1 + stack.pushText(outcome.code) + stack.pushText(outcome.message);
};

/** (template, salt, constructor's arguments): makes a contract of the template's code, which passed its tests when it was registered. */
const deploy: ApiFunction = (sandbox) => {
  const { stack, lua, prices } = sandbox;
  const frame = writingFrame(sandbox.frame);
  const { journal, contract: deployer } = frame.request;
  const salt = stack.nameAt(2);
  if (journal.deployments.length >= DEPLOYMENTS_MAX) {
    throw new LvmError("LVM_EVENT_LIMIT", `expected at most ${DEPLOYMENTS_MAX} contracts made by a transaction's call`);
  }
  lua.charge(prices.deploy);
  let deployment = { template: "", codeHash: "" };
  const nested = nestedRequest(sandbox, frame, CONSTRUCTOR_NAME, (template) => {
    const code = journal.contract(template);
    if (code === undefined) {
      throw new LvmError("LVM_NO_CONTRACT", "there is no contract at the address whose code shall be deployed");
    }
    deployment = { template, codeHash: code.codeHash };
    const [by, hash, name] = [deployer, code.codeHash, salt].map(keyBytes);
    return bytesKey(deployedAddress(by, hash, name));
  });
  if (journal.contract(nested.contract) !== undefined) {
    throw new LvmError("LVM_BAD_ARGUMENT", "expected a salt that this contract has not used for the same code");
  }
  const outcome = frame.callContract({ ...nested, deployment });
  lua.charge(outcome.gasUsed);
  if (outcome.code !== "LVM_OK") {
    throw new LvmError(outcome.code, `the deployed contract's constructor failed: ${outcome.message}`);
  }
  return stack.pushByteString(nested.contract);
};

const codeHash: ApiFunction = (sandbox) => {
  const { stack, lua, prices } = sandbox;
  const { journal } = runningFrame(sandbox.frame).request;
  const address = stack.addressAt(1);
  lua.charge(prices.storageRead);
  const code = journal.contract(address);
  return code === undefined ? stack.pushNil() : stack.pushByteString(code.codeHash);
};

export const chainLibrary: ApiLibrary = {
  tables: {
    chain: {
      height: integer(({ request }) => request.transaction.block.height),
      time: integer(({ request }) => request.transaction.block.timeMs),
      genesis: text(({ request }) => request.transaction.block.genesisHash),
      sender: text(({ request }) => request.sender),
      origin: text(({ request }) => request.transaction.origin),
      feePayer: text(({ request }) => request.transaction.feePayer),
      contract: text(({ request }) => request.contract),
      amount: integer(({ request }) => request.amountUnits),
      token: text(({ request }) => request.token),
      askSeed,
      seed,
    },
    token: {
      transfer,
      balance: (sandbox) => {
        const { stack } = sandbox;
        const self = runningFrame(sandbox.frame).request.contract;
        return balance(sandbox, stack.isNil(1) ? self : stack.addressAt(1), tokenAt(sandbox, 2));
      },
    },
    event: { emit },
    contract: {
      call,
      tryCall,
      deploy,
      codeHash,
      balance: (sandbox) => balance(sandbox, runningFrame(sandbox.frame).request.contract, tokenAt(sandbox, 1)),
    },
  },
  objects: {},
  methods: {},
};

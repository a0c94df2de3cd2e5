// `access`: an owner and roles, kept in the contract's own storage under keys that no state variable has (their name is
// empty). Only the owner changes them; a constructor may, because nobody owns the contract yet.

import { LvmError } from "../../protocol/lvmError.js";
import { decodeLvmValue, encodeLvmValue } from "../../protocol/lvmValue.js";
import { runningFrame } from "./frame.js";
import type { ApiFunction, ApiLibrary, Sandbox } from "./sandbox.js";
import { readEntry, writeEntry } from "./stateApi.js";

const OWNER_KEY = "\0owner";
const GRANTED = encodeLvmValue(true);

function roleKey(role: string, address: string): string {
  return `\0role${String.fromCharCode(role.length)}${role}${address}`;
}

function owner(sandbox: Sandbox): string | undefined {
  const value = readEntry(sandbox, OWNER_KEY);
  return value === undefined ? undefined : Buffer.from(decodeLvmValue(value) as Uint8Array).toString("latin1");
}

function deny(message: string): never {
  throw new LvmError("LVM_ACCESS", message);
}

/** Passes for the owner, and for whoever constructs a contract that has none. */
function requireOwner(sandbox: Sandbox): void {
  const { request, isConstructor } = runningFrame(sandbox.frame);
  const current = owner(sandbox);
  if (current === undefined ? !isConstructor : current !== request.sender) {
    deny("only the owner may do this");
  }
}

function setOwner(sandbox: Sandbox, address: string): void {
  writeEntry(sandbox, OWNER_KEY, encodeLvmValue(Buffer.from(address, "latin1")));
}

function hasRole(sandbox: Sandbox, role: string, address: string): boolean {
  return readEntry(sandbox, roleKey(role, address)) !== undefined;
}

function changeRole(value: Uint8Array | undefined): ApiFunction {
  return (sandbox) => {
    const key = roleKey(sandbox.stack.nameAt(1), sandbox.stack.addressAt(2));
    requireOwner(sandbox);
    writeEntry(sandbox, key, value);
    return 0;
  };
}

export const accessLibrary: ApiLibrary = {
  tables: {
    access: {
      owner: (sandbox) => {
        const current = owner(sandbox);
        return current === undefined ? sandbox.stack.pushNil() : sandbox.stack.pushByteString(current);
      },
      setOwner: (sandbox) => {
        const address = sandbox.stack.addressAt(1);
        requireOwner(sandbox);
        setOwner(sandbox, address);
        return 0;
      },
      onlyOwner: (sandbox) => {
        if (owner(sandbox) !== runningFrame(sandbox.frame).request.sender) {
          deny("only the owner may do this");
        }
        return 0;
      },
      grant: changeRole(GRANTED),
      revoke: changeRole(undefined),
      has: (sandbox) => {
        const { stack } = sandbox;
        return stack.pushBoolean(hasRole(sandbox, stack.nameAt(1), stack.addressAt(2)));
      },
      only: (sandbox) => {
        const role = sandbox.stack.nameAt(1);
        if (!hasRole(sandbox, role, runningFrame(sandbox.frame).request.sender)) {
          deny(`only the role '${role}' may do this`);
        }
        return 0;
      },
    },
  },
  objects: {},
  methods: {},
};

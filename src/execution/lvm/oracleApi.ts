// `oracle`: what a contract asks of the world outside. The request is part of the call's effects; the answer comes in a later block as a
// call of the named function, whose gas the request pays for now.
import { systemAddress } from "../../protocol/address.js";
import { LvmError } from "../../protocol/lvmError.js";
import { writingFrame } from "./frame.js";
import { CALL_GAS_MAX, NAME_BYTES_MAX, ORACLE_REQUESTS_MAX } from "./limits.js";
import type { ApiFunction, ApiLibrary } from "./sandbox.js";

/** Who calls back. */
export const ORACLE_ADDRESS = systemAddress("oracle");
const oracleSender = Buffer.from(ORACLE_ADDRESS).toString("latin1");

const request: ApiFunction = (sandbox) => {
  const { stack, lua, prices } = sandbox;
  const frame = writingFrame(sandbox.frame);
  const { journal, contract } = frame.request;
  const feed = stack.nameAt(1);
  const key = stack.nameAt(2);
  const callback = stack.nameAt(3);
  const gas = stack.integerAt(4);
  if (gas < 1n || gas > BigInt(CALL_GAS_MAX)) {
    throw new LvmError("LVM_BAD_ARGUMENT", `expected gas for the callback, got ${gas}`);
  }
  if (journal.requests.length >= ORACLE_REQUESTS_MAX) {
    throw new LvmError("LVM_EVENT_LIMIT", `expected at most ${ORACLE_REQUESTS_MAX} requests of a transaction`);
  }
  lua.charge(prices.storageWrite + prices.storageWriteByte * 4 * NAME_BYTES_MAX);
  // More than is left would end the call anyway; the counter holds 32 bits.
  lua.charge(Number(gas));
  journal.ask({ contract, key, feed, callback, gas: Number(gas) });
  return 0;
};

export const oracleLibrary: ApiLibrary = {
  tables: {
    oracle: {
      request,
      address: (sandbox) => sandbox.stack.pushByteString(oracleSender),
    },
  },
  objects: {},
  methods: {},
};

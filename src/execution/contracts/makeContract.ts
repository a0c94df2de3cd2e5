// How a contract comes to be in the state: its leaf and its source, for a registration and for a contract that makes another.

import { assert } from "../../base/assert.js";
import { concatBytes, keyBytes } from "../../base/bytes.js";
import type { ContractLeaf } from "../../protocol/contractLeaves.js";
import { EVENT_KINDS } from "../../protocol/receipt.js";
import type { LedgerContext } from "../ledger/ledgerContext.js";
import type { LvmDeployment } from "../lvm/lvmHost.js";
import { contractLeaf, readSource, writeSource } from "./contractEntries.js";
import { codeDeposit } from "./storageDeposits.js";

/** Gives the deposit that the caller has to settle. */
export function makeContract(
  context: LedgerContext,
  address: Uint8Array,
  source: Uint8Array,
  begin: Pick<ContractLeaf, "codeHash" | "owner" | "permanent" | "upgradePolicy" | "upgradeDelayHeights">,
): bigint {
  const entry = contractLeaf(context.state, address);
  assert(entry.leaf === undefined, "a contract exists before it is made");
  const deposit = codeDeposit(context.parameters, source.length);
  context.state.set(entry, {
    ...begin,
    sourceBytes: source.length,
    upgradeCount: 0,
    paused: false,
    destroyed: false,
    heightRegistered: context.height,
    deposit,
    entryCount: 0,
    entryDeposits: 0n,
  });
  writeSource(context.state, address, source, 0);
  context.events.push({ kind: EVENT_KINDS.contractRegistered, data: concatBytes(address, begin.codeHash) });
  return deposit;
}

/**
 * A contract that a contract makes: of code that a registration or upgrade tested, and for good, because a contract signs no operations
 * as an owner (docs/decisions/contract-deploy.md).
 */
export function makeDeployed(context: LedgerContext, { deployer, address, template }: LvmDeployment): bigint {
  const from = keyBytes(template);
  const { leaf } = contractLeaf(context.state, from);
  assert(leaf !== undefined, "the machine read the template");
  const source = readSource(context.state, from, leaf.sourceBytes);
  const { codeHash } = leaf;
  const begin = { owner: keyBytes(deployer), permanent: true, upgradePolicy: "never", upgradeDelayHeights: 0 } as const;
  return makeContract(context, keyBytes(address), source, { codeHash, ...begin });
}

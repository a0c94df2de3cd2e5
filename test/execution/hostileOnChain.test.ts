// The hostile contracts of test/lvm, now as transactions: registered and called in blocks. Each ends with its code, and of one that fails
// nothing stays but the fee. After every block the chain counts each token's supply over all leaves.

import { describe, expect, test } from "vitest";
import { bytesKey, utf8Bytes } from "../../src/base/bytes.js";
import { FEE_POOL_ADDRESS } from "../../src/execution/feePool.js";
import { contractAddress } from "../../src/protocol/address.js";
import { codePieceKey, contractKey, encodeCodePiece, encodeContractLeaf } from "../../src/protocol/contractLeaves.js";
import { errorName } from "../../src/protocol/errors.js";
import { minimumFee } from "../../src/protocol/fees.js";
import { EVENT_KINDS } from "../../src/protocol/receipt.js";
import { accountKey, laneKey } from "../../src/protocol/stateLeaves.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { readParameters } from "../../src/state/views.js";
import { sha256 } from "../../src/wasm/sha256.js";
import { HOSTILE_CONTRACTS, type HostileContract } from "../lvm/hostileContracts.js";
import { callOf, gasUsed, registration } from "./contractChain.js";
import { alice, LedgerChain } from "./ledgerChain.js";

const GAS = 1_000_000;
/** Passes whatever the contract is, so that it comes as far as it can. */
const TESTS = utf8Bytes('test.case("nothing", function() end)');
const HELPERS = { bob: utf8Bytes("b".repeat(32)), alice: utf8Bytes("a".repeat(32)) };
/** Those that come no further than their registration: what does not load, and constructors that fail by themselves on a chain. */
const STOPPED_AT_REGISTRATION: Record<string, string> = {
  "bytecode as source": "LVM_FORBIDDEN",
  "a float by division": "LVM_FORBIDDEN",
  "a float by power": "LVM_FORBIDDEN",
  "a float constant": "LVM_FORBIDDEN",
  "a float by an integer too large": "LVM_FORBIDDEN",
  "reading storage while loading": "LVM_LOADING",
  "a loop while loading": "LVM_OUT_OF_GAS",
  "parentheses a thousand deep": "LVM_SYNTAX",
  "functions a thousand deep": "LVM_SYNTAX",
  "an assignment with a thousand targets": "LVM_SYNTAX",
  "a contract whose constructor makes one like itself, without end": "LVM_NO_CONTRACT",
  "making contracts that fail, without end": "LVM_RUNTIME_ERROR",
  "a contract that calls its maker while it is made": "LVM_NO_CONTRACT",
};
/** What a failed transaction changes: its sender's account and lane, and the fees. */
const PAID = [accountKey(alice.address), laneKey(alice.address, 0), accountKey(FEE_POOL_ADDRESS)].map(bytesKey);

/** The most that a block may hold by any vote. */
const BLOCK_GAS = 200_000_000;
/** For registering beside what the attack itself uses. */
const REGISTRATION_GAS = 20_000_000;

const world = new LedgerChain({ blockGasMax: BLOCK_GAS, blockPackageGasMax: BLOCK_GAS });

function fitsBlock({ gasLimit = GAS }: HostileContract): boolean {
  return gasLimit + REGISTRATION_GAS <= BLOCK_GAS;
}

/** Puts a contract at an address that hostile ones know by heart. */
function plant(chain: LedgerChain, address: Uint8Array, source: string): void {
  const bytes = utf8Bytes(source);
  const leaf = encodeContractLeaf({
    codeHash: sha256(bytes),
    sourceBytes: bytes.length,
    owner: alice.address,
    permanent: true,
    paused: false,
    destroyed: false,
    upgradePolicy: "never",
    upgradeDelayHeights: 0,
    upgradeCount: 0,
    heightRegistered: 0,
    deposit: 0n,
    entryCount: 0,
    entryDeposits: 0n,
  });
  chain.state.apply([
    { key: contractKey(address), value: leaf },
    { key: codePieceKey(address, 0), value: encodeCodePiece(bytes) },
  ]);
}

function chargedGas(chain: LedgerChain, fee: bigint): number {
  const parameters = readParameters(chain.state);
  return Number(((fee - minimumFee(parameters, "TTC")) * 1_000n) / parameters.gasPriceTtcUnits);
}

/** Registers and calls; gives the code that ended it, and how it ended. */
function attack({ body, source, gasLimit = GAS, ...helpers }: HostileContract) {
  const chain = world.copy();
  for (const [name, address] of Object.entries(HELPERS)) {
    const text = helpers[name as keyof typeof HELPERS];
    if (text !== undefined) {
      plant(chain, address, text);
    }
  }
  const packageGas = gasLimit + REGISTRATION_GAS;
  const text = source ?? `abi.payable("run", function() ${body}\nend)`;
  const package_ = chain.ask({ operations: [registration(text, { gasLimit: packageGas, tests: TESTS })] });
  const [registered] = chain.block([package_]);
  if (registered.code !== 0) {
    return { at: "registration", chain, receipt: registered, gasLimit: packageGas };
  }
  const contract = contractAddress(package_.id, 0);
  const call = callOf(contract, "run", [], { gasLimit, depositLimit: 1_000n * TTC_UNIT });
  return { at: "call", chain, receipt: chain.run({ operations: [call] }), gasLimit };
}

describe("a hostile contract on the chain", () => {
  test.each(HOSTILE_CONTRACTS.filter((hostile) => !fitsBlock(hostile)))(
    "$name costs more than any block holds",
    (hostile) => {
      expect(() => attack(hostile)).toThrow(/GAS_LIMIT/);
    },
  );

  test.each(HOSTILE_CONTRACTS.filter(fitsBlock))("$name", (hostile) => {
    const { at, chain, receipt, gasLimit } = attack(hostile);
    const code = receipt.code === 0 ? "LVM_OK" : errorName(receipt.code);
    const stopped = STOPPED_AT_REGISTRATION[hostile.name];
    expect([at, code]).toEqual(stopped === undefined ? ["call", hostile.code] : ["registration", stopped]);
    expect(gasUsed(receipt)).toBeLessThanOrEqual(gasLimit);
    if (receipt.code !== 0) {
      expect(receipt.events.every(({ kind }) => kind === EVENT_KINDS.contractFailure)).toBe(true);
      expect([...chain.result.changes].map(({ key }) => bytesKey(key)).every((key) => PAID.includes(key))).toBe(true);
      expect(chargedGas(chain, receipt.fee)).toBeLessThanOrEqual(gasLimit);
    }
  });
});

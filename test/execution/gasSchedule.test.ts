// Prices of gas as the chain's parameters: who votes on them, within which bounds, and that calls, views and packages pay by them.

import { describe, expect, test } from "vitest";
import { utf8Bytes } from "../../src/base/bytes.js";
import { inspectContract, VIEW_GAS_MAX, viewContract } from "../../src/execution/contracts/contractViews.js";
import { decodeDelegates, encodeDelegates } from "../../src/protocol/delegates.js";
import {
  defaultGasSchedule,
  GAS_PRICES,
  type GasSchedule,
  gasPriceBounds,
  parseGasSchedule,
} from "../../src/protocol/gasSchedule.js";
import { encodeLvmValues } from "../../src/protocol/lvmValue.js";
import type { ProposalContent } from "../../src/protocol/operations/officeOperations.js";
import { encodeParameters } from "../../src/protocol/parameters.js";
import { electorateOf, VOTABLE_PARAMETERS } from "../../src/protocol/proposalContent.js";
import { encodeSystemLeaf, systemKey } from "../../src/protocol/stateLeaves.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { genesisParameters } from "../../src/state/genesisState.js";
import { readParameters } from "../../src/state/views.js";
import { call, callOf, deploy, gasUsed, registration } from "./contractChain.js";
import { bank, GENESIS, GENESIS_HASH, LedgerChain, PARAMETERS, person, transfer } from "./ledgerChain.js";

const SOURCE = `
local kept = state.map("kept")
abi.call("put", function(key, value) kept[key] = value end, "key: integer, value: integer")
abi.view("get", function(key) return kept[key] end, "key: integer")
`;

const dearer: GasSchedule = { ...defaultGasSchedule, storageWrite: 7_000, storageRead: 900, callBase: 2_000 };

function viewGas(chain: LedgerChain, contract: Uint8Array): number {
  const block = { height: chain.height, timeMs: GENESIS.timeMs, genesisHash: GENESIS_HASH };
  const query = { contract, functionName: "get", args: encodeLvmValues([1n]), caller: new Uint8Array(32) };
  return viewContract(chain.state, block, query).gasUsed;
}

describe("prices of gas", () => {
  test("are what calls and views pay from the next block on, and back again", () => {
    const chain = new LedgerChain();
    const contract = deploy(chain, SOURCE);
    const put = () => gasUsed(call(chain, callOf(contract, "put", [1n, 2n])).receipt);
    put();
    const [usual, usualView] = [put(), viewGas(chain, contract)];
    chain.setParameters({ gas: dearer });
    expect(put()).toBe(usual + 6_000 + 1_500);
    expect(viewGas(chain, contract)).toBe(usualView + 700 + 1_500);
    chain.setParameters({});
    expect([put(), viewGas(chain, contract)]).toEqual([usual, usualView]);
    expect(usualView).toBeLessThan(VIEW_GAS_MAX);
  });

  test("are what a package's tests pay", () => {
    const tests = utf8Bytes(`test.case("puts", function() test.deploy() test.call("put", 1, 2) end)`);
    const gasOf = (gas: GasSchedule) => {
      const chain = new LedgerChain({ gas });
      return gasUsed(call(chain, registration(SOURCE, { tests })).receipt);
    };
    expect(gasOf(dearer) - gasOf(defaultGasSchedule)).toBe(6_000 + 3 * 1_500);
  });

  test("are voted on by delegates, one by one, within their bounds", () => {
    const delegates = Array.from({ length: 4 }, (_, i) => person(`delegate ${i}`));
    const rdpos = { ...PARAMETERS.rdpos, proposalBlocks: 5, activationBlocks: 2 };
    const chain = new LedgerChain({ rdpos });
    const set = encodeDelegates(delegates.map(({ publicKey }) => ({ publicKey, power: 1 })));
    expect(decodeDelegates(set)).toHaveLength(4);
    chain.state.apply([{ key: systemKey("delegates"), value: encodeSystemLeaf(set) }]);
    chain.run({ signers: [bank], operations: delegates.map(({ address }) => transfer(address, 100n * TTC_UNIT)) });
    const contentOf = (name: string, value: number): ProposalContent => ({
      kind: "parameter",
      name,
      value: BigInt(value),
    });
    const propose = (name: string, value: number) =>
      chain.outcome({
        signers: [delegates[0]],
        operations: [{ kind: "propose", account: 0, heightActive: chain.height + 8, content: contentOf(name, value) }],
      });
    const { least, most } = gasPriceBounds("transfer");
    expect([least, most]).toEqual([250, 100_000]);
    expect(propose("gas.transfer", least - 1)).toBe("BAD_PROPOSAL");
    expect(propose("gas.transfer", most + 1)).toBe("BAD_PROPOSAL");
    expect(propose("gas.nothing", 5)).toBe("BAD_PROPOSAL");
    expect(propose("transfer", 500)).toBe("BAD_PROPOSAL");
    expect(propose("gas.transfer", least)).toBe("OK");
    expect(electorateOf(contentOf("gas.transfer", least))).toBe("delegates");
    const vote = { kind: "voteProposal" as const, account: 0, proposal: 1, approve: true };
    chain.block(delegates.map((who) => chain.ask({ signers: [who], operations: [vote] })));
    chain.pass(8);
    expect(readParameters(chain.state).gas).toEqual({ ...defaultGasSchedule, transfer: least });
  });

  test("have bounds each that hold the usual price, and no chain begins outside of them", () => {
    for (const field of GAS_PRICES) {
      const { least, most } = gasPriceBounds(field);
      expect([least >= 1, least <= defaultGasSchedule[field], most >= defaultGasSchedule[field]]).toEqual(
        Array(3).fill(true),
      );
      for (const price of [least - 1, most + 1, 1.5]) {
        expect(() => encodeParameters({ ...PARAMETERS, gas: { ...defaultGasSchedule, [field]: price } })).toThrow(
          `gas.${field}`,
        );
      }
      expect(VOTABLE_PARAMETERS).toContain(`gas.${field}`);
    }
    expect(() => parseGasSchedule({ nothing: 1 } as never)).toThrow(/nothing/);
    const gas = { event: 300 };
    expect(genesisParameters({ ...GENESIS.parameters, gas }).gas).toEqual({ ...defaultGasSchedule, event: 300 });
  });
});

test("what a source declares is found by the prices that are given: where it loads by these alone, it declares nothing by dearer ones", () => {
  const source = utf8Bytes(`local t = {} for i = 1, 50000 do t[i] = {} end abi.contract("Heavy", "1.0.0")`);
  expect(inspectContract(source, defaultGasSchedule)?.name).toBe("Heavy");
  expect(inspectContract(source, { ...defaultGasSchedule, allocation: 100 })).toBeUndefined();
  expect(inspectContract(source, defaultGasSchedule)?.name).toBe("Heavy");
});

import { describe, expect, test } from "vitest";
import { compareBytes } from "../../src/base/bytes.js";
import { addressOfKey, formatAddress } from "../../src/protocol/address.js";
import { CodedError } from "../../src/protocol/errors.js";
import type { Genesis } from "../../src/protocol/genesis.js";
import { TTC_SUPPLY_UNITS } from "../../src/protocol/genesis.js";
import { STATE_VALUE_BYTES_MAX } from "../../src/protocol/limits.js";
import type { TokenId } from "../../src/protocol/tokens.js";
import { genesisChanges, genesisParameters } from "../../src/state/genesisState.js";
import { State } from "../../src/state/state.js";
import { readAccount, readDelegates, readParameters, readToken } from "../../src/state/views.js";
import { MemoryStore } from "../support/memoryStore.js";

const addresses = [1, 2, 3].map((seed) => addressOfKey(new Uint8Array(32).fill(seed)));
const texts = addresses.map(formatAddress);

function genesisWith(fields: Partial<Genesis> = {}): Genesis {
  return {
    name: "test",
    timeMs: 1,
    development: true,
    parameters: {
      validUntilHeightsMax: 10,
      referenceHeightsMax: 20,
      referenceKeepHeights: 30,
      feeRateBasisPoints: 50,
      feeMinTtcUnits: "10000000",
      feeCreateTokenTtcUnits: "5",
      feeMintTtcUnits: "6",
      feeBurnTtcUnits: "7",
      depositAccountTtcUnits: "8",
      depositBalanceTtcUnits: "9",
      blockBytesMax: 1,
      blockTransactionsMax: 2,
      blockIntervalMs: 3,
      heartbeatIntervalMs: 4,
      roundBlocks: 5,
      quotes: [
        { token: "TTMI", units: "1", ttcUnits: "20" },
        { token: "TTM", units: "3", ttcUnits: "10" },
      ],
      blockGasMax: 20_000_000,
      blockPackageGasMax: 20_000_000,
      gasPriceTtcUnits: "10000",
      depositByteTtcUnits: "10000",
    },
    issuers: { TTM: { needed: 2, addresses: texts }, TTMI: { needed: 1, addresses: [texts[2]] } },
    allocations: [
      { address: texts[0], amount: "1" },
      { address: texts[1], amount: String(TTC_SUPPLY_UNITS - 1n) },
    ],
    delegates: [
      { publicKey: "22".repeat(32), power: 3 },
      { publicKey: "11".repeat(32), power: 1 },
    ],
    ...fields,
  };
}

function stateOf(genesis: Genesis): State {
  const state = State.open(new MemoryStore(), { pageCacheBytes: 1 << 20, historyHeights: 1 });
  state.commit(0, state.prepare(genesisChanges(genesis)));
  return state;
}

describe("the state of a genesis", () => {
  test("holds the allocations, without deposits", () => {
    const state = stateOf(genesisWith());
    expect(readAccount(state, addresses[0])).toEqual({ balances: [1n, 0n, 0n], deposit: 0n, tokenCount: 0 });
    expect(readAccount(state, addresses[1])?.balances[0]).toBe(TTC_SUPPLY_UNITS - 1n);
    expect(readAccount(state, addresses[2])).toBeUndefined();
  });

  test("holds the chain's own tokens with their rights and issuers", () => {
    const state = stateOf(genesisWith());
    expect(readToken(state, "TTC")).toMatchObject({
      symbol: "TTC",
      decimals: 8,
      supply: TTC_SUPPLY_UNITS,
      mintable: false,
      burnable: false,
      freezable: false,
      issuers: [],
    });
    expect(readToken(state, "TTM")).toMatchObject({
      decimals: 0,
      supply: 0n,
      mintable: true,
      burnable: true,
      freezable: false,
      issuersNeeded: 2,
      issuers: addresses,
    });
    expect(readToken(state, "TTMI")).toMatchObject({ issuersNeeded: 1, issuers: [addresses[2]] });
  });

  test("holds parameters, with quotes ordered by token, and delegates in the order of their turns", () => {
    const state = stateOf(genesisWith());
    const parameters = readParameters(state);
    expect(parameters).toEqual(genesisParameters(genesisWith().parameters));
    expect(parameters.quotes.map(({ token }) => token)).toEqual<TokenId[]>(["TTM", "TTMI"]);
    expect(readDelegates(state).map(({ publicKey, power }) => [publicKey[0], power])).toEqual([
      [0x22, 3],
      [0x11, 1],
    ]);
  });

  test("comes in ascending order of the keys, each once, and to the same root every time", () => {
    const changes = genesisChanges(genesisWith());
    expect(changes.length).toBe(8);
    for (let i = 1; i < changes.length; i++) {
      expect(compareBytes(changes[i - 1].key, changes[i].key)).toBeLessThan(0);
    }
    expect(stateOf(genesisWith()).root).toEqual(stateOf(genesisWith()).root);
  });
});

describe("a genesis is refused", () => {
  const { parameters, allocations, delegates } = genesisWith();
  const issuers = genesisWith().issuers;
  const cases: [string, Partial<Genesis>][] = [
    ["whose allocations are not the whole supply", { allocations: [{ address: texts[0], amount: "1" }] }],
    [
      "that allocates to one address twice, in whatever case",
      { allocations: [...allocations, { address: texts[0].toUpperCase(), amount: "0" }] },
    ],
    [
      "with a negative allocation",
      {
        allocations: [
          { address: texts[0], amount: "-1" },
          { address: texts[1], amount: String(TTC_SUPPLY_UNITS + 1n) },
        ],
      },
    ],
    ["with an amount that is not decimal", { parameters: { ...parameters, feeMinTtcUnits: "0x10" } }],
    [
      "with a quote of nothing",
      { parameters: { ...parameters, quotes: [{ token: "TTM", units: "0", ttcUnits: "1" }] } },
    ],
    [
      "with a quote for no token",
      { parameters: { ...parameters, quotes: [{ token: "XYZ", units: "1", ttcUnits: "1" }] } },
    ],
    ["with a window of no heights", { parameters: { ...parameters, validUntilHeightsMax: 0 } }],
    ["without delegates", { delegates: [] }],
    ["with a delegate twice", { delegates: [delegates[0], delegates[0]] }],
    ["with a delegate without power", { delegates: [{ ...delegates[0], power: 0 }] }],
    ["with a delegate's key that is none", { delegates: [{ publicKey: "11", power: 1 }] }],
    [
      "with more delegates than a leaf holds",
      {
        delegates: Array.from({ length: 114 }, (_, i) => ({
          publicKey: i.toString(16).padStart(64, "0"),
          power: 1,
        })),
      },
    ],
    [
      "with more issuers needed than there are",
      { issuers: { ...issuers, TTMI: { needed: 2, addresses: [texts[0]] } } },
    ],
    ["with an issuer twice", { issuers: { ...issuers, TTM: { needed: 2, addresses: [texts[0], texts[0]] } } }],
  ];

  test.each(cases)("%s", (_, fields) => {
    expect(() => genesisChanges(genesisWith(fields))).toThrow(CodedError);
  });

  test("only where it must be: as many delegates as a leaf holds are fine", () => {
    const many = Array.from({ length: 113 }, (_, i) => ({ publicKey: i.toString(16).padStart(64, "0"), power: 1 }));
    const changes = genesisChanges(genesisWith({ delegates: many }));
    expect(Math.max(...changes.map(({ value }) => value?.length ?? 0))).toBeLessThanOrEqual(STATE_VALUE_BYTES_MAX);
  });
});

// Coins of an EVM chain against a real one (anvil): deposits that count when they are deep enough, and a chain that goes back further
// than it may.

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { createTestClient, createWalletClient, type Hex, http, parseEther, publicActions } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { EvmLedger } from "../../src/merchant/desk/coins/evmLedger.js";
import { convert } from "../../src/merchant/desk/convert.js";
import { Deposits } from "../../src/merchant/desk/deposits.js";
import type { Step } from "../../src/merchant/desk/order.js";
import { MerchantRows } from "../../src/merchant/rows/merchantRows.js";
import { MemoryStore } from "../support/memoryStore.js";
import { DeskWorld } from "./deskModel.js";

const ANVIL = join(import.meta.dirname, "../../node_modules/.bin/anvil");
/** The test mnemonic that every anvil begins with. */
const rich = mnemonicToAccount("test test test test test test test test test test test junk");
const CONFIRMATIONS = 3;

describe("an EVM chain's coins", () => {
  let anvil: ChildProcess;
  let url: string;
  const store = new MemoryStore();
  const seed = new SeededRandom(7).bytes(32);

  function open(): EvmLedger {
    const rows = new MerchantRows(store, () => undefined);
    return new EvmLedger({ name: "evm", rpcUrl: url, seed, confirmations: CONFIRMATIONS, startBlock: 0n, rows });
  }

  const chain = () => createTestClient({ mode: "anvil", transport: http(url) }).extend(publicActions);

  async function send(to: string, value: bigint): Promise<Hex> {
    const wallet = createWalletClient({ account: rich, transport: http(url) });
    return wallet.sendTransaction({ to: to as Hex, value, chain: null });
  }

  beforeAll(async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    await new Promise((resolve) => server.close(resolve));
    url = `http://127.0.0.1:${port}`;
    anvil = spawn(ANVIL, ["--port", String(port), "--silent"], { stdio: "ignore" });
    for (let tries = 0; ; tries++) {
      try {
        await chain().getBlockNumber();
        break;
      } catch (error) {
        if (tries > 150) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }, 60_000);

  afterAll(() => anvil?.kill());

  test("counts a deposit when it is deep enough, once, also for the next life of the desk", async () => {
    const ledger = open();
    const address = await ledger.depositAddress("ttc1ann");
    expect(await ledger.depositAddress("ttc1ann")).toBe(address);
    expect(await ledger.depositAddress("ttc1bob")).not.toBe(address);
    const hash = await send(address, parseEther("1.5"));
    const early = await ledger.readDeposits();
    expect(early.deposits).toEqual([]);
    await early.done();
    await chain().mine({ blocks: CONFIRMATIONS });
    const later = await open().readDeposits();
    expect(later.deposits).toMatchObject([
      { id: hash, units: parseEther("1.5"), memo: address, name: rich.address.toLowerCase() },
    ]);
    // Not marked as recorded: read again.
    const again = await open().readDeposits();
    expect(again.deposits).toEqual(later.deposits);
    await again.done();
    expect((await open().readDeposits()).deposits).toEqual([]);
    expect(open().accountOf(address)).toBe("ttc1ann");
  });

  test("credits a deposit as TTC at a rate, within the limits, and leaves the rest to a person", async () => {
    const limit = {
      orderUnitsMin: 1n,
      orderUnitsMax: parseEther("2"),
      accountDayUnitsMax: parseEther("2"),
      dayUnitsMax: parseEther("9"),
    };
    const world = new DeskWorld(new SeededRandom(1), new Map([["evm", limit]]));
    world.calm = true;
    world.books.units.set("TTC/one", 10_000n);
    const ledger = open();
    const rate = { from: parseEther("1"), to: 2_000n };
    const deposits = new Deposits({
      rows: world.rows,
      desk: world.desk,
      ledger: "evm",
      kind: "coin",
      addressOf: (memo) => ledger.accountOf(memo),
      plan: (to, units): Step[] => [
        {
          kind: "pay",
          purse: "one",
          token: "TTC",
          mint: false,
          shares: [{ to, units: convert(units, rate).toString() }],
        },
      ],
      nowMs: () => 0,
    });
    const address = await ledger.depositAddress("ttc1ann");
    const [first, second] = [await send(address, parseEther("1.5")), await send(address, parseEther("0.75"))];
    await chain().mine({ blocks: CONFIRMATIONS });
    const { deposits: list } = await ledger.readDeposits();
    await deposits.record(list);
    await world.desk.settled(deposits.orderKey(first));
    expect(world.books.units.get("TTC/ttc1ann")).toBe(3_000n);
    expect(deposits.deposit(second)).toMatchObject({ state: "unassigned", reason: "LIMIT_DAY" });
  }, 30_000);

  test("stops where the chain goes back further than a deposit must be deep", async () => {
    await chain().mine({ blocks: 10 });
    const { done } = await open().readDeposits();
    await done();
    await chain().request({ method: "anvil_reorg" as never, params: [CONFIRMATIONS + 4, []] as never });
    await chain().mine({ blocks: 10 });
    await expect(open().readDeposits()).rejects.toThrow(/went back further than 3 blocks/);
  });
});

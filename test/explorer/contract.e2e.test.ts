// A contract's page in a real browser: asked and called through forms, its events and failures in the transaction's page, and a hostile
// source shown as text.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/client/account.js";
import { registerContract } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { Sender } from "../../src/client/sender.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { contractAddress, formatAddress } from "../../src/protocol/address.js";
import {
  type Device,
  findBrowser,
  getCoins,
  launchBrowser,
  makeWallet,
  openDevice,
  seriousProblems,
  TestNode,
  takePicture,
  unlockWallet,
} from "./browserStage.js";

const executable = findBrowser();
const HOSTILE = `<img src=x onerror=alert(1)>`;
const SOURCE = `abi.contract("${HOSTILE}", "1.0.0")
-- <script>document.title = "broken"</script>
local note = state.value("note")
local paid = state.value("paid")
abi.call("write", function(text, loud)
  if text == "bad" then error("${HOSTILE}") end
  note:set(loud and text:upper() or text)
  event.emit("written", text)
end, "text: string, loud: boolean?")
abi.payable("tip", function() paid:set((paid:get() or 0) + chain.amount()) end)
abi.view("read", function() return note:get() or "" end, "", "string")
abi.view("tips", function(times) return (paid:get() or 0) * times end, "times: integer", "integer")
`;
const TESTS = `test.case("keeps what was written", function()
  test.deploy()
  test.call("write", "a")
  assert(test.view("read") == "a")
end)
`;

describe.skipIf(executable === undefined)("a contract's page", () => {
  let node: TestNode;
  let browser: Browser;
  let device: Device;
  let contract = "";

  beforeAll(async () => {
    node = await TestNode.start();
    browser = await launchBrowser(executable as string);
    device = await openDevice(browser, node.url, { serviceWorkers: "block" });
    const client = new TTChainClient({ url: node.url });
    const account = Account.random();
    await waitForCommit(client, await client.faucet(account.address));
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const source = { source: bytes(SOURCE), tests: bytes(TESTS), depositLimit: 5_000_000_000n };
    const made = await new Sender(client, account).send([registerContract(account, source)]);
    expect(made.outcome).toMatchObject({ state: "committed" });
    contract = formatAddress(contractAddress(made.transaction.id, 0));
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await node?.stop();
  });

  test("is found by its address, shows a hostile name and source as text and keeps nobody out", async () => {
    const { page } = device;
    await page.goto("/");
    await page.getByRole("searchbox").fill(contract);
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: HOSTILE }).waitFor();
    await page.getByText(/^Show the source/).click();
    await page.getByTestId("source").getByText(`<script>document.title = "broken"</script>`).waitFor();
    await page.getByText("Its own tests were run by the delegates").waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await takePicture(page, "contract");
    expect(await page.title()).toContain(HOSTILE);
  }, 60_000);

  test("asks and calls, with the outcome, events and failures on the transaction's page", async () => {
    const { page } = device;
    await makeWallet(page);
    await getCoins(page, "TTC");
    await page.goto(`/contract/${contract}`);
    const write = page.getByTestId("call-write");
    await write.getByLabel("text").fill("hello");
    await write.getByLabel("loud").selectOption("true");
    await write.getByRole("button", { name: "Check the call" }).click();
    await unlockWallet(page);
    await write.getByRole("button", { name: "Check the call" }).click();
    await write.getByText("Fee at most").waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await write.getByRole("button", { name: "Sign and call" }).click();
    await write.getByTestId("called").filter({ hasText: "committed" }).waitFor();
    await page.getByTestId("view-read").getByRole("button", { name: "Ask" }).click();
    await page.getByTestId("view-read").getByText("HELLO").waitFor();
    const tip = page.getByTestId("call-tip");
    await tip.getByLabel("Payment").fill("1.5");
    await tip.getByRole("button", { name: "Check the call" }).click();
    await tip.getByRole("button", { name: "Sign and call" }).click();
    await tip.getByTestId("called").filter({ hasText: "committed" }).waitFor();
    await page.getByTestId("view-tips").getByLabel("times").fill("2");
    await page.getByTestId("view-tips").getByRole("button", { name: "Ask" }).click();
    await page.getByTestId("view-tips").getByText("300000000").waitFor();
    await write.getByLabel("text").fill("bad");
    await write.getByRole("button", { name: "Check the call" }).click();
    await write.getByRole("button", { name: "Sign and call" }).click();
    await write.getByTestId("called").getByRole("link").click();
    await page.getByTestId("tx-state").filter({ hasText: "LVM_RUNTIME_ERROR" }).waitFor();
    await page.getByText(HOSTILE).first().waitFor();
    await page.getByText("at line 6").waitFor();
    await takePicture(page, "contract-failure");
    expect(device.problems).toEqual([]);
  }, 120_000);
});

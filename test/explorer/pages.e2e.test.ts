// Every page by itself: nothing that keeps people out (axe), texts of strangers shown as text, both languages, both colours, a
// phone's width, and what the first visit loads.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHex } from "../../src/base/bytes.js";
import { Account } from "../../src/client/account.js";
import { createToken, transfer } from "../../src/client/actions.js";
import { TTChainClient } from "../../src/client/client.js";
import { registerCandidate, vote } from "../../src/client/delegateActions.js";
import { parsePaymentUri } from "../../src/client/paymentUri.js";
import { Sender } from "../../src/client/sender.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { createdTokenId, TTC_UNIT } from "../../src/protocol/tokens.js";
import {
  findBrowser,
  launchBrowser,
  makeWallet,
  openDevice,
  seriousProblems,
  TestNode,
  takePicture,
  type Violation,
} from "./browserStage.js";

const executable = findBrowser();
const HOSTILE = `<img src=x onerror="document.title='broken'"><script>document.title='broken'</script>`;
const HOSTILE_NAME = `<img src=x onerror=alert(1)>{{7*7}}`;
const FIRST_LOAD_BYTES_MAX = 200_000;

describe.skipIf(executable === undefined)("the pages", () => {
  let node: TestNode;
  let browser: Browser;
  let transactionId = "";
  let tokenId = "";
  let address = "";
  let sender: Sender;
  let account: Account;

  beforeAll(async () => {
    node = await TestNode.start();
    browser = await launchBrowser(executable as string);
    const client = new TTChainClient({ url: node.url });
    account = Account.random();
    address = account.addressText;
    await waitForCommit(client, await client.faucet(account.address, { amount: 200_000n * TTC_UNIT }));
    sender = new Sender(client, account);
    const face = { symbol: "EVIL", name: HOSTILE_NAME, decimals: 2, supply: 1_000_000n };
    const made = await sender.send([
      createToken(account, { ...face, mintable: true, burnable: true, freezable: true }),
    ]);
    tokenId = createdTokenId(made.transaction.id, 0);
    const payment = transfer(account, { to: Account.random().address, amount: 500_000_000n });
    const paid = await sender.send([payment], { memo: new TextEncoder().encode(HOSTILE) });
    expect(paid.outcome.state).toBe("committed");
    transactionId = toHex(paid.transaction.id);
    const delegate = Account.random();
    const standing = { payBasisPoints: 5_000, name: HOSTILE_NAME, site: HOSTILE_NAME };
    await sender.send([registerCandidate(account, delegate, standing)], { cosigners: [delegate] });
    await sender.send([vote(account, { amount: 5_000n * TTC_UNIT, candidates: [account.address] })]);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await node?.stop();
  });

  function paths(): [name: string, path: string, landmark: string][] {
    return [
      ["live", "/", ".blocks li"],
      ["blocks", "/blocks", "tbody tr"],
      ["block", "/block/1", ".facts"],
      ["transaction", `/tx/${transactionId}`, ".operations"],
      ["account", `/account/${address}`, "[data-testid=history]"],
      ["tokens", "/tokens", "tbody tr"],
      ["token", `/token/${tokenId}`, ".facts"],
      ["delegates", "/delegates", "[data-testid=candidates] tbody tr"],
      ["candidate", `/candidate/${address}`, ".facts"],
      ["partners", "/partners", ".facts"],
      ["parameters", "/parameters", "tbody tr"],
      ["health", "/health", ".facts"],
      ["search", `/search?q=${"ab".repeat(32)}`, ".form"],
      ["wallet-begin", "/wallet", "button.primary"],
      ["till-setup", "/till", "form"],
      ["missing", "/nothing", "h1"],
    ];
  }

  test("keep nobody out, light in English on a wide screen and dark in Korean on a phone", async () => {
    const wide = await openDevice(browser, node.url, { viewport: { width: 1280, height: 800 } });
    const phone = await openDevice(browser, node.url, {
      viewport: { width: 390, height: 844 },
      locale: "ko-KR",
      colorScheme: "dark",
    });
    const found: [string, Violation[]][] = [];
    for (const { page, name } of [
      { page: wide.page, name: "" },
      { page: phone.page, name: "-phone-ko-dark" },
    ]) {
      for (const [title, path, landmark] of paths()) {
        await page.goto(path);
        await page.locator(landmark).first().waitFor();
        found.push([title + name, await seriousProblems(page)]);
        await takePicture(page, title + name);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, `${title}${name} is wider than the screen`).toBeLessThanOrEqual(0);
      }
    }
    expect(found.filter(([, violations]) => violations.length > 0)).toEqual([]);
    expect(await phone.page.evaluate(() => document.documentElement.lang)).toBe("ko");
    expect([...wide.problems, ...phone.problems]).toEqual([]);
  }, 180_000);

  test("keep nobody out of wallet and till once they are open", async () => {
    const { context, page, problems } = await openDevice(browser, node.url, { viewport: { width: 390, height: 844 } });
    await makeWallet(page);
    for (const tab of ["Balance", "Send", "Receive", "History", "Pieces", "Votes", "Contacts", "Device"]) {
      await page.getByRole("navigation", { name: "Wallet pages" }).getByRole("link", { name: tab }).click();
      await page.getByRole("heading", { name: tab, level: 1 }).waitFor();
      expect(await seriousProblems(page), tab).toEqual([]);
      await takePicture(page, `wallet-${tab.toLowerCase()}`);
    }
    await page.goto("/till");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByTestId("till-amount").fill("100");
    expect(await seriousProblems(page), "keypad").toEqual([]);
    await page.getByRole("button", { name: "Show invoice" }).click();
    await page.locator("svg.qr").waitFor();
    expect(await seriousProblems(page), "invoice").toEqual([]);
    expect(problems).toEqual([]);
    await context.close();
  }, 120_000);

  test("show what strangers wrote as text", async () => {
    const { context, page, problems } = await openDevice(browser, node.url);
    await page.goto(`/tx/${transactionId}`);
    expect(await page.getByTestId("tx-memo").textContent()).toBe(HOSTILE);
    await page.goto(`/token/${tokenId}`);
    expect(await page.getByTestId("token-name").textContent()).toBe(HOSTILE_NAME);
    await page.goto(`/account/${address}`);
    await page.getByTestId("history").getByText(HOSTILE).waitFor();
    await page.goto(`/search?q=${encodeURIComponent(HOSTILE)}`);
    await page.getByText(HOSTILE).waitFor();
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(await page.title()).not.toContain("broken");
    expect(problems).toEqual([]);
    await context.close();
  }, 60_000);

  test("show who stands for election, with how many votes, and what was proposed", async () => {
    const { context, page, problems } = await openDevice(browser, node.url, { serviceWorkers: "block" });
    await page.goto("/delegates");
    const row = page.getByTestId("candidates").getByRole("row").filter({ hasText: HOSTILE_NAME });
    await row.getByText("5,000").first().waitFor();
    await row.getByText("100 %").waitFor();
    await row.getByRole("link").click();
    await page.getByRole("heading", { name: HOSTILE_NAME }).waitFor();
    await page.getByText("50.00 %").waitFor();
    await page.goto(`/account/${address}`);
    await page.getByText("5,000").first().waitFor();
    await page.goto("/parameters");
    await page.getByText("Nobody has proposed anything yet.").waitFor();
    expect(problems).toEqual([]);
    await context.close();
  }, 60_000);

  test("let a till take a created token, and show who holds it", async () => {
    const { context, page, problems } = await openDevice(browser, node.url, { serviceWorkers: "block" });
    await page.goto("/till");
    await page.getByLabel("Paid to").fill(address);
    await page.getByLabel("Created tokens it takes too").fill(tokenId);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByTestId("till-amount").fill("12.5");
    await page.locator("select").selectOption(tokenId);
    await page.getByRole("button", { name: "Show invoice" }).click();
    await page.getByRole("heading", { name: "12.5 EVIL" }).waitFor();
    await page.getByText("Payment request as text").click();
    const request = parsePaymentUri((await page.getByTestId("invoice-uri").textContent()) ?? "");
    expect(request).toMatchObject({ token: tokenId, amount: 1_250n });
    const { amount = 0n, reference = new Uint8Array(0) } = request;
    await sender.send([transfer(account, { to: account.address, token: tokenId, amount, reference })]);
    await page.getByTestId("paid").waitFor();
    await page.goto(`/token/${tokenId}`);
    await page.getByTestId("holders").getByText("100 %").waitFor();
    expect(problems).toEqual([]);
    await context.close();
  }, 60_000);

  test("explain a mistyped address and one of another chain", async () => {
    const { context, page } = await openDevice(browser, node.url);
    await makeWallet(page);
    await page.goto("/wallet");
    await page.getByLabel("Passphrase", { exact: true }).waitFor();
    await page.goto(`/account/${address.slice(0, 20)}${address[20] === "q" ? "p" : "q"}${address.slice(21)}`);
    await page.getByRole("alert").filter({ hasText: "Look at character 21" }).waitFor();
    await page.goto("/account/7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV");
    await page.getByRole("alert").filter({ hasText: "Solana address" }).waitFor();
    await context.close();
  }, 60_000);

  test("remember language and colours", async () => {
    const { context, page } = await openDevice(browser, node.url);
    await page.goto("/");
    await page.getByRole("button", { name: "한국어" }).click();
    await page.getByRole("heading", { name: "최신 블록" }).waitFor();
    await page.getByRole("button", { name: "어둡게" }).click();
    await page.reload();
    await page.getByRole("heading", { name: "최신 블록" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    await context.close();
  }, 60_000);

  test("can be gone through by keyboard", async () => {
    const { context, page } = await openDevice(browser, node.url);
    await page.goto("/blocks");
    await page.locator("tbody tr").first().waitFor();
    await page.getByRole("link", { name: "Skip to the content" }).focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Wallet");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Make a new wallet" }).waitFor();
    await context.close();
  }, 60_000);

  test("come with a first load below 200 KB and nothing but this node's files", async () => {
    const { context, page, problems } = await openDevice(browser, node.url, { serviceWorkers: "block" });
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    let bytes = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto("/");
    await page.locator(".blocks li").first().waitFor();
    await page.waitForLoadState("networkidle");
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
    console.log(`first load of the front page: ${Math.round(bytes / 1_000)} KB`);
    expect(problems).toEqual([]);
    await context.close();
  }, 60_000);
});

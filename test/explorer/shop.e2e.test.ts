// The story of a sale with real parts: the example shop makes an invoice, a wallet in Chromium reads its QR code off the checkout page
// and pays, the webhook marks the order as paid, once, with node and gateway killed on the way.

import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startShop } from "../e2e/shopPrograms.js";
import { freePort } from "../support/freePort.js";
import {
  type Device,
  findBrowser,
  getCoins,
  launchBrowser,
  makeWallet,
  openDevice,
  readCode,
  seriousProblems,
  TestNode,
  takePicture,
} from "./browserStage.js";

const executable = findBrowser();
describe.skipIf(executable === undefined)("a sale", () => {
  let node: TestNode;
  let browser: Browser;
  let shopProcess: ChildProcess;
  let directory: string;
  let shopUrl: string;
  let buyer: Device;
  let wallet: Device;

  beforeAll(async () => {
    node = await TestNode.start();
    directory = await mkdtemp(join(tmpdir(), "ttchain-shop-"));
    const port = await freePort();
    shopUrl = `http://127.0.0.1:${port}`;
    shopProcess = await startShop(node.url, port, join(directory, "shop.json"));
    browser = await launchBrowser(executable as string);
    buyer = await openDevice(browser, node.url, { viewport: { width: 1280, height: 1000 } });
    wallet = await openDevice(browser, node.url, { viewport: { width: 390, height: 844 } });
    await makeWallet(wallet.page);
    await getCoins(wallet.page, "TTC");
    await getCoins(wallet.page, "TTM");
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    shopProcess?.kill("SIGKILL");
    await node?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function buy(goods: string): Promise<string> {
    await buyer.page.goto(shopUrl);
    await buyer.page.getByRole("button", { name: `Buy ${goods}` }).click();
    await buyer.page.getByRole("link", { name: "Pay" }).waitFor();
    return buyer.page.url();
  }

  /** From the order's page to the code on the checkout page. */
  async function openCheckout(): Promise<void> {
    const href = await buyer.page.getByRole("link", { name: "Pay" }).getAttribute("href");
    await buyer.page.goto(href!);
    await buyer.page.locator("svg.qr").waitFor();
  }

  async function expectPaidOnce(order: string): Promise<void> {
    await buyer.page.goto(order);
    const deadline = Date.now() + 20_000;
    const state = buyer.page.locator("#state");
    while ((await state.textContent()) !== "paid" && Date.now() < deadline) {
      await buyer.page.waitForTimeout(100);
      await buyer.page.reload();
    }
    expect(await state.textContent()).toBe("paid");
    expect(await state.getAttribute("data-paid-times")).toBe("1");
  }

  test("is paid by the code on the checkout page, with node and gateway killed before and after the payment", async () => {
    const order = await buy("Cheesecake");
    await openCheckout();
    await takePicture(buyer.page, "checkout");
    expect(await seriousProblems(buyer.page)).toEqual([]);
    await readCode(wallet.page, buyer.page);
    await node.crash();
    await node.resume();
    await wallet.page.getByRole("button", { name: "Sign and pay" }).click();
    await wallet.page.getByTestId("sent").waitFor();
    await node.crash();
    await node.resume();
    await buyer.page.locator(".paid-banner").waitFor();
    await takePicture(buyer.page, "checkout-paid");
    await expectPaidOnce(order);
  }, 120_000);

  test("is paid by the EMVCo code too, and the page speaks Korean", async () => {
    const order = await buy("Americano");
    await openCheckout();
    await buyer.page.getByRole("button", { name: "한국어" }).click();
    await buyer.page.getByText("결제를 기다리고 있습니다").waitFor();
    await buyer.page.getByRole("button", { name: "EMV 코드로 보기" }).click();
    const code = await buyer.page.locator(".qr-box").getAttribute("data-request");
    expect(code).toMatch(/^000201/);
    await readCode(wallet.page, buyer.page);
    await wallet.page.getByRole("button", { name: "Sign and pay" }).click();
    await wallet.page.getByTestId("sent").waitFor();
    await buyer.page.getByText("결제 완료").waitFor();
    await expectPaidOnce(order);
  }, 120_000);

  test("asks no other host, and breaks no policy", () => {
    const own = (problem: string): boolean => !problem.startsWith(`asked for ${shopUrl}`);
    expect([...buyer.problems, ...wallet.problems].filter(own)).toEqual([]);
  });
});

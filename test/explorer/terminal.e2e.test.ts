// A till with a (simulated) terminal in a real browser: the customer's display, the printed receipt and its code, and a network that
// goes away: no sales meanwhile, refunds noted and sent afterwards, once.

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
  unlockIfAsked,
  unlockWallet,
} from "./browserStage.js";

const executable = findBrowser();

async function setUpTill(page: Page): Promise<void> {
  await page.goto("/till");
  await page.getByLabel("Devices").selectOption("simulated");
  await page.getByLabel("Shop's name").fill("Bada Coffee");
  await page.getByRole("button", { name: "Save" }).click();
}

async function charge(page: Page): Promise<string> {
  await page.getByTestId("till-amount").fill("4500");
  await page.getByRole("button", { name: "Show invoice" }).click();
  await page.getByTestId("display").getByText("Please scan to pay").waitFor();
  await page.getByText("Payment request as text").first().click();
  return (await page.getByTestId("invoice-uri").textContent()) ?? "";
}

async function payRequest(page: Page, uri: string): Promise<void> {
  await page.goto("/wallet/send");
  const payee = page.getByLabel("To", { exact: true });
  await unlockIfAsked(page, payee);
  await payee.fill(uri);
  await page.getByTestId("request").waitFor();
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByRole("button", { name: "Sign and pay" }).click();
  await page.getByTestId("sent").waitFor();
}

describe.skipIf(executable === undefined)("a till with a terminal", () => {
  let node: TestNode;
  let browser: Browser;
  let shop: Device;
  let customer: Device;

  beforeAll(async () => {
    node = await TestNode.start();
    browser = await launchBrowser(executable as string);
    shop = await openDevice(browser, node.url, { viewport: { width: 1280, height: 900 } });
    customer = await openDevice(browser, node.url, { viewport: { width: 390, height: 844 } });
    await Promise.all([makeWallet(shop.page), makeWallet(customer.page)]);
    for (const { page } of [shop, customer]) {
      await getCoins(page, "TTC");
      await getCoins(page, "TTM");
    }
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await node?.stop();
  });

  test("shows the customer what to pay, prints the receipt, and finds the sale again by the receipt's code", async () => {
    const { page } = shop;
    await setUpTill(page);
    await page.getByTestId("display").getByText("Welcome").waitFor();
    await payRequest(customer.page, await charge(page));
    await page.getByTestId("display").getByText("Paid. Thank you!").waitFor();
    await page.getByRole("button", { name: "Print" }).click();
    const paper = await page.getByTestId("paper").textContent();
    expect(paper).toContain("Bada Coffee");
    expect(paper).toContain("4,500 TTM");
    const code = /ttchain-sale:[0-9a-f]{64}/.exec(paper ?? "")?.[0] ?? "";
    await takePicture(page, "till-terminal");
    expect(await seriousProblems(page)).toEqual([]);
    await page.getByRole("button", { name: "New sale" }).click();
    await page.getByLabel("Code to scan").fill("8801234567890");
    await page.getByRole("button", { name: "Scan it" }).click();
    await page.getByText("This till knows no sale of that code.").waitFor();
    await page.getByLabel("Code to scan").fill(code);
    await page.getByRole("button", { name: "Scan it" }).click();
    await page.getByTestId("paid").waitFor();
  }, 120_000);

  test("without a network stops sales and says why, notes a refund, and sends it once when the network is back", async () => {
    const { page } = shop;
    await node.halt();
    await page.getByText("The refund is kept on this device").waitFor();
    await page.getByRole("button", { name: "Note the refund" }).click();
    await page.getByTestId("refund-queued").waitFor();
    await page.getByRole("button", { name: "New sale" }).click();
    await page.getByTestId("no-sales").waitFor();
    await page.getByTestId("till-amount").fill("4500");
    expect(await page.getByRole("button", { name: "Show invoice" }).isDisabled()).toBe(true);
    await takePicture(page, "till-offline");
    expect(await seriousProblems(page)).toEqual([]);
    await node.resume();
    const queue = page.getByTestId("refund-queue");
    await queue.waitFor();
    if (await queue.getByRole("button", { name: "Unlock" }).isVisible()) {
      await unlockWallet(page);
    }
    await queue.waitFor({ state: "detached" });
    await page.locator(".sales a").first().click();
    await page.getByTestId("refunded").waitFor();
    expect(shop.problems).toEqual([]);
  }, 120_000);

  test("shows the till's screens on a second window", async () => {
    const { page, context } = shop;
    await page.goto("/till");
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByLabel("Devices").selectOption("browser");
    const [display] = await Promise.all([
      context.waitForEvent("page"),
      page.getByRole("link", { name: "Open the customer's display" }).click(),
    ]);
    await display.getByTestId("display").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByTestId("till-amount").fill("900");
    await page.getByRole("button", { name: "Show invoice" }).click();
    await display.getByText("900 TTM").waitFor();
    await display.locator("svg.qr").waitFor();
    await takePicture(display, "till-display");
    expect(await seriousProblems(display)).toEqual([]);
  }, 120_000);
});

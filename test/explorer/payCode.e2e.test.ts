// Codes that customers show, in a real browser: the wallet shows one, the till reads it off a picture of the wallet's screen, the customer
// signs, both go green. A code that was used, has ended or asks for too much pays nothing.

import { BinaryBitmap, Code128Reader, HybridBinarizer, RGBLuminanceSource } from "@zxing/library";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Account } from "../../src/client/account.js";
import { TTChainClient } from "../../src/client/client.js";
import { MerchantClient } from "../../src/client/merchantClient.js";
import { makePayCode } from "../../src/client/payCode.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { BrowserStage, type Device, findBrowser, seriousProblems, takePicture, unlockIfAsked } from "./browserStage.js";

const executable = findBrowser();

/** Reads a barcode off a picture of what the locator shows, by another's decoder. */
async function readBarcode(page: Page, shown: Locator): Promise<string> {
  const picture = (await shown.screenshot()).toString("base64");
  const { pixels, width, height } = await page.evaluate(async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const gray = Array.from({ length: data.length / 4 }, (_, index) => data[4 * index]);
    return { pixels: gray, width: bitmap.width, height: bitmap.height };
  }, picture);
  const source = new RGBLuminanceSource(Uint8ClampedArray.from(pixels), width, height);
  return new Code128Reader().decode(new BinaryBitmap(new HybridBinarizer(source))).getText();
}

describe.skipIf(executable === undefined)("a code that the customer shows", () => {
  let stage: BrowserStage;
  let shop: Device & { address: string };
  let customer: Device & { address: string };
  let client: TTChainClient;

  beforeAll(async () => {
    stage = await BrowserStage.start(executable as string);
    client = new TTChainClient({ url: stage.node.url });
    shop = await stage.openPerson({ viewport: { width: 1280, height: 900 } }, ["TTC"]);
    customer = await stage.openPerson({ viewport: { width: 390, height: 844 } });
    const gateway = new MerchantClient({ url: stage.node.url });
    const { secret } = await gateway.createStore({ name: "Bada Coffee", payee: shop.address, tokens: ["TTM", "TTC"] });
    await shop.page.goto("/till");
    await shop.page.getByLabel("Devices").selectOption("simulated");
    await shop.page.getByLabel("Shop's name").fill("Bada Coffee");
    await shop.page.getByLabel("Gateway key").fill("tsk_of-nobody");
    await shop.page.getByRole("button", { name: "Save" }).click();
    await shop.page.getByRole("alert").filter({ hasText: "This key is not known here" }).waitFor();
    await shop.page.getByLabel("Gateway key").fill(secret);
    await shop.page.getByRole("button", { name: "Save" }).click();
    await shop.page.getByTestId("till-amount").waitFor();
  }, 120_000);

  afterAll(() => stage?.stop());

  async function showCode(limit: string): Promise<string> {
    const { page } = customer;
    await page.goto("/wallet/code");
    const field = page.getByLabel("Pay at most");
    await unlockIfAsked(page, field);
    await field.fill(limit);
    await page.getByRole("button", { name: "Show a code to pay" }).click();
    const digits = page.getByTestId("pay-code-digits");
    await digits.waitFor();
    return ((await digits.textContent()) ?? "").replace(/\s/g, "");
  }

  async function charge(amount: string): Promise<void> {
    const { page } = shop;
    await page.goto("/till");
    await page.getByTestId("till-amount").fill(amount);
    await page.getByRole("button", { name: "Show invoice" }).click();
    await page.getByTestId("customer-code").waitFor();
  }

  async function scanAtTill(code: string): Promise<void> {
    await shop.page.getByLabel("Code to scan").fill(code);
    await shop.page.getByRole("button", { name: "Scan it" }).click();
  }

  async function expectRefused(text: string): Promise<void> {
    await shop.page.getByTestId("customer-code").getByRole("alert").filter({ hasText: text }).waitFor();
  }

  test("is read off its picture, as barcode and as QR code, and paid: wallet and till go green", async () => {
    const digits = await showCode("5000");
    await customer.page.locator("svg.barcode").waitFor();
    expect(await readBarcode(customer.page, customer.page.locator("svg.barcode"))).toBe(digits);
    expect(await seriousProblems(customer.page)).toEqual([]);
    await takePicture(customer.page, "wallet-pay-code");
    await charge("4500");
    await shop.page.getByText("The customer shows a code").click();
    const picture = await customer.page.locator("svg.qr").screenshot();
    const file = shop.page.locator('input[type="file"]');
    await file.setInputFiles({ name: "qr.png", mimeType: "image/png", buffer: picture });
    await shop.page.getByTestId("code-asked").waitFor();
    expect(await seriousProblems(shop.page)).toEqual([]);
    await takePicture(shop.page, "till-pay-code");
    await customer.page.getByRole("heading", { name: "Is this right?" }).waitFor();
    await customer.page.getByText("Bada Coffee").waitFor();
    await customer.page.getByRole("button", { name: "Sign and pay" }).click();
    await customer.page.getByTestId("sent").waitFor();
    await customer.page.getByText("4,500 TTM").waitFor();
    await takePicture(customer.page, "wallet-pay-code-paid");
    await shop.page.getByTestId("paid").waitFor();
    await charge("100");
    await scanAtTill(digits);
    await expectRefused("This code was used before or has ended");
  }, 120_000);

  test("pays nothing to a till that asks for more than the customer's limit", async () => {
    const digits = await showCode("1000");
    await charge("4500");
    await scanAtTill(digits);
    await customer.page.getByTestId("pay-code-over").filter({ hasText: "more than your limit" }).waitFor();
    expect(await customer.page.getByRole("button", { name: "Sign and pay" }).count()).toBe(0);
  }, 60_000);

  test("ends by itself on the wallet's screen", async () => {
    await customer.page.clock.install();
    await showCode("1000");
    await customer.page.clock.fastForward(101_000);
    await customer.page.getByTestId("pay-code-over").filter({ hasText: "nothing was paid" }).waitFor();
    await customer.page.clock.resume();
  }, 60_000);

  test("is refused by the till once it has ended, where nobody shows it, and with a digit mistyped", async () => {
    const wallet = Account.random();
    const { chain, height } = await client.status();
    const code = makePayCode(wallet, Buffer.from(chain.genesisHash, "hex"), height + 2);
    await new MerchantClient({ url: stage.node.url }).presentCode(code.token);
    while ((await client.status()).height <= code.heightExpiry) {
      await waitForCommit(client, await client.faucet(wallet.address, {}));
    }
    await charge("100");
    await scanAtTill(code.digits);
    await expectRefused("This code was used before or has ended");
    const unknown = makePayCode(wallet, Buffer.from(chain.genesisHash, "hex"), height + 100);
    await scanAtTill(unknown.digits);
    await expectRefused("No wallet shows this code");
    await shop.page.getByText("The customer shows a code").click();
    await shop.page.getByLabel("The code's 18 digits").fill(`${unknown.digits.slice(0, 17)}x`);
    await shop.page.getByRole("button", { name: "Ask the wallet to pay" }).click();
    await expectRefused("These are not the 18 digits of a code");
    await shop.page.goto("/till");
    await scanAtTill(unknown.digits);
    await shop.page.getByText("enter the amount first").waitFor();
  }, 60_000);

  test("leaves no error, no broken policy and no outside request behind", () => {
    expect([...shop.problems, ...customer.problems]).toEqual([]);
  });
});

// Codes that customers show: signed, short-lived, good for one invoice; and the EMVCo code that shops show, against the standard.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { crcOf, formatEmvCode, parseEmvCode } from "../../src/client/emvCode.js";
import { MerchantClient } from "../../src/client/merchantClient.js";
import { isPayCode, makePayCode, readPayCode } from "../../src/client/payCode.js";
import { MerchantStage } from "./merchantStage.js";

describe("a customer's code", () => {
  let stage: MerchantStage;
  let shop: MerchantClient;
  const wallet = Account.random(new SeededRandom(3));

  beforeAll(async () => {
    stage = await MerchantStage.start();
    shop = new MerchantClient({ url: stage.chain.url, key: stage.key });
  });
  afterAll(() => stage.stop());

  function makeCode(heights = 100) {
    return makePayCode(wallet, stage.chain.genesisHash, stage.chain.height + heights);
  }

  test("brings the wallet that shows it the invoice of the till that scans it", async () => {
    const code = makeCode();
    expect(isPayCode(code.digits)).toBe(true);
    const buyer = new MerchantClient({ url: stage.chain.url });
    await buyer.presentCode(code.token);
    const waiting = buyer.presentedCode(code.digits, 10_000);
    const invoice = await stage.invoice();
    await shop.claimCode(code.digits, invoice.id);
    expect(await waiting).toMatchObject({ invoice: invoice.id, uri: invoice.parts[0].uri });
  });

  test("serves one invoice, also when it is handed in again", async () => {
    const code = makeCode();
    await shop.presentCode(code.token);
    const [first, second] = [await stage.invoice(), await stage.invoice()];
    await shop.claimCode(code.digits, first.id);
    await shop.claimCode(code.digits, first.id);
    await shop.presentCode(code.token);
    await expect(shop.claimCode(code.digits, second.id)).rejects.toMatchObject({ code: "CODE_USED" });
  });

  test("ends at its height, and can't be good for long", async () => {
    const code = makeCode(2);
    await shop.presentCode(code.token);
    await stage.chain.produceTo(code.heightExpiry + 1);
    const { id } = await stage.invoice();
    await expect(shop.claimCode(code.digits, id)).rejects.toMatchObject({ code: "CODE_USED" });
    await expect(shop.presentCode(makeCode(100_000).token)).rejects.toMatchObject({ code: "CODE_USED" });
  });

  test("that nobody handed in, of another chain or with another byte is refused", async () => {
    const { id } = await stage.invoice();
    await expect(shop.claimCode(makeCode().digits, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const foreign = makePayCode(wallet, new Uint8Array(32), stage.chain.height + 10);
    await expect(shop.presentCode(foreign.token)).rejects.toMatchObject({ code: "BAD_SIGNATURE" });
    const { token } = makeCode();
    const damaged = token.slice(0, 20) + (token[20] === "A" ? "B" : "A") + token.slice(21);
    expect(() => readPayCode(damaged, stage.chain.genesisHash)).toThrow();
  });
});

describe("an EMVCo code", () => {
  test("has the CRC of the standard's own example", () => {
    const example =
      "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT" +
      "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304";
    expect(crcOf(example)).toBe("A13A");
    expect(crcOf("123456789")).toBe("29B1");
    expect(() => parseEmvCode(`${example}A13A`)).toThrow(/another scheme/);
  });

  const request = fc.record({
    account: fc.integer({ min: 0, max: 1_000 }),
    amount: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
    token: fc.oneof(fc.constantFrom("TTC", "TTM", "TTMI"), fc.stringMatching(/^[0-9a-f]{64}$/)),
    reference: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
    chain: fc.stringMatching(/^[0-9a-f]{8}$/),
    name: fc.string({ unit: fc.constantFrom(..."ABC 바다커피"), minLength: 1, maxLength: 30 }),
    order: fc.option(fc.stringMatching(/^[A-Z0-9-]{1,25}$/), { nil: undefined }),
    won: fc.option(fc.bigInt({ min: 1n, max: 10n ** 12n }), { nil: undefined }),
  });

  test("says the same request after it was written and read, in fields of the standard's lengths", () => {
    fc.assert(
      fc.property(request, ({ account, amount, token, reference, chain, name, order, won }) => {
        const payee = Account.random(new SeededRandom(account)).addressText;
        const text = formatEmvCode({
          request: { payee, amount, token, chain, ...(reference === undefined ? {} : { reference }) },
          merchantName: name,
          merchantCity: "Seoul",
          categoryCode: "5814",
          ...(won === undefined ? {} : { amountWon: won }),
          ...(order === undefined ? {} : { billNumber: order }),
        });
        expect(text.length).toBeLessThanOrEqual(512);
        expect(text.startsWith("000201010212")).toBe(true);
        const code = parseEmvCode(text);
        expect(code.request).toMatchObject({ payee, amount, token, chain });
        expect(code.request.reference).toEqual(reference);
        expect(code.amountWon).toBe(won);
        expect(code.billNumber).toBe(order);
      }),
      { numRuns: 100 },
    );
  });

  test("with one changed character is refused", () => {
    const payee = Account.random(new SeededRandom(9)).addressText;
    const parts = { merchantName: "Shop", merchantCity: "Seoul", categoryCode: "5814" };
    const text = formatEmvCode({ request: { payee, amount: 5n, token: "TTC" }, ...parts });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), fc.constantFrom("7", "Q"), (at, letter) => {
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        if (changed.toUpperCase() !== text.toUpperCase()) {
          expect(() => parseEmvCode(changed)).toThrow();
        }
      }),
      { numRuns: 100 },
    );
  });
});

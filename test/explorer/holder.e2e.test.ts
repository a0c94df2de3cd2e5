// What a holder of coins does besides paying, in a real browser: votes for candidates, looks at rounds that ended, finds a name and pays it,
// and gives a single piece away.

import { readFile } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeDisk } from "../../src/base/disk.js";
import { systemRandom } from "../../src/base/random.js";
import { Account } from "../../src/client/account.js";
import { callContract, registerContract } from "../../src/client/actions.js";
import type { TTChainClient } from "../../src/client/client.js";
import { registerCandidate } from "../../src/client/delegateActions.js";
import { MerchantClient } from "../../src/client/merchantClient.js";
import { commitName, makeNameSalt, revealName } from "../../src/client/nameActions.js";
import type { Sender } from "../../src/client/sender.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { type NewChainOptions, openChainFiles } from "../../src/consensus/solo/chainFiles.js";
import { contractAddress, formatAddress, parseAddress } from "../../src/protocol/address.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import { sha256 } from "../../src/wasm/sha256.js";
import {
  BrowserStage,
  type Device,
  findBrowser,
  seriousProblems,
  takePicture,
  unlockIfAsked,
  unlockWallet,
} from "./browserStage.js";

const executable = findBrowser();
const HOSTILE = `<img src=x onerror=alert(1)>`;
const ROUND_BLOCKS = 5;

async function readText(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), "utf8");
}

/** A chain whose rounds are short enough to see some end. */
async function beginShortRounds(directory: string): Promise<void> {
  const profile = JSON.parse(await readText("chains/ttchain.json")) as NewChainOptions["profile"];
  const parameters = { ...profile.parameters, roundBlocks: ROUND_BLOCKS };
  const chain = { ...profile, parameters };
  await openChainFiles(directory, {
    profile: chain,
    delegateCount: 4,
    random: systemRandom,
    timeMs: Date.now(),
    disk: nodeDisk,
  });
}

describe.skipIf(executable === undefined)("a holder", () => {
  let stage: BrowserStage;
  let device: Device;
  let client: TTChainClient;
  let sender: Sender;
  let account: Account;
  let contract = "";
  let wallet = "";

  beforeAll(async () => {
    stage = await BrowserStage.start(executable as string, beginShortRounds);
    const [person, acting] = await Promise.all([
      stage.openPerson({ serviceWorkers: "block" }, ["TTC"]),
      stage.openAccount(200_000n * TTC_UNIT),
    ]);
    device = person;
    wallet = person.address;
    ({ client, account, sender } = acting);
    const delegate = Account.random();
    const standing = { payBasisPoints: 5_000, name: HOSTILE, site: HOSTILE };
    await sender.send([registerCandidate(account, delegate, standing)], { cosigners: [delegate] });
    const bytes = async (path: string): Promise<Uint8Array> => new TextEncoder().encode(await readText(path));
    const made = await sender.send([
      registerContract(account, {
        source: await bytes("contracts/nft/contract.lua"),
        tests: await bytes("contracts/nft/tests.lua"),
        depositLimit: 100n * TTC_UNIT,
        args: [new TextEncoder().encode(HOSTILE), new TextEncoder().encode("PIC")],
      }),
    ]);
    expect(made.outcome).toMatchObject({ state: "committed" });
    contract = formatAddress(contractAddress(made.transaction.id, 0));
  }, 120_000);

  afterAll(() => stage?.stop());

  async function openTab(page: Page, tab: string): Promise<void> {
    await page.getByRole("navigation", { name: "Wallet pages" }).getByRole("link", { name: tab, exact: true }).click();
    await page.getByRole("heading", { name: tab, level: 1 }).waitFor();
  }

  test("locks coins for a candidate after a summary with the fee, and sees the vote", async () => {
    const { page } = device;
    await page.goto(`/candidate/${account.addressText}`);
    await page.getByRole("link", { name: "Vote for this candidate" }).click();
    await unlockWallet(page);
    const form = page.getByTestId("vote-form");
    await form.getByRole("checkbox").first().waitFor();
    expect(await form.getByRole("checkbox").first().isChecked()).toBe(true);
    await form.getByText(HOSTILE).waitFor();
    await form.getByRole("button", { name: "Check", exact: true }).click();
    await form.getByRole("alert").waitFor();
    await form.getByLabel("Lock in addition (TTC)").fill("50");
    await form.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByText("Locked then").waitFor();
    await page.getByText("Fee", { exact: true }).waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await takePicture(page, "vote-summary");
    await page.getByRole("button", { name: "Sign and send" }).click();
    await page.getByTestId("action-done").filter({ hasText: "Committed" }).waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    expect((await client.votes(wallet)).locked).toBe(`${50n * TTC_UNIT}`);
    await page.getByRole("button", { name: "Unlock votes" }).waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await takePicture(page, "wallet-votes");
  }, 60_000);

  test("sees its pieces with what strangers wrote as text, and gives one away", async () => {
    const { page } = device;
    const mint = (to: string, link: string) =>
      callContract(account, {
        contract,
        functionName: "mint",
        args: [parseAddress(to), new TextEncoder().encode(link), sha256(new Uint8Array(1)), 100n],
        gasLimit: 200_000,
        depositLimit: TTC_UNIT,
      });
    for (const [to, link] of [
      [wallet, HOSTILE],
      [account.addressText, "not yours"],
      [wallet, "ttc://picture/3"],
    ]) {
      expect((await sender.send([mint(to, link)])).outcome).toMatchObject({ state: "committed" });
    }
    await openTab(page, "Pieces");
    await page.getByTestId("piece").nth(1).waitFor();
    expect(await page.getByTestId("piece").count()).toBe(2);
    await page.getByTestId("piece").first().getByText(HOSTILE).waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await takePicture(page, "wallet-pieces");
    const piece = page.getByTestId("piece").filter({ hasText: "ttc://picture/3" });
    await piece.getByText("Give it away").click();
    await piece.getByLabel("To").fill(account.addressText);
    await piece.getByRole("button", { name: "Check", exact: true }).click();
    await page.getByRole("button", { name: "Sign and send" }).click();
    await page.getByTestId("action-done").filter({ hasText: "Committed" }).waitFor();
    await page.getByRole("button", { name: "Back" }).click();
    await page.getByTestId("piece").filter({ hasText: "ttc://picture/3" }).waitFor({ state: "detached" });
    expect(await page.getByTestId("piece").count()).toBe(1);
    await page.goto(`/contract/${contract}`);
    await page.getByTestId("activity-chart").locator("canvas").waitFor();
    await page.getByRole("button", { name: "An hour" }).click();
    await page.getByText("Bars: 4 calls in this span.").waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await takePicture(page, "contract-activity");
  }, 90_000);

  test("finds a name, and pays it", async () => {
    const { page } = device;
    const salt = makeNameSalt();
    await sender.send([commitName(account, { name: "corner-shop", salt })]);
    const { names } = await client.parameters();
    const { height } = await client.status();
    while ((await client.status()).height < height + names.nameCommitHeightsMin) {
      await waitForCommit(client, await client.faucet(account.address, { amount: TTC_UNIT }));
    }
    const revealed = await sender.send([revealName(account, { name: "corner-shop", salt, target: account.address })]);
    expect(revealed.outcome).toMatchObject({ state: "committed" });
    await page.goto("/");
    await page.getByRole("searchbox").fill("corner-shop");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.getByText("Stands for").waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await takePicture(page, "name");
    await page.getByRole("link", { name: "Pay this name" }).click();
    const token = page.locator("select");
    await unlockIfAsked(page, token);
    await token.selectOption("TTC");
    await page.getByLabel("Amount").fill("1");
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.locator(".summary").getByText(account.addressText).waitFor();
    await page.locator(".summary").getByText("corner-shop").waitFor();
  }, 60_000);

  test("looks at rounds that ended, and at one of them", async () => {
    const { page } = device;
    await page.goto("/delegates");
    await page.getByRole("link", { name: "Past rounds" }).click();
    const row = page.getByTestId("rounds").locator("tbody tr").last();
    await row.waitFor();
    expect(await seriousProblems(page)).toEqual([]);
    await takePicture(page, "rounds");
    // How many rounds have ended by now, and so which is the last on the list's first page, depends on the machine.
    const number = Number(await row.getByRole("link").first().textContent());
    const heightFirst = (number - 1) * ROUND_BLOCKS + 1;
    expect(await row.locator("td").nth(1).textContent()).toBe(`${heightFirst} – ${heightFirst + ROUND_BLOCKS - 1}`);
    await row.getByRole("link").first().click();
    await page.getByTestId("round").locator("tbody tr").first().waitFor();
    const proposed = await page.getByTestId("round").locator("tbody tr td:nth-last-child(3)").allTextContents();
    expect(proposed.reduce((sum, text) => sum + Number(text), 0)).toBe(ROUND_BLOCKS - 1);
    expect(await seriousProblems(page)).toEqual([]);
    await takePicture(page, "round");
    expect(device.problems).toEqual([]);
  }, 60_000);

  /** Pages that stand behind the wallet's lock are reached by its tabs: a load would lock it again. */
  function pagesInKorean(
    checkout: string,
  ): [name: string, open: (page: Page) => Promise<unknown>, landmark: Locator][] {
    const { page } = device;
    const tab = (name: string) => () =>
      page.getByRole("navigation", { name: "지갑 메뉴" }).getByRole("link", { name, exact: true }).click();
    const address = (path: string) => () => page.goto(path);
    const votes = page.getByTestId("vote-form");
    const summary = page.getByRole("heading", { name: "맞습니까?" });
    const startVote = async (): Promise<void> => {
      await tab("투표")();
      await votes.getByLabel("추가로 잠글 금액").fill("1");
      await votes.getByRole("checkbox").first().check();
      await votes.getByRole("button", { name: "확인", exact: true }).click();
    };
    const startUnlock = async (): Promise<void> => {
      await page.getByRole("button", { name: "취소" }).click();
      await page.getByLabel("잠금을 풀 금액").fill("1");
      await page.getByRole("button", { name: "투표 잠금 해제" }).click();
    };
    const startWithdraw = async (): Promise<void> => {
      await page.getByRole("button", { name: "서명하고 보내기" }).click();
      await page.getByTestId("action-done").filter({ hasText: "확정" }).waitFor();
      await page.getByRole("button", { name: "돌아가기" }).click();
      await page.getByRole("button", { name: "해제된 금액 인출" }).click();
    };
    const startCode = async (): Promise<void> => {
      await tab("코드 결제")();
      await page.getByLabel("결제 한도").fill("1000");
      await page.getByRole("button", { name: "결제 코드 보이기" }).click();
    };
    const openTerminal = async (): Promise<void> => {
      await page.goto("/till");
      await page.getByLabel("기기").selectOption("simulated");
      await page.getByRole("button", { name: "저장" }).click();
      await page.getByTestId("till-amount").fill("100");
      await page.getByRole("button", { name: "청구서 보이기" }).click();
    };
    return [
      ["vote", startVote, summary],
      ["unlock", startUnlock, summary],
      ["withdraw", startWithdraw, summary],
      ["pieces", tab("NFT"), page.getByTestId("piece").first()],
      ["code", startCode, page.getByTestId("pay-code")],
      ["name", address("/name/corner-shop"), page.getByRole("link", { name: "이 이름으로 보내기" })],
      ["rounds", address("/rounds"), page.getByTestId("rounds").locator("tbody tr").first()],
      ["round", address(`/round/1?last=${ROUND_BLOCKS}`), page.getByTestId("round").locator("tbody tr").first()],
      ["contract", address(`/contract/${contract}`), page.getByTestId("activity-chart").locator("canvas")],
      ["checkout", address(checkout), page.locator("svg.qr")],
      ["terminal", openTerminal, page.getByTestId("display").locator("svg.qr")],
      ["display", address("/display"), page.getByTestId("display")],
    ];
  }

  test("is kept out of no page, in Korean and in the dark", async () => {
    const { page } = device;
    const gateway = new MerchantClient({ url: stage.node.url });
    const { secret } = await gateway.createStore({ name: HOSTILE, payee: account.addressText });
    const shop = new MerchantClient({ url: stage.node.url, key: secret });
    const { id } = await shop.createInvoice({ price: { currency: "TTM", amount: "100" }, tokens: ["TTM"] });
    await page.goto("/wallet/votes");
    await unlockIfAsked(page, page.getByTestId("vote-form"));
    await page.getByRole("button", { name: "한국어" }).click();
    await page.getByRole("button", { name: "어둡게" }).click();
    const found: [string, unknown][] = [];
    for (const [name, open, landmark] of pagesInKorean(`/checkout/${id}`)) {
      await open(page);
      await landmark.waitFor();
      found.push([name, await seriousProblems(page)]);
      await takePicture(page, `${name}-ko-dark`);
      const { lang, theme } = await page.evaluate(() => ({
        lang: document.documentElement.lang,
        theme: document.documentElement.dataset.theme,
      }));
      expect([name, lang, theme]).toEqual([name, "ko", "dark"]);
    }
    expect(found.filter(([, problems]) => (problems as unknown[]).length > 0)).toEqual([]);
    expect(device.problems).toEqual([]);
  }, 120_000);
});

// What the browser tests stand on: a real node started from dist, and the system's Chromium. The README says how to install it;
// where there is none, the tests say so and are skipped.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { Account } from "../../src/client/account.js";
import { TTChainClient } from "../../src/client/client.js";
import { Sender } from "../../src/client/sender.js";
import { waitForCommit } from "../../src/client/waitForCommit.js";
import { freePort } from "../support/freePort.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Git ignores it. */
const PICTURES = join(ROOT, "build/screenshots");

const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** How long one step of a person may take on a slow machine. */
const STEP_TIMEOUT_MS = 25_000;

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser's program; undefined where none is installed. */
export function findBrowser(): string | undefined {
  const found = BROWSERS.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) {
    console.warn("no Chromium found: browser tests are skipped (install it, or name it in CHROMIUM)");
  }
  return found;
}

export function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A node in a process of its own. It keeps its directory and its port over restarts. */
export class TestNode {
  url = "";
  private process: ChildProcess | undefined;

  private constructor(private readonly directory: string) {}

  /** `prepare` may begin another chain than the usual one in the node's directory. */
  static async start(prepare: (directory: string) => Promise<unknown> = async () => undefined): Promise<TestNode> {
    const node = new TestNode(await mkdtemp(join(tmpdir(), "ttchain-pages-")));
    await prepare(node.directory);
    await node.run(String(await freePort()));
    return node;
  }

  private async run(port: string): Promise<void> {
    const args = [join(ROOT, "dist/cli/main.js"), "start", "--data", this.directory, "--port", port, "--json"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.process = child;
    this.url = await new Promise((resolve, reject) => {
      const lines: string[] = [];
      createInterface({ input: child.stdout }).on("line", (line) => {
        lines.push(line);
        if (line.includes('"listening"')) {
          resolve((JSON.parse(line) as { url: string }).url);
        }
      });
      child.once("exit", (code) => reject(new Error(`the node ended with code ${code}: ${lines.join("\n")}`)));
    });
  }

  async halt(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child !== undefined && child.exitCode === null) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
    }
  }

  /** Ends it without a warning. */
  async crash(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child !== undefined && child.exitCode === null) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    }
  }

  /** Starts again where it stopped, on the same port. */
  resume(): Promise<void> {
    return this.run(new URL(this.url).port);
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The JSON of one of the API's answers. */
  async get(path: string): Promise<unknown> {
    return (await fetch(this.url + path)).json();
  }
}

export interface Device {
  context: BrowserContext;
  page: Page;
  /** What went wrong in its pages: errors, refused requests, broken policy. */
  problems: string[];
}

/** A device of its own: nothing is shared with others. Whatever its pages ask of another host is a problem. */
export async function openDevice(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Device> {
  const context = await browser.newContext({ baseURL: url, locale: "en-GB", ...options });
  const problems: string[] = [];
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) {
      problems.push(message.text());
    }
  });
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (/^(http|ws)/.test(protocol) && host !== new URL(url).host) {
      problems.push(`asked for ${request.url()}`);
    }
  });
  return { context, page, problems };
}

export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

/** A node and a browser, for one file of tests. */
export class BrowserStage {
  private constructor(
    readonly node: TestNode,
    readonly browser: Browser,
  ) {}

  static async start(executablePath: string, prepare?: (directory: string) => Promise<unknown>): Promise<BrowserStage> {
    const node = await TestNode.start(prepare);
    return new BrowserStage(node, await launchBrowser(executablePath));
  }

  open(options?: BrowserContextOptions): Promise<Device> {
    return openDevice(this.browser, this.node.url, options);
  }

  /** A device whose wallet the faucet filled; its page shows the wallet. */
  async openPerson(options: BrowserContextOptions, tokens = ["TTC", "TTM"]): Promise<Device & { address: string }> {
    const device = await this.open(options);
    const address = await makeWallet(device.page);
    for (const token of tokens) {
      await getCoins(device.page, token);
    }
    return { ...device, address };
  }

  /** An account with coins that acts by the SDK, beside the browser. */
  async openAccount(amount: bigint): Promise<{ client: TTChainClient; account: Account; sender: Sender }> {
    const client = new TTChainClient({ url: this.node.url });
    const account = Account.random();
    await waitForCommit(client, await client.faucet(account.address, { amount }));
    return { client, account, sender: new Sender(client, account) };
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.node.stop();
  }
}

export interface Violation {
  id: string;
  impact: string;
  nodes: string[];
}

/** What axe finds serious or critical on the page, by WCAG 2.2 AA. */
export async function seriousProblems(page: Page): Promise<Violation[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: engine } = globalThis as unknown as { axe: typeof import("axe-core") };
    const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { violations } = await engine.run(document, { runOnly: { type: "tag", values } });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, impact, nodes }) => ({
        id,
        impact: String(impact),
        nodes: nodes.map(({ html }) => html.slice(0, 200)),
      }));
  });
}

export const PASSPHRASE = "correct horse battery";

/** Makes a wallet as a person does; gives its address. */
export async function makeWallet(page: Page): Promise<string> {
  await page.goto("/wallet");
  await page.getByRole("button", { name: "Make a new wallet" }).click();
  const words = await page.getByTestId("words").locator("li").allTextContents();
  await page.getByRole("button", { name: "I have written them down" }).click();
  for (const field of await page.locator("[data-place]").all()) {
    await field.fill(words[Number(await field.getAttribute("data-place")) - 1]);
  }
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByLabel("Passphrase again").fill(PASSPHRASE);
  await page.getByRole("button", { name: "Encrypt and open" }).click();
  await page.getByRole("heading", { name: "Balance" }).waitFor();
  return (await page.locator(".hash code").first().textContent()) ?? "";
}

export async function unlockWallet(page: Page): Promise<void> {
  await page.getByLabel("Passphrase", { exact: true }).fill(PASSPHRASE);
  await page.getByRole("button", { name: "Unlock" }).click();
}

/** Waits until the wallet shows what lies `behind` its lock or the lock itself, and opens that where it stands. */
export async function unlockIfAsked(page: Page, behind: Locator): Promise<void> {
  const unlock = page.getByRole("button", { name: "Unlock", exact: true });
  await unlock.or(behind).first().waitFor();
  if (await unlock.isVisible()) {
    await unlockWallet(page);
  }
}

/** Reads the code off a picture of another's screen with the wallet on `page`, and goes as far as the summary. */
export async function readCode(page: Page, shown: Page): Promise<void> {
  const picture = await shown.locator("svg.qr").screenshot();
  await page.goto("/wallet/send");
  await unlockIfAsked(page, page.getByText("QR from a picture"));
  await page.locator('input[type="file"]').setInputFiles({ name: "qr.png", mimeType: "image/png", buffer: picture });
  await page.getByTestId("request").waitFor();
  await page.getByRole("button", { name: "Check" }).click();
  await page.getByRole("heading", { name: "Is this right?" }).waitFor();
}

/** Asks the faucet and waits until the balance shows. */
export async function getCoins(page: Page, token: string): Promise<void> {
  await page.getByRole("button", { name: `Get free ${token}`, exact: true }).click();
  await page.locator(`tr[data-token="${token}"] td.number`).first().filter({ hasText: /[1-9]/ }).waitFor();
}

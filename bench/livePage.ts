// `npm run bench:page`: the explorer's live page in a headless Chromium while a node commits many payments a second. Says what share of
// a core the page's renderer took, and what all of the browser's processes took, out of the system's own count.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { describeMachine } from "./machine.js";

const PROGRAM = join(import.meta.dirname, "../../../dist/cli/main.js");
const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
/** Clock ticks a second of /proc. */
const TICKS = 100;
/** The page is open for a moment before it is measured. */
const SETTLE_MS = 3_000;

interface BrowserTime {
  renderer: number;
  all: number;
}

/** Seconds of processor time of every process whose command line names the browser's profile directory, or that such a one began. */
function browserTime(root: number): BrowserTime {
  const parents = new Map<number, { parent: number; seconds: number; isRenderer: boolean }>();
  for (const name of readdirSync("/proc")) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8");
      const seconds = (Number(fields[11]) + Number(fields[12])) / TICKS;
      parents.set(Number(name), {
        parent: Number(fields[1]),
        seconds,
        isRenderer: command.includes("--type=renderer"),
      });
    } catch {
      // It is no process, or has ended.
    }
  }
  const time = { renderer: 0, all: 0 };
  for (const [pid, { seconds, isRenderer }] of parents) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== root && at > 1) {
      at = parents.get(at)?.parent;
    }
    if (at === root) {
      time.all += seconds;
      time.renderer += isRenderer ? seconds : 0;
    }
  }
  return time;
}

/** The URL of a node that is ready, from the line of JSON that it prints. */
function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      if (line.includes('"listening"')) {
        resolve((JSON.parse(line) as { url: string }).url);
      }
    });
    child.once("exit", (code) => reject(new Error(`the node ended with ${code}`)));
  });
}

/** Offers payments; resolves with what was committed a second once all have ended. */
function offer(url: string, rate: number, seconds: number): { offering: Promise<void>; ended: Promise<number> } {
  const parameters = ["load", "--url", url, "--rate", `${rate}`, "--seconds", `${seconds}`, "--tills", "400"];
  const child = spawn(process.execPath, [PROGRAM, ...parameters, "--mileage", "0", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  const offering = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on("line", (line) => line.startsWith("Offering") && resolve());
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("close", (code) => {
      if (code === 0) {
        resolve((JSON.parse(stdout) as { committedPerSecond: number }).committedPerSecond);
      } else {
        reject(new Error(`the load ended with ${code}: ${stdout.slice(-500)}`));
      }
    });
  });
  return { offering, ended };
}

async function measure(rate: number, seconds: number): Promise<void> {
  const executablePath = BROWSERS.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error("expected a Chromium: install it, or name it in CHROMIUM");
  }
  const directory = await mkdtemp(join(tmpdir(), "ttchain-page-"));
  const node = spawn(
    process.execPath,
    ["--max-semi-space-size=64", PROGRAM, "start", "--data", join(directory, "chain"), "--port", "0", "--json"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const server = await chromium.launchServer({ executablePath, args: FLAGS });
  try {
    const url = await readyUrl(node);
    const browser = await chromium.connect(server.wsEndpoint());
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    await page.locator(".blocks li").first().waitFor();
    const { offering, ended } = offer(url, rate, seconds);
    await offering;
    await page.waitForTimeout(SETTLE_MS);
    const root = server.process().pid!;
    const before = browserTime(root);
    const startMs = performance.now();
    await page.waitForTimeout(seconds * 1_000 - 2 * SETTLE_MS);
    const tookSeconds = (performance.now() - startMs) / 1_000;
    const after = browserTime(root);
    const share = (name: keyof BrowserTime): string =>
      `${((100 * (after[name] - before[name])) / tookSeconds).toFixed(1)} %`;
    const shown = (await page.locator(".blocks li").first().textContent()) ?? "";
    const committed = await ended;
    console.log(describeMachine());
    console.log(`${rate} payments a second offered, ${committed} committed a second; ${browser.version()}`);
    console.log(
      `the page's renderer ${share("renderer")} of a core, the whole browser ${share("all")}, over ${tookSeconds.toFixed(0)} s`,
    );
    console.log(`the newest block that it showed at the end: ${shown.trim()}`);
  } finally {
    await server.close();
    node.kill("SIGTERM");
    await new Promise((resolve) => node.once("exit", resolve));
    await rm(directory, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: { rate: { type: "string", default: "20000" }, seconds: { type: "string", default: "26" } },
});
await measure(Number(values.rate), Number(values.seconds));

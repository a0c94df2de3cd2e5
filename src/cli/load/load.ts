// ttchain load: a fleet of tills that pays merchants as fast as it is told to, whatever the node answers, and an audit of the
// chain afterwards.

import { createInterface } from "node:readline";
import { Command, Option } from "commander";
import { systemRandom } from "../../base/random.js";
import { CommandFailedError } from "../failures.js";
import { share, wholeNumber, withExamples, withJsonOption } from "../options.js";
import { printAnswer } from "../output.js";
import type { LoadOptions } from "./loadOptions.js";
import { startOwnChain } from "./ownChain.js";
import { describeReport, type LoadReport } from "./report.js";
import { freshSeed, runLoad } from "./runLoad.js";

const OWN_CHAIN_SEED = 1;
const EXIT_INTERRUPTED = 130;

type CommandOptions = Omit<LoadOptions, "seed"> & { seed?: number; wait?: boolean; warmUp: number };

/** Says how far it is and waits for a line each time, so that several fleets can begin together and audit when all are done. */
function pauseForLines(): (event: string) => Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  return async (event) => {
    console.log(JSON.stringify({ event }));
    await lines.next();
  };
}

function withFleetOptions(command: Command): Command {
  return command
    .option("--tills <count>", "accounts that pay", wholeNumber(1, 100_000), 200)
    .option("--merchants <count>", "accounts that are paid", wholeNumber(1, 100_000), 20)
    .option(
      "--payees <count>",
      "further accounts that are only paid, made before the run",
      wholeNumber(0, 20_000_000),
      0,
    )
    .option("--hot-share <share>", "share of the payments that go to one merchant", share, 0.1)
    .option("--refunds <share>", "share of refunds", share, 0.02)
    .option("--duplicates <share>", "share of transactions that are sent twice", share, 0.01)
    .option("--double-pay <share>", "share of second payments of a paid reference, which must fail", share, 0.005)
    .option("--references <share>", "share of payments with a unique reference", share, 0.05)
    .option("--mileage <share>", "share of payments that give mileage back, signed by payer and store", share, 0.1);
}

function expectPassed({ audit }: LoadReport): void {
  if (!audit.passed) {
    throw new CommandFailedError("the audit failed", undefined);
  }
}

export function loadCommand(): Command {
  const command = new Command("load").description(
    "test a node under load with a fleet of tills, and audit the chain afterwards",
  );
  withFleetOptions(command)
    .option("--rate <count>", "transactions a second", wholeNumber(1, 1_000_000), 500)
    .option("--seconds <count>", "how long", wholeNumber(1, 86_400), 20)
    .addOption(new Option("--contract <name>", "pay through a standard contract instead of plainly").choices(["token"]))
    .option("--connections <count>", "WebSocket connections", wholeNumber(1, 10_000), 8)
    .option("--url <url>", "a running development node; without it a chain is made for this run and removed after it")
    .option("--seed <number>", "same seed, same keys and payments (1, or a fresh one with --url)", wholeNumber(0))
    .option(
      "--warm-up <seconds>",
      "so long at half the rate first, by the same tills, audited but not reported: a node that has run for a while",
      wholeNumber(0, 3_600),
      0,
    )
    .option("--presign", "sign everything in threads before the clock starts", true)
    .option("--no-presign", "sign each transaction when it is due instead of all before the clock starts")
    .option(
      "--wait",
      "print a line and wait for one on standard input before payments are offered and before the audit",
    )
    .option(
      "--drain-seconds <count>",
      "how long outcomes are waited for after the last arrival",
      wholeNumber(1, 86_400),
      120,
    )
    .option("--verify-ids <count>", "how many committed transactions the audit asks for by id", wholeNumber(0), 1_000);
  withExamples(
    withJsonOption(command),
    "load",
    "load --rate 5000 --seconds 30 --tills 1000",
    "load --rate 20000 --seconds 60 --tills 400 --payees 1000000 --mileage 0",
    "load --rate 50000 --seconds 15 --warm-up 25 --tills 400 --mileage 0",
    "load --contract token --rate 10000 --seconds 10",
    "load --url http://127.0.0.1:7070 --rate 200 --seconds 60 --json",
  );
  return command.action(async (given: CommandOptions) => {
    const seed = given.seed ?? (given.url === undefined ? OWN_CHAIN_SEED : freshSeed(systemRandom));
    const options: LoadOptions = { ...given, seed };
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const ownChain = options.url === undefined ? await startOwnChain() : undefined;
    const interrupt = () => {
      void ownChain?.stop().finally(() => process.exit(EXIT_INTERRUPTED));
    };
    if (ownChain !== undefined) {
      process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
    }
    try {
      const url = ownChain?.url ?? (options.url as string);
      const run = { url, ownChain: ownChain !== undefined, say };
      if (given.warmUp > 0) {
        say("Warming up.");
        const rate = Math.ceil(options.rate / 2);
        expectPassed(await runLoad({ ...run, options: { ...options, rate, seconds: given.warmUp, verifyIds: 0 } }));
      }
      const pause = given.wait ? { pause: pauseForLines() } : {};
      // The contract of the warm-up keeps its coins and its deposits.
      const isAllKnown = run.ownChain && (given.warmUp === 0 || options.contract === undefined);
      const report = await runLoad({ ...run, options, ownChain: isAllKnown, ...pause });
      printAnswer(options, report, describeReport(report));
      expectPassed(report);
    } finally {
      process.removeListener("SIGINT", interrupt).removeListener("SIGTERM", interrupt);
      await ownChain?.stop();
    }
  });
}

// The whole node under the fleet, both on this machine: what `ttchain load` reports, at a rate that it should hold.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

export interface EndToEndOptions {
  rate: number;
  seconds: number;
  tills: number;
}

/** The load report of one run against a chain of its own, as `ttchain load --json` prints it. */
export async function endToEndBench({ rate, seconds, tills }: EndToEndOptions): Promise<unknown> {
  const parameters = ["load", "--json", "--rate", String(rate), "--seconds", String(seconds), "--tills", String(tills)];
  const child = spawn(process.execPath, [PROGRAM, ...parameters], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const line = output.trim().split("\n").at(-1) ?? "";
  if (line === "") {
    throw new Error(`the load ended with exit code ${code} and said nothing`);
  }
  return JSON.parse(output.trim().startsWith("{") ? output : line);
}

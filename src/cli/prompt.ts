// Questions to the person at the terminal. They go to standard error, so that standard output stays clean for programs;
// secrets are read without echo.

import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { UsageError } from "./failures.js";

/** Whether somebody can be asked. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

async function ask(question: string, echo: boolean): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: echo ? process.stderr : silent, terminal: true });
  // Ctrl-C at a prompt must end the program as it does elsewhere.
  reader.on("SIGINT", () => {
    process.stderr.write("\n");
    process.exit(130);
  });
  try {
    return await reader.question("");
  } finally {
    reader.close();
    if (!echo) {
      process.stderr.write("\n");
    }
  }
}

/** A line that is not shown while it is typed. */
export function askSecret(question: string): Promise<string> {
  return ask(question, false);
}

/** A line. */
export function askLine(question: string): Promise<string> {
  return ask(question, true);
}

/** True for "y" or "yes". Throws UsageError where nobody can be asked. */
export async function confirm(question: string): Promise<boolean> {
  if (!isInteractive()) {
    throw new UsageError("expected --yes where nobody can be asked at a terminal");
  }
  return /^y(es)?$/i.test((await askLine(`${question} [y/N] `)).trim());
}

/** All of standard input as text. */
export async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

// The built program as a child process: a node on a temporary directory, and commands against it.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const PROGRAM = join(process.cwd(), "dist/cli/main.js");
const READY_MS = 60_000;

export interface RunningNode {
  url: string;
  height: number;
  recoveredBlocks: number;
  process: ChildProcess;
  /** Ends it without a warning and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", (code) => resolve(code)));
}

/** Starts a node and waits until it says that it listens; rejects with what it printed where it ends before. */
export function startNode(directory: string, port: number, ...options: string[]): Promise<RunningNode> {
  return startProgram(["start", "--json", "--data", directory, "--port", `${port}`, "--workers", "1", ...options]);
}

/** Starts a command that runs a node until it is told to stop. */
export function startProgram(command: string[], environment: Record<string, string> = {}): Promise<RunningNode> {
  const parameters = [PROGRAM, ...command];
  const child = spawn(process.execPath, parameters, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let output = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the node was not ready after ${READY_MS} ms: ${output}`));
    }, READY_MS);
    const onText = (text: string): void => {
      output += text;
      const line = output.split("\n").find((candidate) => candidate.includes('"listening"'));
      if (line !== undefined) {
        clearTimeout(timer);
        const { url, height, recoveredBlocks } = JSON.parse(line) as RunningNode;
        const kill = async (signal: NodeJS.Signals): Promise<number | null> => {
          child.kill(signal);
          return ended(child);
        };
        resolve({ url, height, recoveredBlocks, process: child, kill });
      }
    };
    child.stdout.setEncoding("utf8").on("data", onText);
    child.stderr.setEncoding("utf8").on("data", onText);
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the node ended with ${code}: ${output}`));
    });
  });
}

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command of the program to its end. */
export async function runCommand(
  parameters: string[],
  environment: Record<string, string> = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [PROGRAM, ...parameters], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

// The built program as a child process on a directory of its own, for attacks on it.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = join(process.cwd(), "dist/cli/main.js");
const KIB = 1_024;
const TICKS_PER_SECOND = 100;

export interface RunningNode {
  url: string;
  socketUrl: string;
  /** Bytes of memory that it holds. */
  memoryBytes(): number;
  /** Seconds of processor that it has used. */
  processorSeconds(): number;
  /** Ends it and removes its directory. */
  end(): Promise<void>;
}

/** Starts a program of the package; `onLine` gets what it prints. */
export function startProgram(parameters: string[], onLine: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, ...parameters], { stdio: ["ignore", "pipe", "inherit"] });
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  });
  return child;
}

export async function startNode(...options: string[]): Promise<RunningNode> {
  const directory = mkdtempSync(join(tmpdir(), "ttchain-flood-"));
  let child: ChildProcess | undefined;
  const url = await new Promise<string>((resolve, reject) => {
    const parameters = ["start", "--json", "--data", join(directory, "chain"), "--port", "0", ...options];
    child = startProgram(parameters, (line) => {
      if (line.includes('"listening"')) {
        resolve((JSON.parse(line) as { url: string }).url);
      }
    });
    child.once("exit", (code) => reject(new Error(`the node ended with ${code}`)));
  });
  return {
    url,
    socketUrl: `${url.replace("http", "ws")}/v1/ws`,
    memoryBytes() {
      const status = readFileSync(`/proc/${child?.pid}/status`, "utf8");
      return KIB * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    },
    processorSeconds() {
      // After the name in parentheses: user and system time are the 12th and 13th field.
      const fields = readFileSync(`/proc/${child?.pid}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    async end() {
      const ended = new Promise((resolve) => child?.once("exit", resolve));
      child?.kill("SIGTERM");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

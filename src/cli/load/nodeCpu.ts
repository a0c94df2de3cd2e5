// What the node says of its own processor time, at /metrics: of the whole process, and of its main thread.

/** Seconds. */
export interface NodeCpu {
  process: number;
  mainThread: number;
}

const NAMES = {
  process: "process_cpu_seconds_total",
  mainThread: "ttchain_main_thread_busy_seconds_total",
} as const;

function metricOf(text: string, name: string): number | undefined {
  const line = text.split("\n").find((other) => other.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

/** Undefined where the node does not tell. */
export async function readNodeCpu(url: string): Promise<NodeCpu | undefined> {
  const response = await fetch(new URL("/metrics", url));
  const text = await response.text();
  const [process, mainThread] = [metricOf(text, NAMES.process), metricOf(text, NAMES.mainThread)];
  return process === undefined || mainThread === undefined ? undefined : { process, mainThread };
}

export function nodeCpuSince(before: NodeCpu | undefined, after: NodeCpu | undefined): NodeCpu | undefined {
  return before === undefined || after === undefined
    ? undefined
    : { process: after.process - before.process, mainThread: after.mainThread - before.mainThread };
}

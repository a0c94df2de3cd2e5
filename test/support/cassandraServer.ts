// A Cassandra server of a test's own, on free ports of this machine. Where `npm run cassandra:install` was not run, tests that need one
// say so and are left out.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CassandraSession } from "../../src/history/cassandra/cassandraSession.js";
import { freePort } from "./freePort.js";

const ROOT = join(import.meta.dirname, "..", "..");
const LIBRARIES = join(ROOT, ".cassandra", "lib");

/** Whether a server can be started here; says so where it can't. */
export function hasCassandra(): boolean {
  const installed = existsSync(LIBRARIES) && readdirSync(LIBRARIES).length > 0;
  if (!installed) {
    console.warn("left out: Cassandra is not installed here (npm run cassandra:install fetches it)");
  }
  return installed;
}

export class CassandraServer {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    private readonly ports: { native: number; storage: number; jmx: number },
  ) {}

  static async start(): Promise<CassandraServer> {
    const directory = await mkdtemp(join(tmpdir(), "ttchain-cassandra-"));
    const ports = { native: await freePort(), storage: await freePort(), jmx: await freePort() };
    const server = new CassandraServer(directory, ports);
    await server.launch();
    return server;
  }

  address(keyspace: string): string {
    return `cassandra://127.0.0.1:${this.ports.native}/${keyspace}`;
  }

  /** Starts it on the data that it has; resolves when it answers. */
  async launch(): Promise<void> {
    const { native, storage, jmx } = this.ports;
    const launched = spawn(join(ROOT, "ops", "cassandra", "start.sh"), [this.directory, "1", "512m"], {
      stdio: "ignore",
      env: {
        ...process.env,
        CASSANDRA_PORT: `${native}`,
        CASSANDRA_STORAGE_PORT: `${storage}`,
        CASSANDRA_JMX_PORT: `${jmx}`,
        CASSANDRA_OPTIONS: "-Dcassandra.ring_delay_ms=500 -Dcassandra.skip_wait_for_gossip_to_settle=0",
      },
    });
    this.process = launched;
    // A test file that ends early leaves no server behind.
    process.once("exit", () => launched.kill("SIGKILL"));
    while (!(await this.answers())) {
      if (launched.exitCode !== null) {
        throw new Error(`Cassandra ended with ${launched.exitCode}: start ops/cassandra/start.sh by hand to see why`);
      }
      await setTimeout(200);
    }
  }

  private async answers(): Promise<boolean> {
    try {
      const session = await CassandraSession.connect({
        contactPoints: [`127.0.0.1:${this.ports.native}`],
        keyspace: "probe",
        datacenter: "datacenter1",
        replication: 1,
        tls: false,
      });
      await session.close();
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "NoHostAvailableError") {
        return false;
      }
      throw error;
    }
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const running = this.process;
    if (running !== undefined && running.exitCode === null && running.signalCode === null) {
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGKILL");
      await ended;
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

// A partner's side of the desk's protocol, as a partner would write it: balances, and answers kept by key. It can lose answers.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

async function readJson(request: IncomingMessage): Promise<Record<string, string>> {
  let text = "";
  for await (const part of request) {
    text += part;
  }
  return JSON.parse(text);
}

interface Answer {
  status: number;
  body: Record<string, string>;
}

export class PartnerServer {
  readonly balances = new Map<string, bigint>();
  readonly answers = new Map<string, Answer>();
  /** Answers that are lost on the way, from now on. */
  answersToLose = 0;
  /** Accounts that this partner pays nothing to. */
  readonly closed = new Set<string>();
  calls = 0;

  private constructor(
    private readonly server: Server,
    readonly secret: string,
  ) {}

  static async start(secret = "partner's secret"): Promise<PartnerServer> {
    const server = createServer();
    const partner = new PartnerServer(server, secret);
    server.on("request", (request, response) => void partner.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return partner;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/points`;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.calls += 1;
    const { key, account, units } = await readJson(request);
    const verb = request.url?.split("/").at(-1) ?? "";
    const isAllowed = request.headers.authorization === `Bearer ${this.secret}`;
    const { status, body } = isAllowed
      ? this.act(verb, key, account, BigInt(units))
      : { status: 401, body: { reason: "who are you?" } };
    if (this.answersToLose > 0) {
      this.answersToLose -= 1;
      response.destroy();
      return;
    }
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }

  private act(verb: string, key: string, account: string, units: bigint): Answer {
    const name = `${verb} ${key}`;
    const known = this.answers.get(name);
    if (known !== undefined) {
      return known;
    }
    const held = this.balances.get(account) ?? 0n;
    const next = verb === "take" ? held - units : held + units;
    const isRefused = next < 0n || (verb === "give" && this.closed.has(account));
    if (!isRefused) {
      this.balances.set(account, next);
    }
    const answer = isRefused
      ? { status: 409, body: { reason: next < 0n ? "too few points" : "the account is closed" } }
      : { status: 200, body: verb === "give-back" ? {} : { receipt: `${verb} ${this.answers.size}` } };
    this.answers.set(name, answer);
    return answer;
  }
}

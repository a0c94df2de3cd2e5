// An outside ledger behind HTTP: a partner's points, a game's money, a bank's payouts. The partner implements three calls; each is
// done once for its key (docs/desk.md). An answer that isn't one of the documented ones means "not known": the call is made again.

import { DeskRefusal, NotYet } from "./order.js";
import type { OutsideLedger } from "./outsideLedger.js";

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 16_384;
const RECEIPT_CHARACTERS_MAX = 200;

export interface HttpLedgerOptions {
  name: string;
  /** Where the calls lie: `<url>/take`, `<url>/give`, `<url>/give-back`. */
  url: string;
  /** Sent as a bearer token. */
  secret: string;
}

type Verb = "take" | "give" | "give-back";

export class HttpLedger implements OutsideLedger {
  readonly name: string;

  constructor(private readonly options: HttpLedgerOptions) {
    this.name = options.name;
  }

  take(key: string, account: string, units: bigint): Promise<string> {
    return this.call("take", key, account, units);
  }

  give(key: string, account: string, units: bigint): Promise<string> {
    return this.call("give", key, account, units);
  }

  async giveBack(key: string, account: string, units: bigint): Promise<string> {
    try {
      return await this.call("give-back", key, account, units);
    } catch (error) {
      // What was taken must come back: a no is a matter for people, and is asked again until they have settled it.
      throw error instanceof DeskRefusal ? new NotYet(`${this.name} refuses to take back: ${error.message}`) : error;
    }
  }

  private async call(verb: Verb, key: string, account: string, units: bigint): Promise<string> {
    const { url, secret } = this.options;
    const response = await fetch(`${url.replace(/\/$/, "")}/${verb}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${secret}`, "Idempotency-Key": key },
      body: JSON.stringify({ key, account, units: units.toString() }),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await response.text()).slice(0, ANSWER_BYTES_MAX);
    const answer = parseAnswer(text);
    if (response.status === 200 && typeof answer?.receipt === "string") {
      return answer.receipt.slice(0, RECEIPT_CHARACTERS_MAX);
    }
    if (response.status === 200 && verb === "give-back") {
      // Nobody needs evidence of what did not happen in the end.
      return "";
    }
    if (response.status === 409 && typeof answer?.reason === "string") {
      throw new DeskRefusal("OUTSIDE_REFUSED", `${this.name}: ${answer.reason.slice(0, RECEIPT_CHARACTERS_MAX)}`);
    }
    throw new NotYet(`${this.name} answered ${response.status} to ${verb}`);
  }
}

function parseAnswer(text: string): { receipt?: unknown; reason?: unknown } | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

// A bank as the desk knows one: an account whose movements it tells by callback, signed, again and again until it is answered, and
// writes into a statement.

import { createHmac } from "node:crypto";

export interface Movement {
  id: string;
  amount: string;
  memo: string;
  name: string;
  time: string;
}

export interface CallbackAnswer {
  status: number;
  body: Record<string, unknown>;
}

export class SimulatedBank {
  readonly movements: Movement[] = [];
  readonly secret = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
  private calls = 0;

  deposit(amount: number, memo: string, name = "Ann"): Movement {
    const movement = { id: `B-${this.movements.length + 1}`, amount: `${amount}`, memo, name, time: "09:00" };
    this.movements.push(movement);
    return movement;
  }

  statement(): string {
    const lines = this.movements.map(({ id, amount, memo, name, time }) => [id, amount, memo, name, time].join(","));
    return `id,amount,memo,name,time\n${lines.join("\n")}\n`;
  }

  /** The headers that sign a body. */
  sign(body: string, { secret = this.secret, seconds = Math.floor(Date.now() / 1_000) } = {}): Record<string, string> {
    const id = `call_${++this.calls}`;
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
    return { "webhook-id": id, "webhook-timestamp": `${seconds}`, "webhook-signature": `v1,${signature}` };
  }

  async call(
    url: string,
    movement: object,
    options: Parameters<SimulatedBank["sign"]>[1] = {},
  ): Promise<CallbackAnswer> {
    const body = JSON.stringify(movement);
    const response = await fetch(`${url}/v1/desk/bank/movements`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...this.sign(body, options) },
      body,
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Calls until somebody answers; `url` may change meanwhile. */
  async tell(url: () => string, movement: Movement): Promise<CallbackAnswer> {
    for (;;) {
      try {
        return await this.call(url(), movement);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

// A client that lies: broken frames, forged and foreign transactions, other people's payments sent again, nonsense as text. Nothing
// of it may ever change what others see; the node may cut it off, and it comes back.

import type { SeededRandom } from "../../src/base/random.js";
import { encodeBatchFrame } from "../../src/client/batchFrame.js";
import { type Person, person } from "../support/testChain.js";
import { Payments } from "./customers.js";
import type { SimulatedNetwork, SimulatedSocket } from "./simulatedNetwork.js";

export class Liar {
  private socket: SimulatedSocket | undefined;
  private readonly poor: Person = person("a liar without a coin");
  private readonly foreign = new Payments(new Uint8Array(32).fill(9));

  constructor(
    private readonly payments: Payments,
    private readonly random: SeededRandom,
  ) {}

  read(): string[] {
    return this.socket?.read() ?? [];
  }

  /** Sends something; comes back first where it was cut off. */
  act(network: SimulatedNetwork, height: number, victim: Person): string {
    if (this.socket === undefined || this.socket.closeCode !== undefined) {
      this.socket = network.connect(`liar ${this.random.below(4)}`);
    }
    const { random, socket } = this;
    if (socket === undefined) {
      return "no connection";
    }
    const known = [...this.payments.known.values()];
    const any = known[random.below(Math.max(1, known.length))];
    const send = (...transactions: Uint8Array[]): void => socket.push(encodeBatchFrame(7, transactions, true));
    switch (random.below(8)) {
      case 0:
        socket.push(random.bytes(random.below(200)));
        return "noise";
      case 1:
        socket.push(encodeBatchFrame(1, [random.bytes(1 + random.below(150))], true).slice(0, -random.below(3)));
        return "a frame of noise";
      case 2:
        if (any !== undefined) {
          const forged = any.bytes.slice();
          forged[forged.length - 1 - random.below(64)] ^= 1 << random.below(8);
          send(forged);
        }
        return "a forged signature";
      case 3:
        if (any !== undefined) {
          const altered = any.bytes.slice();
          altered[random.below(altered.length)] ^= 1 << random.below(8);
          send(altered);
        }
        return "an altered payment";
      case 4:
        send(
          ...Array.from(
            { length: 4 },
            () => known[random.below(Math.max(1, known.length))]?.bytes ?? new Uint8Array(1),
          ),
        );
        return "others' payments";
      case 5:
        send(this.foreign.make(this.theft(height, victim)).bytes);
        return "a payment of another chain";
      case 6:
        send(this.payments.make(this.theft(height, this.poor)).bytes);
        return "a payment without coins";
      default:
        socket.push(
          ["{", "[]", '{"type":"subscribe","request":-1}', '{"type":"submit","request":1,"transactions":["zz"]}', "{}"][
            random.below(5)
          ],
        );
        return "nonsense";
    }
  }

  private theft(height: number, payer: Person) {
    return {
      kind: "transfer" as const,
      payer,
      to: Buffer.from(this.poor.address).toString("hex"),
      coin: "TTC" as const,
      amount: 1n + BigInt(this.random.below(1_000_000)),
      reference: undefined,
      lane: this.random.below(3),
      sequence: this.random.below(4),
      validUntil: height + 1 + this.random.below(40),
    };
  }
}

// What the tills are asked to pay: mostly sound, now and then more than there is, to strangers, or with a reference that comes twice.

import { toHex } from "../../src/base/bytes.js";
import type { SeededRandom } from "../../src/base/random.js";
import { formatAddress } from "../../src/protocol/address.js";
import type { LaneJson } from "../../src/protocol/apiTypes.js";
import type { Person } from "../support/testChain.js";
import { COINS, type Till, type Wish } from "./customers.js";
import type { Machine } from "./machine.js";
import type { PlainModel } from "./plainModel.js";

export class Wishes {
  private readonly strangers: string[] = [];

  constructor(
    private readonly random: SeededRandom,
    private readonly machine: Machine,
    private readonly model: PlainModel,
    private readonly payers: readonly Person[],
    private readonly faucet: Person,
  ) {}

  /** Undefined where the node doesn't tell the lane's sequence. */
  async wish(till: Till, before: Wish[]): Promise<Wish | undefined> {
    const payer = till.payers[this.random.below(till.payers.length)];
    const lane = this.random.below(2);
    const name = `${toHex(payer.address)}/${lane}`;
    let sequence = till.sequence(name);
    if (sequence === undefined) {
      const answer = await this.machine.get(`/v1/accounts/${formatAddress(payer.address)}/lanes/${lane}`);
      if (answer?.status !== 200) {
        return undefined;
      }
      sequence = till.sequence(name, (JSON.parse(answer.body) as LaneJson).sequencePending);
    }
    const ahead = before.filter((wish) => wish.payer === payer && wish.lane === lane).length;
    const isMint = payer === this.faucet && this.random.chance(2, 3);
    const coin = isMint ? (["TTM", "TTMI"] as const)[this.random.below(2)] : COINS[this.random.below(COINS.length)];
    return {
      kind: isMint ? "mint" : "transfer",
      payer,
      to: this.payee(),
      coin,
      amount: this.amount(coin),
      reference: isMint || this.random.chance(2, 3) ? undefined : this.reference(),
      lane,
      sequence: (sequence ?? 0) + ahead,
      validUntil: this.model.height + 2 + this.random.below(50),
    };
  }

  private payee(): string {
    if (this.random.chance(1, 8)) {
      this.strangers.push(toHex(this.random.bytes(32)));
    }
    const { length } = this.strangers;
    return length > 0 && this.random.chance(1, 3)
      ? this.strangers[this.random.below(length)]
      : toHex(this.payers[this.random.below(this.payers.length)].address);
  }

  private amount(coin: string): bigint {
    const unit = coin === "TTC" ? 10_000_000n : 10n;
    return this.random.chance(1, 12) ? unit * 10n ** 9n : 1n + BigInt(this.random.below(500)) * unit;
  }

  /** Out of few, so that some come twice; some have expired and some lie too far ahead. */
  private reference(): string {
    const bytes = Buffer.alloc(32, this.random.below(3));
    const ahead = [-1, 4, 12, 40, 200][this.random.below(5)];
    const height = Math.max(0, Math.floor(this.model.height / 8) * 8 + ahead);
    bytes.writeBigUInt64LE(BigInt(height), 0);
    return bytes.toString("hex");
  }
}

// Those who pay: keys, signed payments and what is known of each, and the tills that send them and want to hear their end. A till
// whose connection breaks sends everything again that it has not heard the end of, as a good client does.

import { toHex } from "../../src/base/bytes.js";
import type { SeededRandom } from "../../src/base/random.js";
import { encodeBatchFrame } from "../../src/client/batchFrame.js";
import type { NodeMessage } from "../../src/protocol/apiTypes.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import {
  chainTag,
  encodeBody,
  encodeTransaction,
  signingMessage,
  transactionId,
} from "../../src/protocol/transaction.js";
import { ed25519 } from "../../src/wasm/ed25519.js";
import { type Person, person } from "../support/testChain.js";
import type { Coin, Payment } from "./plainModel.js";
import type { SimulatedNetwork, SimulatedSocket } from "./simulatedNetwork.js";

/** What one payment is signed for. */
export type Wish = Omit<Payment, "id" | "from"> & { payer: Person };

const FEE_LIMIT = 1n << 60n;
const BATCH_MAX = 12;

/** All payments ever made, by id: what may stand in a block. */
export class Payments {
  readonly known = new Map<string, { payment: Payment; bytes: Uint8Array }>();

  constructor(readonly genesisHash: Uint8Array) {}

  make({ payer, ...wish }: Wish): { payment: Payment; bytes: Uint8Array } {
    const to = Buffer.from(wish.to, "hex");
    const operation: Operation =
      wish.kind === "mint"
        ? { kind: "mint", account: 0, token: wish.coin, to, amount: wish.amount }
        : { kind: "transfer", account: 0, to, token: wish.coin, amount: wish.amount };
    if (operation.kind === "transfer" && wish.reference !== undefined) {
      operation.reference = Buffer.from(wish.reference, "hex");
    }
    const body = encodeBody({
      chainTag: chainTag(this.genesisHash),
      signers: [{ address: payer.address, publicKey: payer.publicKey }],
      feePayer: 0,
      lane: wish.lane,
      sequence: wish.sequence,
      validUntil: wish.validUntil,
      feeToken: wish.kind === "mint" ? "TTC" : wish.coin,
      feeLimit: FEE_LIMIT,
      operations: [operation],
    });
    const signature = ed25519.sign(signingMessage(this.genesisHash, body), payer.seed);
    const payment: Payment = { ...wish, id: toHex(transactionId(body)), from: toHex(payer.address) };
    const made = { payment, bytes: encodeTransaction(body, [signature]) };
    this.known.set(payment.id, made);
    return made;
  }
}

/** What a till heard about a payment's end. */
export interface Final {
  id: string;
  /** 0 committed, 202 expired, a 3xx failed. */
  number: number;
  height: number;
}

export class Till {
  /** Not heard the end of, in the order of making. */
  readonly open = new Map<string, { payment: Payment; bytes: Uint8Array }>();
  /** Accepted on the present connection with a wish to hear the end. */
  readonly watched = new Map<string, number>();
  /** Finals and refusals that nobody has looked at yet. */
  readonly finals: Final[] = [];
  readonly refusals: { id: string; code: string }[] = [];
  private readonly sequences = new Map<string, number>();
  private requests = new Map<number, string[]>();
  private requestNext = 1;
  private socket: SimulatedSocket | undefined;
  /** On their way to the node. */
  private wire: Uint8Array[] = [];

  constructor(
    readonly name: string,
    readonly payers: readonly Person[],
    private readonly payments: Payments,
    private readonly random: SeededRandom,
  ) {}

  get isConnected(): boolean {
    return this.socket !== undefined && this.socket.closeCode === undefined;
  }

  connect(network: SimulatedNetwork): void {
    this.socket = network.connect(`till ${this.name}`);
    this.requests = new Map();
    this.watched.clear();
    this.wire = [];
    if (this.socket !== undefined) {
      this.sendAgain();
    }
  }

  disconnect(): void {
    this.socket?.close();
    this.socket = undefined;
    this.watched.clear();
  }

  /** Everything open goes out again. */
  sendAgain(): void {
    const all = [...this.open.values()];
    for (let start = 0; start < all.length; start += BATCH_MAX) {
      this.enqueue(all.slice(start, start + BATCH_MAX));
    }
  }

  private enqueue(batch: { payment: Payment; bytes: Uint8Array }[]): void {
    const request = this.requestNext++;
    this.requests.set(
      request,
      batch.map(({ payment }) => payment.id),
    );
    this.wire.push(
      encodeBatchFrame(
        request,
        batch.map(({ bytes }) => bytes),
        true,
      ),
    );
  }

  /** The sequence that the next payment of the lane takes; `fromNode` where the till has lost count. */
  sequence(lane: string, fromNode?: number): number | undefined {
    if (fromNode !== undefined) {
      this.sequences.set(lane, fromNode);
    }
    return this.sequences.get(lane);
  }

  forgetSequence(lane: string): void {
    this.sequences.delete(lane);
  }

  /** Sends new payments in one frame. */
  pay(wishes: Wish[]): void {
    const batch = wishes.map((wish) => this.payments.make(wish));
    for (const made of batch) {
      const { payment } = made;
      this.open.set(payment.id, made);
      this.sequences.set(`${payment.from}/${payment.lane}`, payment.sequence + 1);
    }
    this.enqueue(batch);
  }

  /** Lets frames reach the node: in order, out of order, or twice. */
  deliver(mess: boolean): void {
    while (this.wire.length > 0 && this.isConnected) {
      const at = mess ? this.random.below(this.wire.length) : 0;
      const [frame] = this.wire.splice(at, 1);
      this.socket!.push(frame);
      if (mess && this.random.chance(1, 3)) {
        this.socket!.push(frame);
      }
      if (mess && this.random.chance(1, 6)) {
        return;
      }
    }
  }

  /** Reads what the node sent; gives the texts, for the trace. */
  read(): string[] {
    const texts = this.socket?.read() ?? [];
    for (const text of texts) {
      this.take(JSON.parse(text) as NodeMessage);
    }
    return texts;
  }

  private take(message: NodeMessage): void {
    if (message.type === "results") {
      const ids = this.requests.get(message.request) ?? [];
      const refused = new Map(message.refused.map(([index, code]) => [index, code]));
      ids.forEach((id, index) => {
        const code = refused.get(index);
        if (code === undefined || code === "DUPLICATE") {
          // It may have been told before the results of a repetition.
          if (this.open.has(id)) {
            this.watched.set(id, this.open.get(id)!.payment.validUntil);
          }
        } else {
          this.refusals.push({ id, code });
        }
      });
    } else if (message.type === "final") {
      for (const [request, index, number] of message.items) {
        const id = this.requests.get(request)?.[index];
        if (id !== undefined) {
          this.watched.delete(id);
          this.finals.push({ id, number, height: message.height });
        }
      }
    }
  }
}

/** People with keys made of their names. */
export function people(prefix: string, count: number): Person[] {
  return Array.from({ length: count }, (_, i) => person(`${prefix} ${i}`));
}

export const COINS: readonly Coin[] = ["TTC", "TTC", "TTC", "TTM", "TTMI"];

// Holds the node to everything that it said: blocks, results, refusals for good. Each new block goes through the plain model; each
// promise is kept for ever; after each step some of them are asked for again.

import type { SeededRandom } from "../../src/base/random.js";
import { formatAddress } from "../../src/protocol/address.js";
import type {
  AccountJson,
  BlockJson,
  HistoryJson,
  StatusJson,
  TransactionStateJson,
} from "../../src/protocol/apiTypes.js";
import { type ErrorCode, errorNumber } from "../../src/protocol/errors.js";
import type { Final, Payments, Till } from "./customers.js";
import type { Machine } from "./machine.js";
import type { PlainModel } from "./plainModel.js";

const EXPIRED = errorNumber("EXPIRED");

interface SaidBlock {
  hash: string;
  stateRoot: string;
}

export class Referee {
  /** What was said of each block, by whoever heard it first. */
  readonly blocks = new Map<number, SaidBlock>();
  /** Where each committed payment stands, and with which code. */
  readonly places = new Map<string, { height: number; code: string }>();
  /** What a till was told and no block has shown yet. */
  private readonly told = new Map<string, Final>();
  private readonly toldExpired = new Set<string>();
  /** The highest height that anybody was told. */
  private heightPromised = 0;

  constructor(
    private readonly machine: Machine,
    private readonly model: PlainModel,
    private readonly payments: Payments,
    private readonly random: SeededRandom,
  ) {}

  /** Somebody was told of a block. */
  onBlockSaid(height: number, hash: string, stateRoot: string): void {
    const before = this.blocks.get(height);
    if (before !== undefined && (before.hash !== hash || before.stateRoot !== stateRoot)) {
      throw new Error(`block ${height} was ${before.hash}, now it is said to be ${hash}`);
    }
    this.blocks.set(height, { hash, stateRoot });
    this.heightPromised = Math.max(this.heightPromised, height);
  }

  /** A till was told the end of a payment. */
  onFinal(final: Final): void {
    const { id, number, height } = final;
    const place = this.places.get(id);
    if (number === EXPIRED) {
      if (place !== undefined) {
        throw new Error(`${id} stands in block ${place.height}, and was told to have expired`);
      }
      this.toldExpired.add(id);
      return;
    }
    this.heightPromised = Math.max(this.heightPromised, height);
    if (place === undefined) {
      this.told.set(id, final);
    } else {
      this.expectSame(final, place);
    }
  }

  private expectSame({ id, number, height }: Final, place: { height: number; code: string }): void {
    const code = place.code === "OK" ? 0 : errorNumber(place.code as ErrorCode);
    if (place.height !== height || code !== number) {
      throw new Error(
        `${id} was told to end in block ${height} with ${number}; block ${place.height} says ${place.code}`,
      );
    }
  }

  private async ask<T>(path: string): Promise<T | undefined> {
    const answer = await this.machine.get(path);
    if (
      answer === undefined ||
      (answer.status >= 500 && (this.machine.failure !== undefined || this.machine.isCrashing))
    ) {
      // Gone, or found that its disk is damaged: others see to that.
      return undefined;
    }
    if (answer.status === 404 && answer.body.includes("HEIGHT_NOT_KEPT")) {
      return undefined;
    }
    if (answer.status !== 200) {
      throw new Error(`${path} is answered with ${answer.status} ${answer.body}`);
    }
    return JSON.parse(answer.body) as T;
  }

  /** Takes in the blocks that came since the last time. */
  async followChain(): Promise<void> {
    const status = await this.ask<StatusJson>("/v1/status");
    if (status === undefined) {
      return;
    }
    if (status.height < this.heightPromised) {
      throw new Error(`block ${this.heightPromised} was told, and the node is at height ${status.height}`);
    }
    while (this.model.height < status.height) {
      const block = await this.ask<BlockJson>(`/v1/blocks/${this.model.height + 1}`);
      if (block === undefined) {
        if (this.machine.failure === undefined && !this.machine.isCrashing && (await this.isServed(status.height))) {
          throw new Error(`block ${this.model.height + 1} is gone, and the node is only at height ${status.height}`);
        }
        return;
      }
      this.takeBlock(block);
    }
  }

  private async isServed(height: number): Promise<boolean> {
    return (await this.ask<BlockJson>(`/v1/blocks/${height}`)) !== undefined;
  }

  private takeBlock(block: BlockJson): void {
    this.onBlockSaid(block.height, block.hash, block.result.stateRoot);
    const payments = block.transactions.map(({ id }) => {
      const known = this.payments.known.get(id);
      if (known === undefined) {
        throw new Error(`block ${block.height} holds ${id}, which nobody signed`);
      }
      if (this.toldExpired.has(id)) {
        throw new Error(`block ${block.height} holds ${id}, which was told to have expired`);
      }
      return known.payment;
    });
    const outcomes = this.model.block(payments);
    outcomes.forEach((outcome, index) => {
      const { code, fee } = block.transactions[index];
      if (code !== outcome.code || fee !== `${outcome.fee}`) {
        throw new Error(
          `${outcome.id}: the model says ${outcome.code} for ${outcome.fee}, the receipt ${code} for ${fee}`,
        );
      }
      this.places.set(outcome.id, { height: block.height, code });
      const told = this.told.get(outcome.id);
      if (told !== undefined) {
        this.expectSame(told, { height: block.height, code });
        this.told.delete(outcome.id);
      }
    });
    for (const { id, height } of this.told.values()) {
      if (height <= block.height) {
        throw new Error(`${id} was told to stand in block ${height}, and doesn't`);
      }
    }
    const root = this.model.root();
    if (root !== block.result.stateRoot) {
      throw new Error(`block ${block.height} has state root ${block.result.stateRoot}, the model ${root}`);
    }
  }

  /** Asks for some of what was said before: a block, a payment, a balance. */
  async spotCheck(): Promise<void> {
    if (this.blocks.size > 0) {
      await this.checkBlock(1 + this.random.below(Math.min(this.model.height, this.heightPromised) || 1));
    }
    const ids = [...this.places.keys()];
    if (ids.length > 0) {
      await this.checkPayment(ids[this.random.below(ids.length)]);
    }
    const addresses = [...this.model.accounts.keys()];
    const address = addresses[this.random.below(addresses.length)];
    await this.checkAccount(address);
    if (this.random.chance(1, 8)) {
      await this.checkHistory(address);
    }
  }

  private async checkBlock(height: number): Promise<void> {
    const block = await this.ask<BlockJson>(`/v1/blocks/${height}`);
    const said = this.blocks.get(height);
    if (block === undefined || said === undefined) {
      return;
    }
    if (block.hash !== said.hash || block.result.stateRoot !== said.stateRoot) {
      throw new Error(`block ${height} was ${said.hash}, and is now served as ${block.hash}`);
    }
    for (const { id, code } of block.transactions) {
      const place = this.places.get(id);
      if (place !== undefined && (place.height !== height || place.code !== code)) {
        throw new Error(`${id} stood in block ${place.height} with ${place.code}, now in ${height} with ${code}`);
      }
    }
  }

  private async checkPayment(id: string): Promise<void> {
    const found = await this.ask<TransactionStateJson>(`/v1/transactions/${id}`);
    const place = this.places.get(id)!;
    if (found === undefined) {
      return;
    }
    const state = place.code === "OK" ? "committed" : "failed";
    const ended = found.state === "committed" || found.state === "failed" ? found : undefined;
    if (ended?.state !== state || ended.height !== place.height || ended.receipt.code !== place.code) {
      const now = `${found.state} in ${ended?.height} with ${ended?.receipt.code}`;
      throw new Error(`${id} was ${state} in block ${place.height} with ${place.code}, and is now ${now}`);
    }
  }

  private async checkAccount(address: string): Promise<void> {
    const text = formatAddress(Buffer.from(address, "hex"));
    const account = await this.ask<AccountJson>(`/v1/accounts/${text}`);
    if (account !== undefined && account.height === this.model.height) {
      for (const coin of ["TTC", "TTM", "TTMI"] as const) {
        const expected = this.model.balance(address, coin);
        if (account.balances[coin] !== `${expected}`) {
          throw new Error(`${text} holds ${expected} ${coin}, the node says ${account.balances[coin]}`);
        }
      }
    }
  }

  /** Whoever waits on an open connection was told with the block, or by the height at which it can't be any more. */
  expectTold(till: Till): void {
    for (const [id, validUntil] of till.watched) {
      if (this.places.has(id) || this.model.height > validUntil + 1) {
        throw new Error(`till ${till.name} was never told the end of ${id}, valid until ${validUntil}`);
      }
    }
  }

  /** Everything that was ever said, once more. */
  async checkAll(): Promise<void> {
    if (this.told.size > 0) {
      throw new Error(`${[...this.told.keys()][0]} was told to be final, and no block holds it`);
    }
    for (let height = 1; height <= this.model.height; height++) {
      await this.checkBlock(height);
    }
    for (const id of this.places.keys()) {
      await this.checkPayment(id);
    }
    for (const address of this.model.accounts.keys()) {
      await this.checkAccount(address);
      await this.checkHistory(address);
    }
  }

  /** What an account's history says went in and out is what the model moved. */
  private async checkHistory(address: string): Promise<void> {
    const text = formatAddress(Buffer.from(address, "hex"));
    const seen = new Map<string, number>();
    let next: string | undefined;
    do {
      const page = await this.ask<HistoryJson>(
        `/v1/accounts/${text}/history?limit=100${next === undefined ? "" : `&before=${next}`}`,
      );
      if (page === undefined) {
        return;
      }
      // A slow disk lets time pass while the node is asked, and a block may have come.
      for (const { id, direction } of page.entries.filter((entry) => entry.height <= this.model.height)) {
        const name = `${id} ${direction}`;
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }
      next = page.next;
    } while (next !== undefined);
    const expected = this.historyOf(address);
    const names = new Set([...seen.keys(), ...expected]);
    for (const name of names) {
      if (seen.get(name) !== 1 || !expected.has(name)) {
        throw new Error(
          `the history of ${text} has ${seen.get(name) ?? 0} entries "${name}", expected ${expected.has(name) ? 1 : 0}`,
        );
      }
    }
  }

  private historyOf(address: string): Set<string> {
    const names = new Set<string>();
    for (const [id, { code }] of this.places) {
      const { from, to, kind } = this.payments.known.get(id)!.payment;
      if (from === address) {
        names.add(`${id} ${kind === "mint" || to === from ? "self" : "out"}`);
      }
      if (to === address && to !== from && code === "OK") {
        names.add(`${id} in`);
      }
    }
    return names;
  }
}

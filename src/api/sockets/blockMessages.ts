// What subscribers are told of one block. Each transaction is written as JSON once, however many topics show it.

import { bytesKey, equalBytes, toHex } from "../../base/bytes.js";
import { summaryOf } from "../../history/blockSummary.js";
import type { BlockSummary } from "../../history/history.js";
import { involvedAddresses, payeesOf } from "../../history/involvedAddresses.js";
import type { ContractEventJson, SubscriptionTopic } from "../../protocol/apiTypes.js";
import type { CommittedBlock } from "../../storage/committedBlock.js";
import { blockSummaryJson } from "../json/blockJson.js";
import { contractEventsOf, type ToldEvent } from "../json/contractEventJson.js";
import { receiptCode } from "../json/receiptJson.js";
import { transactionSummaryJson } from "../json/transactionJson.js";
import type { Topic } from "./topic.js";

/** Topics of one address each. */
export type AddressKind = "account" | "payments" | "contract";

export function isAddressKind(kind: SubscriptionTopic): kind is AddressKind {
  return kind === "account" || kind === "payments" || kind === "contract";
}

/** The message of a block's summary. */
export function summaryText(topic: Topic, summary: BlockSummary): string {
  return JSON.stringify({ type: "block", subscription: topic.number, block: blockSummaryJson(summary) });
}

export class BlockMessages {
  private readonly transactionTexts: string[] = [];
  /** By transaction. */
  private readonly events: ToldEvent[][] = [];

  constructor(readonly block: CommittedBlock) {}

  /** The message for a topic; undefined where the block holds nothing of it. */
  textFor(topic: Topic): string | undefined {
    if (topic.kind === "blocks") {
      return summaryText(topic, summaryOf(this.block));
    }
    if (topic.kind === "transactions") {
      return this.transactionsText(topic, [...this.block.transactions.keys()]);
    }
    const { kind, address } = topic;
    const indexes = [...this.block.transactions.keys()].filter((index) =>
      this.addressesOf(kind, index).some((other) => address !== undefined && equalBytes(other, address)),
    );
    return this.addressText(topic, indexes);
  }

  /** The same for many topics of one kind, by their addresses, in one pass over the block. */
  *textsFor(kind: AddressKind, topics: ReadonlyMap<string, Topic[]>): Iterable<[Topic, string]> {
    const found = new Map<Topic, number[]>();
    for (const index of this.block.transactions.keys()) {
      for (const address of this.addressesOf(kind, index)) {
        for (const topic of topics.get(bytesKey(address)) ?? []) {
          const indexes = found.get(topic);
          if (indexes === undefined) {
            found.set(topic, [index]);
          } else {
            indexes.push(index);
          }
        }
      }
    }
    for (const [topic, indexes] of found) {
      const text = this.addressText(topic, indexes);
      if (text !== undefined) {
        yield [topic, text];
      }
    }
  }

  private addressesOf(kind: AddressKind, index: number): Uint8Array[] {
    const transaction = this.block.transactions[index];
    if (kind === "contract") {
      const contracts = this.eventsOf(index).map(({ contract }) => contract);
      return contracts.filter((one, place) => contracts.findIndex((other) => equalBytes(one, other)) === place);
    }
    const succeeded = receiptCode(this.block.receipts[index]) === 0;
    if (kind === "account") {
      return involvedAddresses(transaction, succeeded);
    }
    return succeeded ? payeesOf(transaction) : [];
  }

  private eventsOf(index: number): ToldEvent[] {
    this.events[index] ??= contractEventsOf(this.block.receipts[index]);
    return this.events[index];
  }

  /** What the transactions with these indexes tell a topic of an address. */
  private addressText(topic: Topic, indexes: number[]): string | undefined {
    const { kind, address, number } = topic;
    if (kind !== "contract" || address === undefined) {
      return this.transactionsText(topic, indexes);
    }
    const events: ContractEventJson[] = indexes.flatMap((index) => {
      const id = toHex(this.block.transactions[index].id);
      const own = this.eventsOf(index).filter(({ contract }) => equalBytes(contract, address));
      return own.map(({ name, args }) => ({ id, name, args }));
    });
    const { height, block } = this.block;
    const message = { type: "contractEvents", subscription: number, height, timeMs: block.header.timeMs, events };
    return events.length === 0 ? undefined : JSON.stringify(message);
  }

  private transactionsText(topic: Topic, indexes: number[]): string | undefined {
    if (indexes.length === 0) {
      return undefined;
    }
    const { height, block } = this.block;
    const list = indexes.map((index) => this.transactionText(index)).join(",");
    const head = `"type":"transactions","subscription":${topic.number},"height":${height},"timeMs":${block.header.timeMs}`;
    return `{${head},"transactions":[${list}]}`;
  }

  private transactionText(index: number): string {
    this.transactionTexts[index] ??= JSON.stringify(
      transactionSummaryJson(this.block.transactions[index], this.block.receipts[index]),
    );
    return this.transactionTexts[index];
  }
}

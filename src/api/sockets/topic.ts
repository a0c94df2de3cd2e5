// What connections subscribe to. Topics are shared: everybody who subscribes to one knows it by the same
// number, so that a message is written once for all of them. A connection's second subscription to the same things goes
// to another topic of the same family, so that the numbers of one connection differ.

import type { SubscriptionTopic } from "../../protocol/apiTypes.js";

export interface Topic {
  /** What clients know the subscription by. */
  readonly number: number;
  readonly kind: SubscriptionTopic;
  /** Of an account, a payee or a contract. */
  readonly address: Uint8Array | undefined;
  /** What it tells of: topics of one family tell the same. */
  readonly family: string;
  /** What uWebSockets.js knows it by. */
  readonly name: string;
  subscribers: number;
}

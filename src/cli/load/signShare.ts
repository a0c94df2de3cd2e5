// One thread's share of the signing: every n-th item of the plan, its bytes one behind the other.

import type { ChainView } from "../../client/buildTransaction.js";
import { makeFleet } from "./fleet.js";
import { signItem } from "./itemTransaction.js";
import { makePlan, type PlanOptions } from "./plan.js";

export interface SignShareRequest {
  plan: PlanOptions;
  chain: ChainView;
  sequencesFirst: number[];
  validUntil: number;
  /** This thread takes the items with index modulo `threads` equal to `thread`. */
  thread: number;
  threads: number;
  contract?: Uint8Array | undefined;
}

export interface SignedShare {
  /** The transactions, one behind the other, in the order of their items; duplicates have none. */
  packed: Uint8Array<ArrayBuffer>;
  /** Where each begins; one more than there are transactions. */
  offsets: Uint32Array<ArrayBuffer>;
  /** 32 bytes each. */
  ids: Uint8Array<ArrayBuffer>;
}

export function signShare(request: SignShareRequest): SignedShare {
  const { thread, threads, chain, sequencesFirst, validUntil } = request;
  const plan = makePlan(request.plan);
  const { accounts } = makeFleet(request.plan);
  const { contract } = request;
  const context = {
    chain,
    accounts,
    seed: request.plan.seed,
    plan,
    sequencesFirst,
    validUntil,
    ...(contract ? { contract } : {}),
  };
  const own = plan.items.filter((item) => item.index % threads === thread && item.kind !== "duplicate");
  const signed = own.map((item) => signItem(context, item));
  const offsets = new Uint32Array(signed.length + 1);
  for (const [i, { bytes }] of signed.entries()) {
    offsets[i + 1] = offsets[i] + bytes.length;
  }
  const packed = new Uint8Array(offsets[signed.length]);
  const ids = new Uint8Array(32 * signed.length);
  for (const [i, { bytes, id }] of signed.entries()) {
    packed.set(bytes, offsets[i]);
    ids.set(id, 32 * i);
  }
  return { packed, offsets, ids };
}

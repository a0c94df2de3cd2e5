// The daily proof that every TTM stands for a won that came to the bank: what the chain says is in circulation, at a height whose
// delegates signed for it, against the desk's recorded deposits and payouts. Differences are named, never smoothed.

import type { Deposit } from "../deposits.js";
import type { Order } from "../order.js";

export interface DailyProof {
  /** UTC date. */
  day: string;
  height: number;
  /** Key of the token's leaf, hex: `/v1/proofs/<key>?height=<height>` proves the supply to anybody. */
  stateKey: string;
  /** Units of TTM in circulation by the chain. */
  supplyUnits: string;
  /** Won of deposits, and what became of them. */
  depositsWon: string;
  mintedWon: string;
  waitingWon: string;
  returnedWon: string;
  /** Won paid out for TTM, and how much of that TTM is burned already. */
  paidOutWon: string;
  burnedUnits: string;
  /** What may have been minted or burned at that height or after it: orders that were under way. */
  mintingUnits: string;
  burningUnits: string;
  /** Supply beyond what was minted and not burned: from -burningUnits to mintingUnits where all is well, so 0 while nothing is under way. */
  differenceUnits: string;
  isComplete: boolean;
}

interface ProofSource {
  day: string;
  height: number;
  stateKey: string;
  supplyUnits: bigint;
  /** TTM that was in circulation before this desk began, by the operator's word: 0 on a chain of its own. */
  openingUnits: bigint;
  deposits: readonly Deposit[];
  /** As they stood before the supply was read, and after. */
  ordersBefore: readonly Order[];
  ordersAfter: readonly Order[];
}

function sum(values: Iterable<string>): bigint {
  let total = 0n;
  for (const value of values) {
    total += BigInt(value);
  }
  return total;
}

/** How many of a redemption's steps are done: 1 received, 2 paid out, 3 burned. */
function stepsDone(order: Order): number {
  return order.state === "done" ? order.steps.length : order.state === "running" ? order.at : 0;
}

function unitsOf(order: Order): string {
  const [step] = order.steps;
  return step.kind === "pay" ? step.shares[0].units : step.units;
}

interface Redeemed {
  minted: bigint;
  paidOut: bigint;
  burned: bigint;
  /** Charges and paid-out redemptions that were not done. */
  minting: bigint;
  burning: bigint;
}

function tally(orders: readonly Order[]): Redeemed {
  const charges = orders.filter(({ kind, state }) => kind === "charge" && state !== "undone");
  const redemptions = orders.filter(({ kind }) => kind === "redeem");
  const paidOut = redemptions.filter((order) => stepsDone(order) >= 2);
  const isDone = ({ state }: Order): boolean => state === "done";
  return {
    minted: sum(charges.filter(isDone).map(unitsOf)),
    minting: sum(charges.filter((order) => !isDone(order)).map(unitsOf)),
    paidOut: sum(paidOut.map(unitsOf)),
    burned: sum(paidOut.filter(isDone).map(unitsOf)),
    burning: sum(paidOut.filter((order) => !isDone(order)).map(unitsOf)),
  };
}

export function dailyProof(source: ProofSource): DailyProof {
  const { deposits, ordersBefore, ordersAfter, supplyUnits, openingUnits, ...at } = source;
  const [before, after] = [tally(ordersBefore), tally(ordersAfter)];
  // Done before: certainly in the supply. Begun by now and not done before: perhaps.
  const minting = after.minted + after.minting - before.minted;
  const burning = after.burned + after.burning - before.burned;
  const difference = supplyUnits - openingUnits - (before.minted - before.burned);
  const depositsWon = sum(deposits.map(({ units }) => units));
  const returnedWon = sum(deposits.filter(({ state }) => state === "returned").map(({ units }) => units));
  return {
    ...at,
    supplyUnits: supplyUnits.toString(),
    depositsWon: depositsWon.toString(),
    mintedWon: before.minted.toString(),
    waitingWon: (depositsWon - before.minted - returnedWon).toString(),
    returnedWon: returnedWon.toString(),
    paidOutWon: before.paidOut.toString(),
    burnedUnits: before.burned.toString(),
    mintingUnits: minting.toString(),
    burningUnits: burning.toString(),
    differenceUnits: difference.toString(),
    // What was minted beyond the deposits, or burned without being paid out, would show here too.
    isComplete:
      difference <= minting &&
      difference >= -burning &&
      before.minted <= depositsWon &&
      before.burned <= before.paidOut,
  };
}

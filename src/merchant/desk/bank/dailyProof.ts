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
  /** Supply that neither deposits nor redemptions under way explain; 0 where all is well. */
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
  orders: readonly Order[];
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

export function dailyProof(source: ProofSource): DailyProof {
  const { deposits, orders, supplyUnits, openingUnits, ...at } = source;
  const of = (state: Deposit["state"]): bigint =>
    sum(deposits.filter((deposit) => deposit.state === state).map(({ units }) => units));
  const mintedWon = sum(orders.filter(({ kind, state }) => kind === "charge" && state === "done").map(unitsOf));
  const redemptions = orders.filter(({ kind }) => kind === "redeem");
  const paidOutWon = sum(redemptions.filter((order) => stepsDone(order) >= 2).map(unitsOf));
  const burnedUnits = sum(redemptions.filter((order) => stepsDone(order) >= 3).map(unitsOf));
  const difference = supplyUnits - openingUnits - (mintedWon - burnedUnits);
  const depositsWon = sum(deposits.map(({ units }) => units));
  return {
    ...at,
    supplyUnits: supplyUnits.toString(),
    depositsWon: depositsWon.toString(),
    mintedWon: mintedWon.toString(),
    waitingWon: (depositsWon - mintedWon - of("returned")).toString(),
    returnedWon: of("returned").toString(),
    paidOutWon: paidOutWon.toString(),
    burnedUnits: burnedUnits.toString(),
    differenceUnits: difference.toString(),
    // What was minted beyond the deposits, or burned without being paid out, would show here too.
    isComplete: difference === 0n && mintedWon <= depositsWon && burnedUnits <= paidOutWon,
  };
}

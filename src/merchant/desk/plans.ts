// The kinds of order that the desk takes, each as its steps. Payments come before what can't be undone, and burning comes last.

import type { TokenId } from "../../protocol/tokens.js";
import { convert, type Rate, split } from "./convert.js";
import type { Step } from "./order.js";

/** A partner's points: what takes and gives them, the purse that holds the partner's reserve, and what a point is worth in the reserve's token. */
export interface PointsPartner {
  name: string;
  /** Name of its outside ledger. */
  ledger: string;
  /** Purse with the partner's reserve, in TTC. */
  purse: string;
  /** So many points for so many TTC units. */
  rate: Rate;
}

/** Won that came to the bank as TTM for an address. */
export function chargePlan(purse: string, to: string, units: bigint): Step[] {
  return [{ kind: "pay", purse, token: "TTM", mint: true, shares: [{ to, units: units.toString() }] }];
}

/** TTM that its holder pays to the purse, as won to a bank account; then it is burned. */
export function redeemPlan(
  purse: string,
  bank: string,
  { account, units, expiryHeight }: { account: string; units: bigint; expiryHeight: number },
): Step[] {
  const text = units.toString();
  return [
    { kind: "await", purse, token: "TTM", units: text, expiryHeight },
    { kind: "give", ledger: bank, account, units: text },
    { kind: "burn", purse, token: "TTM", units: text },
  ];
}

/** Points of a partner, destroyed there, as TTC out of the partner's reserve. */
export function pointsPlan(partner: PointsPartner, account: string, points: bigint, to: string): Step[] {
  const units = convert(points, partner.rate).toString();
  return [
    { kind: "take", ledger: partner.ledger, account, units: points.toString() },
    { kind: "pay", purse: partner.purse, token: "TTC", mint: false, shares: [{ to, units }] },
  ];
}

/** Points of one company as points of another; the first's reserve pays the second's what they are worth. */
export function swapPlan(
  from: PointsPartner & { account: string },
  to: PointsPartner & { account: string; address: string },
  points: bigint,
): { steps: Step[]; pointsGiven: bigint } {
  const worth = convert(points, from.rate);
  const pointsGiven = convert(worth, { from: to.rate.to, to: to.rate.from });
  const steps: Step[] = [
    { kind: "take", ledger: from.ledger, account: from.account, units: points.toString() },
    {
      kind: "pay",
      purse: from.purse,
      token: "TTC",
      mint: false,
      shares: [{ to: to.address, units: worth.toString() }],
      toPurse: to.purse,
    },
    { kind: "give", ledger: to.ledger, account: to.account, units: pointsGiven.toString() },
  ];
  return { steps, pointsGiven };
}

/** One amount among several in one transaction, by weights: 30 to the platform, 70 to the creator. Shares of 0 are left out. */
export function rewardPlan(
  purse: string,
  token: TokenId,
  units: bigint,
  receivers: readonly { to: string; weight: bigint }[],
): Step[] {
  const parts = split(
    units,
    receivers.map(({ weight }) => weight),
  );
  const shares = receivers.flatMap(({ to }, index) =>
    parts[index] > 0n ? [{ to, units: parts[index].toString() }] : [],
  );
  return [{ kind: "pay", purse, token, mint: false, shares }];
}

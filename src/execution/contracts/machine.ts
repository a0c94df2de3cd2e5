// This thread's contract machines, one for each set of prices: a vote may change them while the machine of the old ones is still asked. A
// machine is made when it first runs a contract; what it keeps are images of loaded contracts, which change how long a call takes
// and nothing else.

import { type GasSchedule, isSameSchedule } from "../../protocol/gasSchedule.js";
import { LvmMachine } from "../lvm/lvmMachine.js";

const MACHINES_KEPT = 2;

let machines: { prices: GasSchedule; machine: LvmMachine }[] = [];

export function contractMachine(prices: GasSchedule): LvmMachine {
  const kept = machines.find((one) => isSameSchedule(one.prices, prices));
  if (kept !== undefined) {
    // The next question is of the same object: every block reads its parameters anew.
    kept.prices = prices;
    return kept.machine;
  }
  const machine = new LvmMachine({ prices });
  machines = [{ prices, machine }, ...machines].slice(0, MACHINES_KEPT);
  return machine;
}
